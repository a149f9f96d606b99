"""A rush on a slot that is full: a small page that has all that was typed and leads back to the form."""

from html import escape
from uuid import UUID

from django.db import Error
from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils import translation
from django.utils.safestring import SafeString

from apps.accounts.http import PersonRequest
from apps.accounts.middleware import actor_of_stranger
from apps.audit.lag import require_sealing
from apps.audit.services import LogUnavailable
from apps.booking import services
from apps.booking.sold_out import sold_out


def refuse_rush(request: PersonRequest, reading_id: UUID) -> HttpResponse | None:
    """At the door: the page for a form whose slot was full a moment ago and still is.

    None for every other one, and when something else is to be said: it goes its usual way.
    """
    if "update" in request.POST:
        return None
    try:
        slot, form = UUID(request.POST["slot"]), UUID(request.POST["key"])
    except (KeyError, ValueError):
        return None
    if not sold_out.knows(slot) or not _log_is_sealed():
        return None
    values = services.ask_full(
        slot=slot,
        reading=reading_id,
        form=form,
        refusal=_refusal(),
        by=actor_of_stranger(request),
    )
    try:
        refused = request.session.answer(services.REFUSED, **values)
    except Error:  # no row, no refusal; the usual way says what does not work
        return None
    if refused is None:
        sold_out.forget(slot)  # else everybody who comes for a place that was given back asks twice
        return None
    return _show_sold_out(request)


def _refusal() -> services.SlotFull:
    return services.SlotFull(reason="slot_full")


def _log_is_sealed() -> bool:
    """Else the guard has something to say, and nothing may be recorded as if it had not (access.guards)."""
    try:
        require_sealing()
    except LogUnavailable:
        return False
    return True


def _show_sold_out(request: PersonRequest) -> HttpResponse:
    """All that came goes back, the form's own token included: it was checked on the way in."""
    before, after = _frame(request)
    fields = "\n".join(_field(name, str(value)) for name, value in request.POST.items())
    return HttpResponse(
        before + fields.encode() + after,
        status=services.SlotFull.status,
        headers={"Content-Language": request.LANGUAGE_CODE},
    )


def _field(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


FIELDS = SafeString("<!-- fields -->")
_frames: dict[str, tuple[bytes, bytes]] = {}


def _frame(request: PersonRequest) -> tuple[bytes, bytes]:
    """What stands before and behind the fields. The same for everybody who reads this language, so
    each process renders it once: a template costs more than all the rest of a refusal.
    """
    language = request.LANGUAGE_CODE
    if language not in _frames:
        context = {"refusal": _refusal(), "fields": FIELDS}
        with translation.override(language):
            page = render_to_string("booking/sold_out.html", context, request).encode()
        before, _, after = page.partition(FIELDS.encode())
        _frames[language] = before, after
    return _frames[language]
