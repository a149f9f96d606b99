"""The request that a guarded view gets."""

from uuid import UUID

from django_htmx.middleware import HtmxDetails

from apps.access.policies import Decision
from apps.accounts.http import PersonRequest


class GuardedRequest(PersonRequest):
    """`decision` stands there behind `Uses`.

    A view sets `patient` as soon as it knows whom it is about, so that a refusal's event names them
    too.
    """

    decision: Decision
    manages: bool  # set behind `Manages`
    patient: UUID | None
    htmx: HtmxDetails


def own_institution(request: GuardedRequest) -> UUID:
    """The institution of a session behind `Manages` or `Represents`, which always has one."""
    assert request.actor.institution is not None
    return request.actor.institution


def wanted_page(request: GuardedRequest) -> str:
    """Which page of a table in a posted form is asked for (access/pages.html); "" for none.

    A number that was typed counts for its own button and for Enter, which presses the form's first
    button; the numbered buttons mean what they say. The paginator makes sense of whatever it is.
    """
    pressed: str = request.POST.get("page", "")
    typed: str = request.POST.get("typed_page", "").strip()
    return typed if typed and pressed in ("", "first", "typed") else pressed
