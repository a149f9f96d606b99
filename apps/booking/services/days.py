"""A typhoon day or a failed vaccine: a site moves or calls off a whole day (FEATURES C16).

The day is closed first, in a transaction of its own: a booking that is just being made ends before
that, and none comes after, so nobody is left behind. Whoever has arrived or was vaccinated stays.
"""

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
from apps.booking.patterns import day_span
from apps.booking.services.offers import offer_places, withdraw_offers
from apps.booking.services.places import once_more_after_deadlock
from apps.booking.terms import SITE_SERVICE, BookingState, Priority, Topic, WaitingState
from apps.core import clock
from apps.core.models import OutboxMessage

FIRST_FOR = timedelta(days=60)  # whom the site called off waits first so long


def move_day(*, site: Site, day: date, to: date, decision: Decision, by: Actor) -> int:
    """Moves everybody who is booked on `day` to the same time of `to`; how many there were.

    Places are made where they are missing: nobody loses theirs, nobody else gets less.
    """
    _close_day(site, day)
    withdraw_offers(slots=_ids(site, day), by=by)
    return _move_everybody(site, day, to, decision=decision, by=by)


def cancel_day(*, site: Site, day: date, decision: Decision, by: Actor) -> int:
    """Calls off everybody who is booked on `day`; how many there were.

    They keep the right to book another time, also after the booking period, and stand first on the
    site's waiting list, so that the next places of the site are offered to them.
    """
    _close_day(site, day)
    withdraw_offers(slots=_ids(site, day), by=by)
    count = _call_off_everybody(site, day, decision=decision, by=by)
    offer_places(site=site.pk)
    return count


def _close_day(site: Site, day: date) -> None:
    with transaction.atomic():
        ids = list(
            _slots_of(site, day).order_by("pk").select_for_update().values_list("pk", flat=True)
        )
        Slot.objects.filter(pk__in=ids).update(closed=True)


def _ids(site: Site, day: date) -> list[UUID]:
    return list(_slots_of(site, day).values_list("pk", flat=True))


@once_more_after_deadlock
def _move_everybody(site: Site, day: date, to: date, *, decision: Decision, by: Actor) -> int:
    with transaction.atomic():
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        held = _hold_everybody(site, day)
        targets = {
            slot: _target(site, slot, to - day) for slot in {booking.slot for booking in held}
        }
        _adjust_places(held, targets)
        for booking in held:
            booking.slot = targets[booking.slot]
        _save(held)
        _tell_everybody(held, Topic.DAY_MOVED, Action.MOVE_DAY, decision=decision, by=by)
    return len(held)


@once_more_after_deadlock
def _call_off_everybody(site: Site, day: date, *, decision: Decision, by: Actor) -> int:
    with transaction.atomic():
        held = _hold_everybody(site, day)
        _adjust_places(held, {})
        for booking in held:
            booking.state = BookingState.CALLED_OFF
        _save(held)
        _put_first(site, day, held, by)
        _tell_everybody(held, Topic.DAY_CALLED_OFF, Action.CANCEL_DAY, decision=decision, by=by)
    return len(held)


def _put_first(site: Site, day: date, held: list[Booking], by: Actor) -> None:
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


def _slots_of(site: Site, day: date) -> QuerySet[Slot]:
    begins_at, ends_at = day_span(day)
    return Slot.objects.filter(site=site, begins_at__gte=begins_at, begins_at__lt=ends_at)


def _hold_everybody(site: Site, day: date) -> list[Booking]:
    """The day's bookings, locked in the order of their ids."""
    booked = Booking.objects.filter(slot__in=_slots_of(site, day), state=BookingState.BOOKED)
    return list(
        booked.select_related("slot", "campaign").select_for_update(of=("self",)).order_by("pk")
    )


def _target(site: Site, slot: Slot, later: timedelta) -> Slot:
    """The slot at the same time of the new day: the one that is there, or a new one without places."""
    begins_at, ends_at = slot.begins_at + later, slot.ends_at + later
    there = Slot.objects.filter(site=site, begins_at__lt=ends_at, ends_at__gt=begins_at)
    found = there.order_by("begins_at").first()
    return found or Slot.objects.create(
        site=site, begins_at=begins_at, ends_at=ends_at, capacity=slot.capacity
    )


def _adjust_places(held: list[Booking], targets: dict[Slot, Slot]) -> None:
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


def _save(held: list[Booking]) -> None:
    now = clock.now()
    for booking in held:
        booking.revision += 1
        booking.changed_at = now
    fields = ["slot", "state", "revision", "changed_at"]
    Booking.objects.bulk_update(held, fields, batch_size=500)


def _tell_everybody(
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
            detail={"slot": str(each.slot_id), "campaign": each.campaign.code},
        )
        for each in held
    ]
    if events:
        record_changes(events)
