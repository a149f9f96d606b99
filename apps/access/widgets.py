"""Controls that Django does not have."""

from typing import Any

from django import forms
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString


class Ticks(forms.CheckboxSelectMultiple):
    """Boxes in a group that says what they are ticks of, to people who hear the page too."""

    use_fieldset = False  # Django's own would have no legend in the back office

    def __init__(self, legend: str | Promise) -> None:
        super().__init__()
        self.legend = legend

    def render(
        self, name: str, value: Any, attrs: dict[str, Any] | None = None, renderer: Any = None
    ) -> SafeString:
        # The back office gives the help of a group no id that a box could point at.
        plain = {key: text for key, text in (attrs or {}).items() if key != "aria-describedby"}
        boxes = super().render(name, value, plain, renderer)
        return format_html(
            '<fieldset class="ticks"><legend class="visually-hidden">{}</legend>{}</fieldset>',
            self.legend,
            boxes,
        )
