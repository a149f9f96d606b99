"""Several people of a site at once: some of a slot that loses places; `days` moves whole days.

Everybody is told, and whom the site calls off stands first on its waiting list (FEATURES C2, C16).
"""

from collections.abc import Collection
from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import F, QuerySet
from django.db.models.functions import Greatest

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.services import event, record_changes
from apps.audit.terms import Action
from apps.booking.models import Booking, Site, Slot, WaitingEntry
from apps.booking.services.offers import offer_places
from apps.booking.services.places import once_more_after_deadlock
from apps.booking.services.refusals import BookingChanged, SlotFull
from apps.booking.terms import SITE_SERVICE, BookingState, Priority, Topic, WaitingState
from apps.core import clock
from apps.core.models import OutboxMessage

FIRST_FOR = timedelta(days=60)  # whom the site called off waits first so long


def relieve_slot(
    *, slot: Slot, people: Collection[UUID], to: UUID | None, decision: Decision, by: Actor
) -> int:
    """Moves these bookings of the slot to another slot of the site, or calls them off (`to` None),
    and takes their places away, so that nobody else gets them; how many there were.

    Raises BookingChanged when one of them is no longer booked there, SlotFull when the other slot
    has not as many places; nobody is moved then.
    """
    count = _relieve(slot, set(people), to, decision=decision, by=by)
    if to is None:
        offer_places(site=slot.site_id)
    return count


@once_more_after_deadlock
def _relieve(
    slot: Slot, people: set[UUID], to: UUID | None, *, decision: Decision, by: Actor
) -> int:
    with transaction.atomic():
        held = hold_booked(Booking.objects.filter(slot=slot, pk__in=people))
        if len(held) != len(people):
            raise BookingChanged(reason="no_longer_in_this_slot")
        for each in sorted({slot.pk, to} if to else {slot.pk}):
            if each == slot.pk:
                _take_away(slot.pk, len(held))
            else:
                _take_places(each, slot.site_id, len(held))
        for booking in held:
            if to is None:
                booking.state = BookingState.CALLED_OFF
            else:
                booking.slot_id = to
        save_all(held)
        if to is None:
            put_first(slot.site, slot.day, held, by)
        topic = Topic.DAY_MOVED if to else Topic.DAY_CALLED_OFF
        action = Action.MOVE_PEOPLE if to else Action.CALL_OFF_PEOPLE
        tell_everybody(held, topic, action, decision=decision, by=by)
    return len(held)


def _take_away(slot: UUID, count: int) -> None:
    Slot.objects.filter(pk=slot).update(booked=F("booked") - count, capacity=F("capacity") - count)


def _take_places(slot: UUID, site: UUID, count: int) -> None:
    free = Slot.objects.filter(
        pk=slot,
        site=site,
        closed=False,
        begins_at__gt=clock.now(),
        booked__lte=F("capacity") - count,
    )
    if not free.update(booked=F("booked") + count):
        raise SlotFull(reason="not_enough_places")


def hold_booked(bookings: QuerySet[Booking]) -> list[Booking]:
    """Those who are booked and have not come, locked in the order of their ids."""
    booked = bookings.filter(state=BookingState.BOOKED).select_related("slot", "campaign")
    return list(booked.select_for_update(of=("self",)).order_by("pk"))


def put_first(site: Site, day: date, held: list[Booking], by: Actor) -> None:
    """At the head of the waiting list, for the site's next days."""
    # What such a person still has on a list is from before the booking that they lost.
    WaitingEntry.objects.filter(
        campaign=site.campaign_id,
        patient__in=[booking.patient_id for booking in held],
        state=WaitingState.WAITING,
    ).update(state=WaitingState.SERVED)
    first_day = max(day, clock.today()) + timedelta(days=1)
    entries = [
        WaitingEntry(
            campaign=booking.campaign,
            site=site,
            patient_id=booking.patient_id,
            name=booking.name,
            masked_id=booking.masked_id,
            phone=booking.phone,
            first_day=first_day,
            last_day=first_day + FIRST_FOR,
            priority=Priority.CALLED_OFF,
            queued_at=booking.booked_at,
            joined_by_id=by.a_person,
            institution_id=site.institution_id,
        )
        for booking in held
    ]
    WaitingEntry.objects.bulk_create(entries, batch_size=500, ignore_conflicts=True)


def adjust_places(held: list[Booking], targets: dict[Slot, Slot]) -> None:
    """Counters of the old and the new slots, in the order of their ids; room grows as needed."""
    change: dict[Slot, int] = {}
    for booking in held:
        change[booking.slot] = change.get(booking.slot, 0) - 1
        if booking.slot in targets:
            new = targets[booking.slot]
            change[new] = change.get(new, 0) + 1
    for slot in sorted(change, key=lambda each: each.pk):
        booked = F("booked") + change[slot]
        Slot.objects.filter(pk=slot.pk).update(
            booked=booked, capacity=Greatest(F("capacity"), booked)
        )


def save_all(held: list[Booking]) -> None:
    now = clock.now()
    for booking in held:
        booking.revision += 1
        booking.changed_at = now
    fields = ["slot", "state", "revision", "changed_at"]
    Booking.objects.bulk_update(held, fields, batch_size=500)


def tell_everybody(
    held: list[Booking], topic: Topic, action: Action, *, decision: Decision, by: Actor
) -> None:
    OutboxMessage.objects.bulk_create(
        OutboxMessage(topic=topic, payload={"booking": str(each.pk), "revision": each.revision})
        for each in held
    )
    events = [
        event(
            action,
            by=by,
            service=SITE_SERVICE,
            patient=each.patient_id,
            object_type="booking",
            object_id=str(each.pk),
            entitlement_id=decision.entitlement_id,
            grant_id=decision.grant_id,
            detail={
                "slot": str(each.slot_id),
                "campaign": each.campaign.code,
                "revision": each.revision,
            },
        )
        for each in held
    ]
    if events:
        record_changes(events)
