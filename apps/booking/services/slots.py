"""What a site's manager does with slots: publish, copy, change, close early (FEATURES C2).

What is published is at once bookable everywhere. Places that are booked are never taken away here:
capacity stays at or above `booked`, and closing a slot leaves its bookings alone.
"""

from collections import defaultdict
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, datetime, timedelta

from django.db import transaction

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Site, Slot
from apps.booking.patterns import Pattern, Span, day_span, public_holidays
from apps.booking.services.offers import offer_place
from apps.booking.services.refusals import (
    BelowBooked,
    NothingToClose,
    NothingToCopy,
    SlotChanged,
)
from apps.booking.terms import SITE_SERVICE
from apps.core import clock

WEEK = timedelta(days=7)


@dataclass(frozen=True)
class Published:
    """How many slots were made, and how many were left out because the site has others then."""

    made: int
    left_out: int


def publish_slots(*, site: Site, pattern: Pattern, decision: Decision, by: Actor) -> Published:
    """Makes the slots of a weekly pattern. Repeating it makes nothing twice."""
    wanted = [(span, pattern.capacity) for span in pattern.spans()]
    return _publish(site, wanted, decision=decision, by=by)


def copy_week(*, site: Site, week: date, to: date, decision: Decision, by: Actor) -> Published:
    """Makes the open slots of one week (its Monday) again in another, public holidays aside.

    Raises NothingToCopy.
    """
    begins_at, ends_at = day_span(week)[0], day_span(week)[0] + WEEK
    slots = site.slots.filter(begins_at__gte=begins_at, begins_at__lt=ends_at, closed=False)
    if not slots:
        raise NothingToCopy(reason="week_without_slots")
    days_on = to - week
    off = public_holidays(to, to + WEEK)
    wanted = [
        ((slot.begins_at + days_on, slot.ends_at + days_on), slot.capacity)
        for slot in slots
        if slot.day + days_on not in off
    ]
    return _publish(site, wanted, decision=decision, by=by)


def _publish(
    site: Site, wanted: list[tuple[Span, int]], *, decision: Decision, by: Actor
) -> Published:
    with transaction.atomic():
        # One publisher of a site at a time: two patterns at once must not overlap each other.
        Site.objects.select_for_update(no_key=True).get(pk=site.pk)
        taken = _taken_by_day(site)
        slots = [
            Slot(site=site, begins_at=begins_at, ends_at=ends_at, capacity=capacity)
            for (begins_at, ends_at), capacity in wanted
            if not _overlaps((begins_at, ends_at), taken[clock.day_of(begins_at)])
        ]
        Slot.objects.bulk_create(slots, batch_size=500)
        _record(Action.PUBLISH_SLOTS, site, count=len(slots), decision=decision, by=by)
    return Published(made=len(slots), left_out=len(wanted) - len(slots))


def _taken_by_day(site: Site) -> dict[date, list[Span]]:
    """A day's slots are compared with each other alone: three months of five minutes are thousands."""
    taken: dict[date, list[Span]] = defaultdict(list)
    for begins_at, ends_at in site.slots.values_list("begins_at", "ends_at"):
        taken[clock.day_of(begins_at)].append((begins_at, ends_at))
    return taken


def _overlaps(span: Span, taken: Iterable[Span]) -> bool:
    begins_at, ends_at = span
    return any(begins_at < other_end and other_begin < ends_at for other_begin, other_end in taken)


@dataclass(frozen=True)
class Shown:
    """What a form showed of a slot before somebody changed it."""

    capacity: int
    closed: bool


def change_slot(
    *,
    slot: Slot,
    capacity: int,
    closed: bool,
    shown: Shown | None = None,
    decision: Decision,
    by: Actor,
) -> None:
    """Raises or lowers the capacity, closes or opens the slot.

    Raises BelowBooked when more people are booked than `capacity`, and SlotChanged when the slot is
    no longer as it was `shown`; nothing is changed then, and `slot` is as it is now.
    """
    with transaction.atomic():
        held = Slot.objects.select_for_update().get(pk=slot.pk)
        slot.booked, slot.capacity, slot.closed = held.booked, held.capacity, held.closed
        if shown and shown != Shown(held.capacity, held.closed):
            raise SlotChanged(reason="slot_changed_meanwhile")
        if held.booked > capacity:
            raise BelowBooked(detail={"booked": held.booked}, reason="capacity_below_booked")
        Slot.objects.filter(pk=slot.pk).update(capacity=capacity, closed=closed)
        while offer_place(slot.pk):  # more room is for who waits first
            pass
        _record(Action.CHANGE_SLOT, slot.site, slot=slot, decision=decision, by=by)


def close_early(*, site: Site, since: datetime, decision: Decision, by: Actor) -> int:
    """Closes the slots of that day that begin at or after `since`; how many it closed.

    Who is booked in them stays booked. Raises NothingToClose.
    """
    until = day_span(clock.day_of(since))[1]
    with transaction.atomic():
        slots = site.slots.filter(begins_at__gte=since, begins_at__lt=until, closed=False)
        ids = list(slots.order_by("pk").select_for_update().values_list("pk", flat=True))
        if not ids:
            raise NothingToClose(reason="no_open_slot")
        Slot.objects.filter(pk__in=ids).update(closed=True)
        _record(Action.CHANGE_SLOT, site, count=len(ids), decision=decision, by=by)
    return len(ids)


def _record(
    action: Action,
    site: Site,
    *,
    slot: Slot | None = None,
    count: int | None = None,
    decision: Decision,
    by: Actor,
) -> None:
    record_change(
        event(
            action,
            by=by,
            service=SITE_SERVICE,
            object_type="slot" if slot else "site",
            object_id=str(slot.pk if slot else site.pk),
            result_count=count,
            entitlement_id=decision.entitlement_id,
            grant_id=decision.grant_id,
            detail={"site": str(site.pk)},
        )
    )
