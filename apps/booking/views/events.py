"""The access event of a permitted use of booking; the guard writes those of refusals."""

from collections.abc import Sequence

from django.db import transaction

from apps.access.http import GuardedRequest
from apps.audit.services import event, record, record_changes
from apps.audit.terms import Action
from apps.booking.models import Booking, WaitingEntry
from apps.booking.terms import SITE_SERVICE


def record_uses(
    request: GuardedRequest,
    action: Action,
    listed: Sequence[Booking | WaitingEntry],
    *,
    service: str = SITE_SERVICE,
) -> None:
    """One event for each patient of a list, before any of them is shown."""
    events = [
        event(
            action,
            by=request.actor,
            service=service,
            patient=each.patient_id,
            object_type=_kind(each),
            object_id=str(each.pk),
            entitlement_id=request.decision.entitlement_id,
            grant_id=request.decision.grant_id,
        )
        for each in listed
    ]
    if events:
        with transaction.atomic(durable=True):
            record_changes(events)


def record_use(
    request: GuardedRequest,
    action: Action,
    *,
    service: str = "",
    booking: Booking | WaitingEntry | None = None,
    detail: dict[str, str] | None = None,
) -> None:
    """Written before the answer leaves; raises LogUnavailable, and then nothing is shown."""
    record(
        event(
            action,
            by=request.actor,
            service=service or request.decision.service,
            patient=request.patient,
            object_type=_kind(booking) if booking else "",
            object_id=str(booking.pk) if booking else "",
            entitlement_id=request.decision.entitlement_id,
            grant_id=request.decision.grant_id,
            detail=detail,
        )
    )


def _kind(about: Booking | WaitingEntry) -> str:
    return "booking" if isinstance(about, Booking) else "waiting_entry"
