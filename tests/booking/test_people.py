"""Some people of a slot are moved or called off; the month; what an institution booked (C2, C9, C16)."""

from datetime import date
from typing import Any

import pytest

from apps.booking.models import Booking, Slot, WaitingEntry
from apps.booking.months import lay_out_month, span_of
from apps.booking.terms import BookingState, Priority
from apps.core.models import OutboxMessage
from tests.support.booking import make_booking, make_entry, make_site, make_slot
from tests.support.counter import Counter, code_of
from tests.support.site import SiteDesk
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def desk() -> SiteDesk:
    return SiteDesk()


def relieve(desk: SiteDesk, slot: Slot, *people: Booking, to: Slot | None = None) -> Any:
    data = {"people": [str(each.pk) for each in people], "to": str(to.pk) if to else ""}
    return desk.browser.post(f"/booking/slots/{slot.pk}/people/", data)


def counts(slot: Slot) -> tuple[int, int]:
    slot.refresh_from_db()
    return slot.booked, slot.capacity


def test_refused_capacity_offers_to_move_or_cancel_people(desk) -> None:
    slot = make_slot(desk.site, capacity=2)
    bookings = [make_booking(slot) for _ in range(2)]
    page = desk.browser.post(f"/booking/slots/{slot.pk}/", {"capacity": 1})
    assert code_of(page) == "VBS-BOOKED"
    html = page.content.decode()
    assert f'href="/booking/slots/{slot.pk}/people/" data-action="relieve_slot"' in html
    assert 'data-action="change_day"' in html
    listed = desk.browser.get(f"/booking/slots/{slot.pk}/people/")
    assert all(each.full_number in listed.content.decode() for each in bookings)


def test_moved_people_keep_a_place_and_theirs_is_gone(desk, events) -> None:
    slot, other = make_slot(desk.site, capacity=3), make_slot(desk.site, days=2, capacity=5)
    stays, goes = make_booking(slot), make_booking(slot)
    make_entry(desk.site)  # who waits gets nothing of what is taken away
    assert relieve(desk, slot, goes, to=other).status_code == 303
    goes.refresh_from_db()
    assert (goes.slot, goes.state, goes.revision) == (other, BookingState.BOOKED, 2)
    assert (counts(slot), counts(other)) == ((1, 2), (1, 5))
    stays.refresh_from_db()
    assert stays.revision == 1
    assert OutboxMessage.objects.filter(topic="day_moved").count() == 1
    assert [e["patient"] for e in events() if e["action"] == "move_people"] == [goes.patient_id]


def test_called_off_people_stand_first_on_the_waiting_list(desk) -> None:
    slot = make_slot(desk.site, capacity=2)
    booking = make_booking(slot)
    assert relieve(desk, slot, booking).status_code == 303
    booking.refresh_from_db()
    assert booking.state == BookingState.CALLED_OFF
    assert WaitingEntry.objects.get().priority == Priority.CALLED_OFF
    assert counts(slot) == (0, 1)


def test_all_or_none_when_the_other_slot_is_too_small(desk) -> None:
    slot, other = make_slot(desk.site, capacity=3), make_slot(desk.site, days=2, capacity=1)
    people = [make_booking(slot) for _ in range(2)]
    page = relieve(desk, slot, *people, to=other)
    assert (page.status_code, code_of(page)) == (409, "VBK-FULL")
    assert (counts(slot), counts(other)) == ((2, 3), (0, 1))


def test_slots_of_other_sites_are_not_on_offer(desk) -> None:
    slot = make_slot(desk.site, capacity=3)
    foreign = make_slot(make_site(desk.campaign, institution=make_institution()), days=3)
    assert relieve(desk, slot, make_booking(slot), to=foreign).status_code == 400


def test_month_shows_places_and_holidays_by_name(desk) -> None:
    slot = make_slot(desk.site, capacity=7)
    make_booking(slot)
    page = desk.get("month", month=slot.day.isoformat())
    assert "1/7" in page.content.decode()
    new_year = desk.get("month", month="2027-01-15").content.decode()
    assert "中華民國開國紀念日" in new_year


def test_month_begins_on_monday_and_knows_its_neighbours() -> None:
    month = lay_out_month(date(2026, 11, 1), [])
    assert span_of(date(2026, 11, 1)) == (date(2026, 10, 26), date(2026, 12, 6))
    assert (month.monday, month.before, month.after) == (
        date(2026, 10, 26),
        date(2026, 10, 1),
        date(2026, 12, 1),
    )
    assert [day.in_month for day in month.weeks[0]] == [False] * 6 + [True]


def test_institution_sees_the_state_of_its_own_bookings_and_no_others(events) -> None:
    counter = Counter()
    counter.book(counter.open_form())
    own = Booking.objects.get()
    other = make_booking(counter.second, institution=make_institution())
    Booking.objects.filter(pk=own.pk).update(state=BookingState.VACCINATED)
    page = counter.browser.get("/booking/bookings/")
    html = page.content.decode()
    assert own.full_number in html
    assert other.full_number not in html
    assert 'data-state="VACCINATED"' in html
    assert [e["patient"] for e in events() if e["action"] == "show_booking"] == [own.patient_id]
    assert (
        own.full_number
        not in counter.browser.get("/booking/bookings/?day=2020-01-01").content.decode()
    )
    assert counter.browser.get("/booking/bookings/?day=x").status_code == 400
