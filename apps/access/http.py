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
