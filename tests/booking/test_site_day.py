"""The day at the site: list, check-in, dose, no-show and walk-in (C9, C14)."""

from datetime import timedelta
from typing import Any

import pytest
from django.utils import timezone

from apps.booking.models import Booking, Campaign, Slot
from apps.booking.terms import BookingState
from apps.core import clock
from apps.immunizations.models import VaccinationRecord
from tests.support.booking import make_booking, make_site, make_slot
from tests.support.cards import NHI_CARD
from tests.support.counter import code_of, page_of
from tests.support.site import SiteDesk
from tests.support.world import at_hour, in_days, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def noon(time_machine: Any) -> Any:
    """Half past ten in Taiwan, in the middle of the slot from 10 to 11."""
    now = at_hour(clock.today(), 10) + timedelta(minutes=30)
    time_machine.move_to(now, tick=False)
    return time_machine


@pytest.fixture
def desk(noon: Any) -> SiteDesk:
    return SiteDesk()


@pytest.fixture
def slot(desk: SiteDesk) -> Slot:
    return make_slot(desk.site, days=0, hour=10, capacity=2)


def act(desk: SiteDesk, booking: Booking, deed: str, **data: Any) -> Any:
    return desk.browser.post(f"/booking/arrivals/{booking.pk}/{deed}/", data)


def state_of(booking: Booking) -> str:
    booking.refresh_from_db()
    return booking.state


def dose(**changes: Any) -> dict[str, Any]:
    values = {
        "brand": "AZ",
        "lot": "ABW1234",
        "lot_expires_on": in_days(30).isoformat(),
        "dose_number": "1",
        "giver": "吳雅婷",
    }
    return values | changes


def booked(slot: Slot) -> int:
    slot.refresh_from_db()
    return slot.booked


def test_list_shows_the_day_and_records_each_person(desk, slot, events) -> None:
    first, second = make_booking(slot), make_booking(slot, name="陳美")
    cancelled = make_booking(slot, state=BookingState.CANCELLED)
    page = desk.get("day")
    html = page.content.decode()
    assert (page.status_code, page_of(page)) == (200, "show_site_day")
    assert f'data-booking="{first.pk}"' in html
    assert "陳美" in html
    assert str(cancelled.pk) not in html
    shown = [event for event in events() if event["action"] == "show_site_day"]
    assert {event["patient"] for event in shown} == {first.patient_id, second.patient_id}
    assert page.context["counts"] == [(BookingState.BOOKED.label, 2)]


def test_list_of_another_day_offers_no_deeds(desk) -> None:
    make_booking(make_slot(desk.site, days=1))
    html = desk.get("day", day=in_days(1).isoformat()).content.decode()
    assert "林小明" in html
    assert 'data-action="mark_arrived"' not in html


def test_printed_list_is_recorded_too(desk, slot, events) -> None:
    make_booking(slot)
    page = desk.get("day", "print")
    assert "A123****89" in page.content.decode()
    assert [e["action"] for e in events()].count("show_site_day") == 1


def test_arrived_twice_is_once(desk, slot, events) -> None:
    booking = make_booking(slot)
    for _ in range(2):
        assert act(desk, booking, "arrived").status_code == 303
    assert state_of(booking) == BookingState.ARRIVED
    assert [e["action"] for e in events()].count("mark_arrived") == 1


@pytest.mark.parametrize("shape", ["{full}", "{number}", " {full} "])
def test_scanned_or_typed_number_checks_in(desk, slot, shape) -> None:
    booking = make_booking(slot)
    text = shape.format(full=booking.full_number, number=booking.number)
    answer = desk.post("check-in", number=text)
    assert answer.status_code == 303
    assert state_of(booking) == BookingState.ARRIVED


def test_after_a_check_in_nobody_else_is_shown(desk, slot, events) -> None:
    """Five hundred people a day, each checked in: not a quarter of a million events."""
    booking, other = make_booking(slot), make_booking(slot, name="陳美")
    page = desk.browser.get(desk.post("check-in", number=booking.full_number)["Location"])
    html = page.content.decode()
    assert booking.full_number in html
    assert other.full_number not in html
    assert 'data-action="show_whole_day"' in html
    shown = [event for event in events() if event["action"] == "show_site_day"]
    assert [event["patient"] for event in shown] == [booking.patient_id]


@pytest.mark.parametrize("only", ["x", "-1", "9" * 40])
def test_a_number_that_cannot_be_one_is_refused(desk, only) -> None:
    assert desk.get("day", only=only).status_code == 400


def test_the_number_of_another_site_shows_nobody(desk) -> None:
    elsewhere = make_booking(make_slot(make_site(desk.campaign), days=0))
    page = desk.get("day", only=str(elsewhere.number))
    assert page.context["bookings"] == []


def test_the_vial_in_use_is_offered_for_the_next_dose(desk, slot) -> None:
    first, second = make_booking(slot), make_booking(slot)
    form = desk.browser.get(f"/booking/arrivals/{first.pk}/dose/").context["form"]
    assert (form["lot"].value(), form["lot_expires_on"].value()) == (None, None)
    act(desk, first, "dose", **dose(lot="NEW-7"))
    form = desk.browser.get(f"/booking/arrivals/{second.pk}/dose/").context["form"]
    assert form["lot"].value() == "NEW-7"
    assert form["lot_expires_on"].value() == in_days(30)


@pytest.mark.parametrize("text", ["", "x", "9" * 30, "MO,AZ01-9999999999", "' OR 1=1 --", "１２３"])
def test_unknown_number_is_said(desk, slot, text) -> None:
    booking = make_booking(slot)
    page = desk.post("check-in", number=text)
    assert page.status_code == 400
    assert page.context["form"].errors
    assert state_of(booking) == BookingState.BOOKED


def test_number_of_another_day_is_refused(desk) -> None:
    booking = make_booking(make_slot(desk.site, days=1))
    page = desk.post("check-in", number=booking.full_number)
    assert (page.status_code, code_of(page)) == (409, "VBS-DAY")


def test_number_of_another_site_is_unknown(desk) -> None:
    other = make_site(desk.campaign, institution=make_institution())
    booking = make_booking(make_slot(other, days=0))
    assert desk.post("check-in", number=booking.full_number).status_code == 400
    assert act(desk, booking, "arrived").status_code == 404
    assert act(desk, booking, "dose", **dose()).status_code == 404
    assert state_of(booking) == BookingState.BOOKED


def test_dose_becomes_a_vaccination_record(desk, slot, events) -> None:
    booking = make_booking(slot)
    page = desk.browser.get(f"/booking/arrivals/{booking.pk}/dose/")
    form = page.context["form"]
    assert (form["brand"].value(), form["dose_number"].value()) == ("AZ", 1)
    assert form["giver"].value() == "吳雅婷"
    assert act(desk, booking, "dose", **dose()).status_code == 303
    record = VaccinationRecord.objects.get()
    assert state_of(booking) == BookingState.VACCINATED
    assert booking.dose == record
    assert (record.patient_id, record.vaccine_id) == (booking.patient_id, "COVID19")
    assert (record.brand, record.lot, record.dose_number) == ("AZ", "ABW1234", 1)
    assert (record.given_on, record.giver) == (clock.today(), "吳雅婷")
    assert record.institution_code == desk.institution.code
    assert booked(slot) == 1  # the place was used, not freed
    (event,) = [event for event in events() if event["action"] == "give_dose"]
    assert (event["patient"], event["service"]) == (booking.patient_id, "VBS")


def test_dose_sent_twice_is_one_record(desk, slot) -> None:
    booking = make_booking(slot)
    for _ in range(2):
        assert act(desk, booking, "dose", **dose()).status_code == 303
    assert VaccinationRecord.objects.count() == 1


def test_expired_lot_is_refused(desk, slot, events) -> None:
    booking = make_booking(slot)
    page = act(desk, booking, "dose", **dose(lot_expires_on=in_days(-1).isoformat()))
    assert (page.status_code, code_of(page)) == (400, "DOSE-EXPIRED")
    assert page.content.decode().count("此批號已逾效期，不得施打。") == 2
    assert state_of(booking) == BookingState.BOOKED
    assert not VaccinationRecord.objects.exists()
    assert events()[-1]["reason"] == "lot_expired"


def test_a_brand_that_is_not_given_here_is_refused(desk, slot) -> None:
    booking = make_booking(slot)
    page = act(desk, booking, "dose", **dose(brand="AY"))
    assert (page.status_code, code_of(page)) == (400, "DOSE-BRAND")
    assert page.context["form"].errors["brand"]
    assert not VaccinationRecord.objects.exists()
    make_site(desk.campaign, institution=desk.institution, brand="MO")
    assert act(desk, booking, "dose", **dose(brand="mo")).status_code == 303
    assert VaccinationRecord.objects.get().brand == "MO"


def test_lot_may_be_used_on_its_last_day(desk, slot) -> None:
    page = act(desk, make_booking(slot), "dose", **dose(lot_expires_on=in_days(0).isoformat()))
    assert page.status_code == 303


def test_dose_that_was_recorded_today_is_refused(desk, slot) -> None:
    booking = make_booking(slot)
    VaccinationRecord.objects.create(
        patient=booking.patient,
        vaccine_id="COVID19",
        brand="AZ",
        dose_number=1,
        given_on=clock.today(),
        institution_code="1",
        source="NIIS",
    )
    page = act(desk, booking, "dose", **dose())
    assert (page.status_code, code_of(page)) == (409, "DOSE-TWICE")
    assert state_of(booking) == BookingState.BOOKED


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"lot": ""}, "請輸入瓶身上的批號"),
        ({"lot_expires_on": "x"}, "請輸入批號效期"),
        ({"dose_number": "0"}, "請輸入劑次"),
        ({"giver": ""}, "請輸入施打者"),
    ],
)
def test_incomplete_dose_is_refused_by_the_name_of_the_field(desk, slot, changes, message) -> None:
    booking = make_booking(slot)
    page = act(desk, booking, "dose", **dose(**changes))
    assert page.status_code == 400
    assert page.content.decode().count(message) == 2  # on top and beside the field
    assert state_of(booking) == BookingState.BOOKED


def test_cancelled_booking_takes_no_dose(desk, slot) -> None:
    booking = make_booking(slot, state=BookingState.CANCELLED)
    page = act(desk, booking, "dose", **dose())
    assert (page.status_code, code_of(page)) == (409, "VBK-ENDED")


def test_no_show_frees_the_place_and_may_still_come(desk, slot) -> None:
    booking = make_booking(slot)
    for _ in range(2):
        assert act(desk, booking, "no-show").status_code == 303
    assert (state_of(booking), booked(slot)) == (BookingState.NO_SHOW, 0)
    assert act(desk, booking, "arrived").status_code == 303
    assert (state_of(booking), booked(slot)) == (BookingState.ARRIVED, 1)


def test_late_comer_whose_place_was_taken_is_told(desk, slot) -> None:
    booking = make_booking(slot)
    act(desk, booking, "no-show")
    Slot.objects.filter(pk=slot.pk).update(booked=2)
    page = act(desk, booking, "arrived")
    assert (page.status_code, code_of(page)) == (409, "VBS-GONE")
    assert state_of(booking) == BookingState.NO_SHOW


def test_a_refused_deed_leaves_the_list_in_front_of_whoever_works_there(desk, slot, events) -> None:
    """A page of its own would lead home, while the next person waits."""
    other = make_booking(slot)
    booking = make_booking(make_slot(desk.site, days=0, hour=15))
    page = act(desk, booking, "no-show")
    html = page.content.decode()
    assert (page.status_code, page_of(page)) == (409, "mark_no_show")
    assert 'data-table="site_day"' in html
    assert 'name="number"' in html
    assert booking.full_number in html
    assert other.full_number not in html
    assert [(e["action"], e["outcome"]) for e in events()[-2:]] == [
        ("mark_no_show", "refused"),
        ("show_site_day", "permitted"),
    ]


def test_a_dose_for_another_day_is_refused_on_that_days_list(desk) -> None:
    booking = make_booking(make_slot(desk.site, days=1))
    page = act(desk, booking, "dose", **dose())
    assert (page.status_code, code_of(page)) == (409, "VBS-DAY")
    assert page.context["day"] == in_days(1)
    assert 'data-action="give_dose"' not in page.content.decode()


def test_late_comer_who_booked_anew_keeps_that_booking(desk, slot) -> None:
    booking = make_booking(slot)
    act(desk, booking, "no-show")
    make_booking(make_slot(desk.site, days=1), patient=booking.patient)
    before = booked(slot)
    page = act(desk, booking, "arrived")
    assert (page.status_code, code_of(page)) == (409, "VBK-BOOKED")
    assert booked(slot) == before


def test_nobody_is_absent_before_the_time(desk) -> None:
    booking = make_booking(make_slot(desk.site, days=0, hour=15))
    page = act(desk, booking, "no-show")
    assert (page.status_code, code_of(page)) == (409, "VBS-EARLY")


class TestCard:
    def meet(self, desk: SiteDesk, **changes: Any) -> Any:
        return desk.browser.get(desk.read_card(desk.path("day"), **changes)["Location"])

    def walk_in(self, desk: SiteDesk, page: Any, **changes: Any) -> Any:
        form = page.context["form"]
        values = {name: form[name].value() for name in form.fields} | {"phone": "0912345678"}
        return desk.browser.post(page.request["PATH_INFO"], values | changes)

    def test_finds_the_booking_of_today(self, desk, slot) -> None:
        page = self.meet(desk)
        walked = self.walk_in(desk, page)
        assert walked.status_code == 303
        again = self.meet(desk)
        assert page_of(again) == "meet_citizen"
        assert Booking.objects.get().full_number in again.content.decode()
        assert NHI_CARD["national_id"] not in again.content.decode()

    def test_without_a_booking_takes_a_place_of_today(self, desk, slot, events) -> None:
        Campaign.objects.update(books_until=timezone.now() - timedelta(hours=1))
        page = self.meet(desk)
        answer = self.walk_in(desk, page)
        booking = Booking.objects.get()
        assert answer["Location"] == f"/booking/arrivals/{booking.pk}/dose/"
        assert (booking.state, booking.slot_id) == (BookingState.ARRIVED, slot.pk)
        assert booked(slot) == 1
        (event,) = [event for event in events() if event["action"] == "book_slot"]
        assert event["service"] == "VBS"

    def test_without_a_place_is_said(self, desk, slot) -> None:
        Slot.objects.update(booked=2)
        assert 'data-code="VBS-NO-PLACE"' in self.meet(desk).content.decode()

    def test_too_young_is_refused(self, desk, slot, events) -> None:
        page = self.meet(desk, birth_date=in_days(-3000).isoformat())
        answer = self.walk_in(desk, page)
        assert (answer.status_code, code_of(answer)) == (403, "VBK-C02")
        assert not Booking.objects.exists()
        assert events()[-1]["outcome"] == "refused"

    def test_who_is_booked_elsewhere_is_told_what_to_do(self, desk, slot) -> None:
        page = self.meet(desk)
        self.walk_in(desk, page)
        tomorrow = make_slot(make_site(desk.campaign, institution=make_institution()), days=1)
        Booking.objects.update(slot=tomorrow, state=BookingState.BOOKED)
        answer = self.walk_in(desk, self.meet(desk))
        assert (answer.status_code, code_of(answer)) == (409, "VBK-BOOKED")
        assert page_of(answer) == "meet_citizen"
        assert "疫苗預約" in answer.content.decode().split("VBK-BOOKED")[1]
        assert Booking.objects.count() == 1

    def test_who_is_too_young_is_told_when_it_will_be_time(self, desk, slot) -> None:
        Campaign.objects.update(min_age=60, group_from_age=18)
        answer = self.walk_in(desk, self.meet(desk))
        assert (answer.status_code, code_of(answer)) == (403, "VBK-C03")
        html = answer.content.decode()
        assert "最早可施打日期" in html
        assert "機構管理者" not in html
        assert 'data-action="walk_in"' not in html

    def test_slot_of_tomorrow_or_elsewhere_is_refused(self, desk, slot) -> None:
        page = self.meet(desk)
        other = make_slot(make_site(desk.campaign, institution=make_institution()), days=0)
        for wrong in (make_slot(desk.site, days=1), other):
            answer = self.walk_in(desk, page, slot=str(wrong.pk))
            assert (answer.status_code, code_of(answer)) == (409, "VBK-CLOSED")
        assert not Booking.objects.exists()
