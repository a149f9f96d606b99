"""A typhoon day or a failed vaccine: a site moves or calls off a whole day (FEATURES C16).

The day is closed first, in a transaction of its own: a booking that is just being made ends before
that, and none comes after, so nobody is left behind. Whoever has arrived or was vaccinated stays.
"""

from datetime import date, timedelta
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.terms import Action
from apps.booking.models import Booking, Site, Slot
from apps.booking.patterns import day_span
from apps.booking.services.offers import offer_places, withdraw_offers
from apps.booking.services.people import (
    adjust_places,
    hold_booked,
    put_first,
    save_all,
    tell_everybody,
)
from apps.booking.services.places import once_more_after_deadlock
from apps.booking.terms import BookingState, Topic


def move_day(*, site: Site, day: date, to: date, decision: Decision, by: Actor) -> int:
    """Moves everybody who is booked on `day` to the same time of `to`; how many there were.

    Places are made where they are missing: nobody loses theirs, nobody else gets less.
    """
    close(_slots_of(site, day))
    withdraw_offers(slots=_ids(site, day), by=by)
    return _move_everybody(site, day, to, decision=decision, by=by)


def cancel_day(*, site: Site, day: date, decision: Decision, by: Actor) -> int:
    """Calls off everybody who is booked on `day`; how many there were.

    They keep the right to book another time, also after the booking period, and stand first on the
    site's waiting list, so that the next places of the site are offered to them.
    """
    close(_slots_of(site, day))
    withdraw_offers(slots=_ids(site, day), by=by)
    count = _call_off_everybody(site, day, decision=decision, by=by)
    offer_places(site=site.pk)
    return count


def close(slots: QuerySet[Slot]) -> int:
    """Nobody books them any more; how many there are. Behind whoever is just being booked there."""
    with transaction.atomic():
        # In the order of their ids, as everybody who holds several of them at once.
        held = slots.order_by("pk").select_for_update(of=("self",)).values_list("pk", flat=True)
        return Slot.objects.filter(pk__in=list(held)).update(closed=True)


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
        adjust_places(held, targets)
        for booking in held:
            booking.slot = targets[booking.slot]
        save_all(held)
        tell_everybody(held, Topic.DAY_MOVED, Action.MOVE_DAY, decision=decision, by=by)
    return len(held)


@once_more_after_deadlock
def _call_off_everybody(site: Site, day: date, *, decision: Decision, by: Actor) -> int:
    with transaction.atomic():
        held = _hold_everybody(site, day)
        adjust_places(held, {})
        for booking in held:
            booking.state = BookingState.CALLED_OFF
        save_all(held)
        put_first(site, day, held, by)
        tell_everybody(held, Topic.DAY_CALLED_OFF, Action.CANCEL_DAY, decision=decision, by=by)
    return len(held)


def _slots_of(site: Site, day: date) -> QuerySet[Slot]:
    begins_at, ends_at = day_span(day)
    return Slot.objects.filter(site=site, begins_at__gte=begins_at, begins_at__lt=ends_at)


def _hold_everybody(site: Site, day: date) -> list[Booking]:
    return hold_booked(Booking.objects.filter(slot__in=_slots_of(site, day)))


def _target(site: Site, slot: Slot, later: timedelta) -> Slot:
    """The slot at the same time of the new day: the one that is there, or a new one without places."""
    begins_at, ends_at = slot.begins_at + later, slot.ends_at + later
    there = Slot.objects.filter(site=site, begins_at__lt=ends_at, ends_at__gt=begins_at)
    found = there.order_by("begins_at").first()
    return found or Slot.objects.create(
        site=site, begins_at=begins_at, ends_at=ends_at, capacity=slot.capacity
    )
