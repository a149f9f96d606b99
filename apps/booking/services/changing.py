"""Another phone number, site or time, or no booking any more (FEATURES C8; manual 1, 三、取消預約).

The same row moves to the new slot, one revision further; the old place is kept until the new one is
certain. A form carries the revision that it was shown with, so that nobody undoes another's change
unseen; sent twice, it is one change.
"""

import hashlib
import json
from dataclasses import dataclass
from uuid import UUID

from django.db import transaction

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Booking
from apps.booking.services.offers import hand_on_place, offer_place
from apps.booking.services.places import is_open, move_place, once_more_after_deadlock
from apps.booking.services.refusals import BookingChanged, BookingEnded, KeyReused, PeriodOver
from apps.booking.terms import BookingState, Topic
from apps.core import clock
from apps.core.models import OutboxMessage


@dataclass(frozen=True)
class Change:
    """What the form asks for. `key` is the form's own; `revision` that of the booking as it was shown."""

    slot: UUID
    phone: str
    key: UUID
    revision: int

    def digest(self) -> str:
        body = json.dumps([str(self.slot), self.phone, self.revision])
        return hashlib.sha256(body.encode()).hexdigest()


@once_more_after_deadlock
def change_booking(*, booking: UUID, change: Change, decision: Decision, by: Actor) -> Booking:
    """Moves the booking to the slot and phone of `change` and returns it.

    Raises BookingEnded, BookingChanged, PeriodOver, SlotFull, SlotClosed or KeyReused; a refusal
    leaves the booking and its place as they were.
    """
    with transaction.atomic():
        held = hold_booking(booking)
        if held.change_key == change.key:
            if held.change_digest != change.digest():
                raise KeyReused(reason="idempotency_key_reused")
            return held
        _check_current(held, change.revision)
        if held.slot_id != change.slot:
            move_place(old=held.slot_id, new=change.slot, campaign=held.campaign_id)
            offer_place(held.slot_id)
        held.slot_id, held.phone = change.slot, change.phone
        held.change_key, held.change_digest = change.key, change.digest()
        save_revision(held, fields=["slot", "phone", "change_key", "change_digest"])
        tell(Topic.BOOKING_CHANGED, held)
        record_deed(Action.CHANGE_BOOKING, held, decision=decision, by=by)
    return held


@once_more_after_deadlock
def cancel_booking(*, booking: UUID, revision: int, decision: Decision, by: Actor) -> Booking:
    """Ends the booking; its place is free or goes to who waits. Cancelled already stays so.

    Raises BookingEnded, BookingChanged or PeriodOver.
    """
    with transaction.atomic():
        held = hold_booking(booking)
        if held.state == BookingState.CANCELLED:
            return held
        _check_current(held, revision)
        hand_on_place(held.slot_id)
        held.state = BookingState.CANCELLED
        save_revision(held, fields=["state"])
        tell(Topic.BOOKING_CANCELLED, held)
        record_deed(Action.CANCEL_BOOKING, held, decision=decision, by=by)
    return held


def hold_booking(booking: UUID) -> Booking:
    """The booking with its row locked until the caller's transaction ends."""
    # The row alone: in a join, PostgreSQL would check the row that it waited for against the slot
    # of before, and find nothing after a change that moved it.
    Booking.objects.select_for_update().only("pk").get(pk=booking)
    return Booking.objects.for_page().get(pk=booking)


def save_revision(held: Booking, *, fields: list[str]) -> None:
    held.revision += 1
    held.changed_at = clock.now()
    held.save(update_fields=[*fields, "revision", "changed_at"])


def tell(topic: Topic, held: Booking) -> None:
    """A message to the person concerned, delivered after commit (C12)."""
    payload = {"booking": str(held.pk), "revision": held.revision}
    OutboxMessage.objects.create(topic=topic, payload=payload)


def record_deed(action: Action, held: Booking, *, decision: Decision, by: Actor) -> None:
    """The access event of a change to this booking, inside its transaction."""
    record_change(
        event(
            action,
            by=by,
            service=decision.service,
            patient=held.patient_id,
            object_type="booking",
            object_id=str(held.pk),
            entitlement_id=decision.entitlement_id,
            grant_id=decision.grant_id,
            detail={
                "slot": str(held.slot_id),
                "campaign": held.campaign.code,
                "revision": held.revision,
            },
        )
    )


def check_changeable(held: Booking) -> None:
    """Raises BookingEnded or PeriodOver; its campaign and slot are loaded."""
    if not held.is_changeable:
        raise BookingEnded(reason="booking_not_live")
    if not is_open(held.campaign):
        raise PeriodOver(reason="campaign_window")


def _check_current(held: Booking, revision: int) -> None:
    check_changeable(held)
    if held.revision != revision:
        raise BookingChanged(reason="stale_revision")
