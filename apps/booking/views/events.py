"""The access event of a permitted use of booking; the guard writes those of refusals."""

from apps.access.http import GuardedRequest
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.booking.models import Booking
from apps.booking.terms import SERVICE


def record_use(
    request: GuardedRequest,
    action: Action,
    *,
    booking: Booking | None = None,
    detail: dict[str, str] | None = None,
) -> None:
    """Written before the answer leaves; raises LogUnavailable, and then nothing is shown."""
    record(
        event(
            action,
            by=request.actor,
            service=SERVICE,
            patient=request.patient,
            object_type="booking" if booking else "",
            object_id=str(booking.pk) if booking else "",
            entitlement_id=request.decision.entitlement_id,
            grant_id=request.decision.grant_id,
            detail=detail,
        )
    )
