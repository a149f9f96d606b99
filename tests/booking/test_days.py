"""A typhoon day: a whole day is moved or called off (C16)."""

from datetime import timedelta
from typing import Any

import pytest

from apps.booking.models import Booking, Campaign, Slot
from apps.booking.policies import facts_about, judge
from apps.booking.terms import BookingState
from apps.core import clock
from apps.core.models import OutboxMessage
from tests.support.booking import READING, make_booking, make_site, make_slot
from tests.support.site import SiteDesk
from tests.support.world import in_days, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> SiteDesk:
    return SiteDesk()


def move(desk: SiteDesk, *, to: int = 8) -> Any:
    return desk.post("day", "move", day=in_days(1).isoformat(), to=in_days(to).isoformat())


def cancel(desk: SiteDesk, **data: Any) -> Any:
    return desk.post("day", "cancel", day=in_days(1).isoformat(), **{"sure": "on"} | data)


def counters_hold() -> bool:
    return all(
        slot.booked == Booking.objects.holding().filter(slot=slot).count()
        for slot in Slot.objects.all()
    )


def test_page_says_how_many_it_concerns(desk) -> None:
    slot = make_slot(desk.site)
    make_booking(slot)
    make_booking(slot, state=BookingState.ARRIVED)
    page = desk.get("day", "change", day=in_days(1).isoformat())
    assert page.context["count"] == 1


def test_everybody_moves_to_the_same_time_and_is_told(desk, events) -> None:
    early, late = make_slot(desk.site, hour=9), make_slot(desk.site, hour=15)
    bookings = [make_booking(early), make_booking(early), make_booking(late)]
    assert move(desk).status_code == 303
    for booking in bookings:
        old_begins_at = booking.slot.begins_at
        booking.refresh_from_db()
        assert booking.slot.begins_at == old_begins_at + timedelta(days=7)
        assert (booking.state, booking.revision) == (BookingState.BOOKED, 2)
    assert counters_hold()
    assert OutboxMessage.objects.filter(topic="day_moved").count() == 3
    moved = [event["patient"] for event in events() if event["action"] == "move_day"]
    assert sorted(moved) == sorted(booking.patient_id for booking in bookings)
    early.refresh_from_db()
    assert (early.booked, early.closed) == (0, True)


def test_room_grows_so_that_nobody_loses_a_place(desk) -> None:
    slot = make_slot(desk.site, capacity=3)
    full = make_slot(desk.site, days=8, capacity=1)
    make_booking(full)
    for _ in range(3):
        make_booking(slot)
    move(desk)
    full.refresh_from_db()
    assert (full.booked, full.capacity) == (4, 4)
    assert counters_hold()


def test_whoever_has_arrived_or_cancelled_stays(desk) -> None:
    slot = make_slot(desk.site)
    arrived = make_booking(slot, state=BookingState.ARRIVED)
    cancelled = make_booking(slot, state=BookingState.CANCELLED)
    move(desk)
    for booking in (arrived, cancelled):
        booking.refresh_from_db()
        assert (booking.slot_id, booking.revision) == (slot.pk, 1)
    assert counters_hold()


def test_twice_moves_nobody_twice(desk) -> None:
    make_booking(make_slot(desk.site))
    move(desk)
    move(desk)
    assert Booking.objects.get().revision == 2
    assert counters_hold()


def test_called_off_keeps_the_right_to_a_place(desk, events) -> None:
    booking = make_booking(make_slot(desk.site))
    assert cancel(desk).status_code == 303
    booking.refresh_from_db()
    assert booking.state == BookingState.CALLED_OFF
    assert counters_hold()
    assert OutboxMessage.objects.filter(topic="day_called_off").count() == 1
    Campaign.objects.update(books_until=clock.now() - timedelta(minutes=1))
    (facts,) = facts_about(patient=booking.patient_id, birth_date=READING.birth_date)
    assert judge(facts, at=clock.now()).eligible
    assert [e["action"] for e in events()].count("cancel_day") == 1


@pytest.mark.parametrize("to", [0, 1, -3])
def test_only_to_another_day_that_lies_ahead(desk, to) -> None:
    booking = make_booking(make_slot(desk.site))
    assert move(desk, to=to).status_code == 400
    booking.refresh_from_db()
    assert booking.revision == 1


def test_cancelling_needs_a_confirmation(desk) -> None:
    booking = make_booking(make_slot(desk.site))
    assert cancel(desk, sure="").status_code == 400
    booking.refresh_from_db()
    assert booking.state == BookingState.BOOKED


def test_other_sites_are_not_touched(desk) -> None:
    booking = make_booking(make_slot(make_site(desk.campaign, institution=make_institution())))
    cancel(desk)
    move(desk)
    booking.refresh_from_db()
    assert (booking.state, booking.revision) == (BookingState.BOOKED, 1)
