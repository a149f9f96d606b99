"""A rush on a slot that is full: a small page that has all that was typed and leads back to the form."""

from html import escape
from uuid import UUID

from django.http import HttpResponse
from django.template.loader import render_to_string
from django.utils.safestring import SafeString
from django.utils.translation import get_language

from apps.access.http import GuardedRequest
from apps.accounts.middleware import actor_of_stranger
from apps.audit.lag import require_sealing
from apps.audit.services import LogUnavailable
from apps.booking import services
from apps.booking.sold_out import sold_out


def ask_along(request: GuardedRequest, reading_id: UUID) -> None:
    """For a form whose slot was full a moment ago: whether it still is, along with the session."""
    if request.method != "POST" or "update" in request.POST:
        return
    try:
        slot, form = UUID(request.POST["slot"]), UUID(request.POST["key"])
    except (KeyError, ValueError):
        return
    if sold_out.knows(slot) and _log_is_sealed():
        values = services.ask_full(
            slot=slot,
            reading=reading_id,
            form=form,
            refusal=_refusal(),
            by=actor_of_stranger(request),
        )
        request.session.ask_along(services.REFUSED, **values)


def refuse_rush(request: GuardedRequest) -> HttpResponse | None:
    """The page for a form that was refused along with the session; None for every other one."""
    if not any(request.session.told(services.REFUSED)):
        return None
    before, after = _frame(request)
    # All that came goes back, the form's own token included: it was checked on the way in.
    fields = "\n".join(_field(name, str(value)) for name, value in request.POST.items())
    return HttpResponse(f"{before}{fields}{after}", status=services.SlotFull.status)


def _refusal() -> services.SlotFull:
    return services.SlotFull(reason="slot_full")


def _log_is_sealed() -> bool:
    """Else the guard has something to say, and nothing may be recorded as if it had not (access.guards)."""
    try:
        require_sealing()
    except LogUnavailable:
        return False
    return True


def _field(name: str, value: str) -> str:
    return f'<input type="hidden" name="{escape(name)}" value="{escape(value)}">'


FIELDS = SafeString("<!-- fields -->")
_frames: dict[str, tuple[str, str]] = {}


def _frame(request: GuardedRequest) -> tuple[str, str]:
    """What stands before and behind the fields. The same for everybody who reads this language, so
    each process renders it once: a template costs more than all the rest of a refusal.
    """
    language = get_language()
    if language not in _frames:
        context = {"refusal": _refusal(), "fields": FIELDS}
        page = render_to_string("booking/sold_out.html", context, request)
        before, _, after = page.partition(FIELDS)
        _frames[language] = before, after
    return _frames[language]
