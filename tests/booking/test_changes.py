"""Change and cancel a booking (C8), and its calendar file (C7).

On one's own pages and by the citizen's card.
"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.db import OperationalError
from django.test import Client
from psycopg.errors import DeadlockDetected

from apps.booking.models import Booking, Campaign, Slot
from apps.booking.services.places import once_more_after_deadlock
from apps.booking.terms import BookingState
from apps.core import clock
from apps.core.models import OutboxMessage
from tests.support.booking import make_campaign, make_site, make_slot
from tests.support.counter import PHONE, Counter, code_of, page_of, reading_of
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    """With one booking, of the first slot."""
    made = Counter()
    made.book(made.open_form())
    return made


def booking() -> Booking:
    return Booking.objects.select_related("slot").get()


def path_by_card(counter: Counter) -> str:
    reading = reading_of(counter.read_card())
    return f"/booking/{reading}/bookings/{booking().pk}/"


def own_path() -> str:
    return f"/booking/bookings/{booking().pk}/"


def filled(page: Any, **changes: Any) -> dict[str, Any]:
    """The form of change as it is shown; None takes a field away."""
    form = page.context["form"]
    values = {name: form[name].value() for name in form.fields} | changes
    return {name: value for name, value in values.items() if value is not None}


def for_slot(page: Any, slot: Slot, **changes: Any) -> dict[str, Any]:
    """The form of change with another slot of the same site chosen."""
    values = filled(page)
    values |= {"date": str(clock.day_of(slot.begins_at)), "slot": str(slot.pk)}
    place = [values[name] for name in ("city", "district", "site", "date")]
    return values | {"offered": "|".join(place)} | changes


class TestChange:
    def test_form_shows_what_is_booked_although_its_slot_is_full(self, counter) -> None:
        Slot.objects.filter(pk=counter.first.pk).update(booked=2)
        page = counter.browser.get(f"{own_path()}change/")
        form = page.context["form"]
        assert (page.status_code, page_of(page)) == (200, "change_booking")
        assert form["slot"].value() == str(counter.first.pk)
        assert form["phone"].value() == PHONE

    @pytest.mark.parametrize("way", ["own", "card"])
    def test_moves_the_same_row_and_its_place(self, counter, events, way) -> None:
        before = booking()
        path = own_path() if way == "own" else path_by_card(counter)
        page = counter.browser.get(f"{path}change/")
        answer = counter.browser.post(
            f"{path}change/", for_slot(page, counter.second, phone="0987654321")
        )
        assert (answer.status_code, answer["Location"]) == (303, path)
        after = booking()
        assert (after.pk, after.number, after.revision) == (before.pk, before.number, 2)
        assert (after.slot_id, after.phone) == (counter.second.pk, "0987654321")
        assert (counter.left(counter.first), counter.left(counter.second)) == (2, 2)
        (message,) = OutboxMessage.objects.filter(topic="booking_changed")
        assert message.payload == {"booking": str(after.pk), "revision": 2}
        (event,) = [event for event in events() if event["action"] == "change_booking"]
        assert (event["object_id"], event["patient"]) == (str(after.pk), after.patient_id)
        assert event["detail"]["revision"] == 2

    def test_phone_alone_keeps_the_place(self, counter) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        counter.browser.post(f"{own_path()}change/", filled(page, phone="0987654321"))
        assert (booking().phone, booking().slot_id) == ("0987654321", counter.first.pk)
        assert counter.left(counter.first) == 1

    def test_same_form_twice_is_one_change(self, counter) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        form = for_slot(page, counter.second)
        answers = [counter.browser.post(f"{own_path()}change/", form) for _ in range(2)]
        assert [answer.status_code for answer in answers] == [303, 303]
        assert booking().revision == 2
        assert counter.left(counter.second) == 2

    def test_same_key_with_other_data_is_refused(self, counter) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        form = for_slot(page, counter.second)
        counter.browser.post(f"{own_path()}change/", form)
        answer = counter.browser.post(f"{own_path()}change/", form | {"phone": "0900000000"})
        assert (answer.status_code, code_of(answer)) == (422, "VBK-KEY")

    def test_full_slot_leaves_the_old_place(self, counter, events) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        form = for_slot(page, counter.second)
        Slot.objects.filter(pk=counter.second.pk).update(booked=3)
        answer = counter.browser.post(f"{own_path()}change/", form)
        assert (answer.status_code, code_of(answer)) == (409, "VBK-FULL")
        assert (booking().slot_id, booking().revision) == (counter.first.pk, 1)
        assert counter.left(counter.first) == 1
        assert events()[-1]["reason"] == "slot_full"

    def test_slot_of_another_campaign_is_refused(self, counter) -> None:
        other = make_slot(make_site(make_campaign(code="ZZ99", published=False)))
        page = counter.browser.get(f"{own_path()}change/")
        answer = counter.browser.post(f"{own_path()}change/", for_slot(page, other))
        assert (answer.status_code, code_of(answer)) == (409, "VBK-CLOSED")
        assert booking().slot_id == counter.first.pk

    def test_form_that_was_overtaken_undoes_nothing(self, counter) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        newer = counter.browser.get(f"{own_path()}change/")
        counter.browser.post(f"{own_path()}change/", for_slot(newer, counter.second))
        answer = counter.browser.post(f"{own_path()}change/", filled(page, phone="0900000000"))
        assert (answer.status_code, code_of(answer)) == (409, "VBK-CHANGED")
        assert (booking().slot_id, booking().phone) == (counter.second.pk, PHONE)

    @pytest.mark.parametrize(
        ("changes", "code"),
        [
            ({"phone": "12"}, 400),
            ({"slot": None}, 400),
            ({"revision": None}, 400),
            ({"revision": "x"}, 400),
            ({"city": "高雄市"}, 400),
        ],
    )
    def test_bad_input_changes_nothing(self, counter, changes, code) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        answer = counter.browser.post(f"{own_path()}change/", filled(page, **changes))
        assert answer.status_code == code
        assert "<title>錯誤：" in answer.content.decode()
        assert booking().revision == 1

    def test_choices_alone_for_htmx_and_without_javascript(self, counter) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        form = filled(page, date=str(clock.day_of(counter.second.begins_at)))
        query = {name: form[name] for name in ("city", "district", "site", "date")}
        part = counter.browser.get(f"{own_path()}change/", query, headers={"HX-Request": "true"})
        assert "<html" not in part.content.decode()
        assert part.context["form"]["slot"].value() == str(counter.second.pk)
        again = counter.browser.post(f"{own_path()}change/", form | {"update": "choices"})
        assert again.context["form"]["slot"].value() == str(counter.second.pk)
        assert str(again.context["form"]["revision"].value()) == "1"


class TestCancel:
    def test_asks_first_then_frees_the_place(self, counter, events) -> None:
        path = path_by_card(counter)
        question = counter.browser.get(f"{path}cancel/")
        assert page_of(question) == "cancel_booking_by_card"
        assert booking().full_number in question.content.decode()
        assert booking().state == BookingState.BOOKED

        answer = counter.browser.post(f"{path}cancel/", {"revision": 1})

        assert answer.status_code == 303
        shown = counter.browser.get(answer["Location"])
        assert "預約已取消" in shown.content.decode()
        assert booking().state == BookingState.CANCELLED
        assert counter.left(counter.first) == 2
        assert OutboxMessage.objects.filter(topic="booking_cancelled").count() == 1
        assert [e["action"] for e in events()].count("cancel_booking") == 1

    def test_twice_is_once(self, counter, events) -> None:
        for _ in range(2):
            answer = counter.browser.post(f"{own_path()}cancel/", {"revision": 1})
            assert answer.status_code == 303
        assert counter.left(counter.first) == 2
        assert [e["action"] for e in events()].count("cancel_booking") == 1

    def test_then_the_person_may_book_again(self, counter) -> None:
        counter.browser.post(f"{own_path()}cancel/", {"revision": 1})
        assert counter.book(counter.open_form()).status_code == 303
        assert Booking.objects.live().count() == 1

    def test_of_a_booking_changed_meanwhile_is_refused(self, counter) -> None:
        page = counter.browser.get(f"{own_path()}change/")
        counter.browser.post(f"{own_path()}change/", for_slot(page, counter.second))
        answer = counter.browser.post(f"{own_path()}cancel/", {"revision": 1})
        assert (answer.status_code, code_of(answer)) == (409, "VBK-CHANGED")
        assert booking().state == BookingState.BOOKED

    def test_without_its_revision_is_refused(self, counter) -> None:
        answer = counter.browser.post(f"{own_path()}cancel/")
        assert (answer.status_code, code_of(answer)) == (400, "ANK-400")


@pytest.mark.parametrize("deed", ["change", "cancel"])
class TestWhoAndWhen:
    def test_after_the_period_both_are_refused(self, counter, deed) -> None:
        Campaign.objects.update(books_until=clock.now() - timedelta(minutes=1))
        answer = counter.browser.get(f"{own_path()}{deed}/")
        assert (answer.status_code, code_of(answer)) == (409, "VBK-PERIOD")
        assert counter.browser.post(f"{own_path()}cancel/", {"revision": 1}).status_code == 409
        assert booking().state == BookingState.BOOKED

    def test_after_its_time_both_are_refused(self, counter, deed) -> None:
        passed = clock.now() - timedelta(hours=2)
        Slot.objects.filter(pk=counter.first.pk).update(
            begins_at=passed, ends_at=passed + timedelta(hours=1)
        )
        answer = counter.browser.get(f"{own_path()}{deed}/")
        assert (answer.status_code, code_of(answer)) == (409, "VBK-ENDED")

    def test_another_institution_needs_the_card(self, counter, deed) -> None:
        by_card = path_by_card(counter)
        own = own_path()
        Booking.objects.update(institution=make_institution())
        assert counter.browser.get(f"{own}{deed}/").status_code == 404
        assert counter.browser.post(f"{own}{deed}/", {"revision": 1}).status_code == 404
        assert counter.browser.get(f"{by_card}{deed}/").status_code == 200

    def test_the_card_of_somebody_else_opens_nothing(self, counter, deed) -> None:
        other = reading_of(counter.read_card(national_id="A123456789", name="林小明"))
        path = f"/booking/{other}/bookings/{booking().pk}/"
        assert counter.browser.get(f"{path}{deed}/").status_code == 404
        assert counter.browser.post(f"{path}{deed}/", {"revision": 1}).status_code == 404
        assert booking().state == BookingState.BOOKED

    def test_the_reading_of_another_session_opens_nothing(self, counter, deed) -> None:
        path = f"/booking/{uuid.uuid4()}/bookings/{booking().pk}/{deed}/"
        assert counter.browser.post(path, {"revision": 1}).status_code == 410
        assert Client().post(path, {"revision": 1}).status_code == 302


def test_calendar_file_holds_time_and_place_and_nobody(counter) -> None:
    page = counter.browser.get(f"{own_path()}calendar/")
    text = page.content.decode()
    assert page["Content-Type"] == "text/calendar; charset=utf-8"
    lines = text.split("\r\n")
    assert all(len(line.encode()) <= 75 for line in lines)
    unfolded = text.replace("\r\n ", "").split("\r\n")
    begins_at = booking().slot.begins_at
    assert f"DTSTART:{begins_at:%Y%m%dT%H%M%SZ}" in unfolded
    assert f"UID:{booking().pk}" in unfolded
    assert "SUMMARY:接種疫苗 培靈醫院-AZ" in unfolded
    assert any("MO\\,AZ01-" in line for line in unfolded)
    assert "王大明" not in text
    assert PHONE not in text


def test_calendar_file_of_a_cancelled_booking_takes_the_entry_away(counter) -> None:
    counter.browser.post(f"{own_path()}cancel/", {"revision": 1})
    text = counter.browser.get(f"{own_path()}calendar/").content.decode()
    assert "METHOD:CANCEL\r\n" in text
    assert "SEQUENCE:1\r\n" in text


def test_a_deadlock_gets_one_retry_and_no_more() -> None:
    calls = []

    @once_more_after_deadlock
    def act() -> None:
        calls.append(1)
        raise OperationalError from DeadlockDetected()

    with pytest.raises(OperationalError):
        act()
    assert len(calls) == 2


def test_another_fault_gets_no_retry() -> None:
    calls = []

    @once_more_after_deadlock
    def act() -> None:
        calls.append(1)
        raise OperationalError

    with pytest.raises(OperationalError):
        act()
    assert len(calls) == 1
