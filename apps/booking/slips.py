"""The QR code on the slip."""

import segno
from django.utils.safestring import SafeString, mark_safe


def draw_qr(text: str) -> SafeString:
    """`text` as inline SVG without script or style; a quarter of it may be dirty (level Q)."""
    # Safe: segno draws the modules as a path; the text itself does not appear in the markup.
    return mark_safe(segno.make_qr(text, error="q").svg_inline(omitsize=True, border=4))  # noqa: S308
