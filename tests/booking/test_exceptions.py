"""The exception desk (C17): no card, newborns, minors, foreigners, each by a rule and with a trace."""

import uuid
from datetime import timedelta
from typing import Any

import pytest

from apps.access.models import Grant
from apps.booking.models import Booking, Campaign, ExceptionCase, ExceptionRule
from apps.booking.services.messages import send_waiting, write_reminders
from apps.cards.models import Reading
from apps.core import clock
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from tests.support.booking import make_booking, make_slot
from tests.support.counter import Counter, code_of, page_of
from tests.support.site import SiteDesk
from tests.support.world import entitle, grant, in_days, years_ago

pytestmark = pytest.mark.django_db

PAGE = "/booking/exceptions/"
NO_CARD = {
    "rule": "NO_CARD",
    "document": "NATIONAL_ID",
    "number": "A234567893",
    "name": "林堃喆",
    "birth_date": years_ago(34).isoformat(),
    "reason": "健保卡遺失補發中",
}
GUARDIAN = {"guardian_name": "王美麗", "guardian_relation": "母親", "guardian_consent": "on"}
MINOR = {"rule": "MINOR", "birth_date": years_ago(15).isoformat()}
NEWBORN = {"rule": "NEWBORN", "birth_date": in_days(-20).isoformat(), "name": "林寶寶"}


@pytest.fixture
def counter() -> Counter:
    made = Counter()
    grant(made.person, entitle(made.institution, "VBX"))
    Campaign.objects.update(group_from_age=0)
    return made


def enter(counter: Counter, **changes: Any) -> Any:
    typed = NO_CARD | changes
    return counter.browser.post(PAGE, {k: v for k, v in typed.items() if v is not None})


def test_typed_person_books_as_with_a_card_and_each_step_has_its_own_action(
    counter, events
) -> None:
    answer = enter(counter)
    form = counter.browser.get(answer["Location"])
    html = form.content.decode()
    assert page_of(form) == "book_slot"
    assert "未帶卡或卡片無法讀取" in html
    assert "A234****93" in html
    assert NO_CARD["number"] not in html
    assert counter.book(form).status_code == 303
    booking = Booking.objects.get()
    assert (booking.name, booking.masked_id) == ("林堃喆", "A234****93")
    assert booking.exception.rule_id == "NO_CARD"
    by_action = {event["action"]: event for event in events()}
    assert by_action["open_exception"]["detail"] == {"rule": "NO_CARD", "note": "健保卡遺失補發中"}
    assert by_action["book_exception"]["object_id"] == str(booking.pk)
    assert by_action["book_exception"]["patient"] == booking.patient_id
    assert "book_slot" not in by_action


class Sent(list[str]):
    """A sender that keeps the texts."""

    def send(self, *, key: str, phone: str, text: str) -> None:
        self.append(text)


def test_who_has_no_card_is_not_told_to_bring_one(counter) -> None:
    """Neither on the slip nor in the reminder: a foreigner has none."""
    counter.book(counter.browser.get(enter(counter)["Location"]))
    booking = Booking.objects.get()
    slip = counter.browser.get(f"/booking/bookings/{booking.pk}/slip/").content.decode()
    assert "預約時所用的證件" in slip
    assert "健保卡準時" not in slip
    Booking.objects.update(slot=make_slot(booking.slot.site, days=1, hour=8))
    sent = Sent()
    write_reminders()
    send_waiting(sender=sent)
    reminder = sent[-1]
    assert "提醒" in reminder
    assert "預約時所用的證件" in reminder
    assert "健保卡" not in reminder


def test_the_card_opens_later_what_was_typed_before(counter) -> None:
    counter.book(counter.browser.get(enter(counter)["Location"]))
    page = counter.open_form(national_id=NO_CARD["number"], name=NO_CARD["name"])
    assert page.status_code == 302
    shown = counter.browser.get(page["Location"])
    assert Booking.objects.get().full_number in shown.content.decode()


def test_same_form_twice_is_one_booking(counter) -> None:
    form = counter.browser.get(enter(counter)["Location"])
    assert len({counter.book(form)["Location"] for _ in range(2)}) == 1
    assert ExceptionCase.objects.get().booking == Booking.objects.get()


def test_eligibility_is_asked_as_with_a_card(counter) -> None:
    Campaign.objects.update(min_age=60)
    assert code_of(counter.browser.get(enter(counter)["Location"])) == "VBK-C03"


@pytest.mark.parametrize(
    "changes",
    [
        {},
        MINOR | GUARDIAN,
        NEWBORN | GUARDIAN,
        NEWBORN | GUARDIAN | {"document": "MOTHER", "birth_order": "2"},
        {"rule": "FOREIGNER"},
        {"rule": "FOREIGNER", "number": "AC01234567"},
        {"rule": "FOREIGNER", "document": "PASSPORT", "number": "L898902C3", "nationality": "uto"},
        {"rule": "FOREIGNER", "document": "ENTRY_PERMIT", "number": "115012345678"},
    ],
)
def test_each_rule_lets_in_whom_it_means(counter, changes) -> None:
    assert enter(counter, **changes).status_code == 303
    assert ExceptionCase.objects.get().rule_id == (changes.get("rule") or "NO_CARD")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"rule": None}, "rule"),
        ({"rule": "OTHER"}, "rule"),
        ({"reason": None}, "reason"),
        ({"reason": " x "}, "reason"),
        ({"number": "A234567890"}, "number"),
        ({"number": "Ａ234567893"}, "number"),
        ({"number": None}, "number"),
        ({"name": " "}, "name"),
        ({"birth_date": in_days(1).isoformat()}, "birth_date"),
        ({"birth_date": "x"}, "birth_date"),
        ({"document": "PASSPORT", "number": "L898902C3", "nationality": "UTO"}, "document"),
        ({"rule": "FOREIGNER", "document": "PASSPORT", "number": "L898902C3"}, "nationality"),
        (MINOR, "guardian_name"),
        (MINOR | GUARDIAN | {"guardian_consent": None}, "guardian_consent"),
        (MINOR | GUARDIAN | {"guardian_relation": ""}, "guardian_relation"),
        (NEWBORN | GUARDIAN | {"birth_order": "0", "document": "MOTHER"}, "birth_order"),
    ],
)
def test_what_is_missing_or_wrong_is_said_beside_its_field(counter, changes, field) -> None:
    page = enter(counter, **changes)
    assert page.status_code == 400
    assert field in page.context["form"].errors
    assert "data-error-summary" in page.content.decode()
    assert not ExceptionCase.objects.exists()


@pytest.mark.parametrize(
    "changes",
    [
        MINOR | GUARDIAN | {"birth_date": years_ago(18).isoformat()},
        NEWBORN | GUARDIAN | {"birth_date": in_days(-61).isoformat()},
    ],
    ids=["of age", "61 days old"],
)
def test_rule_that_does_not_fit_is_refused_and_recorded(counter, events, changes) -> None:
    page = enter(counter, **changes)
    assert (page.status_code, code_of(page)) == (409, "VBX-RULE")
    assert [e["outcome"] for e in events() if e["action"] == "open_exception"] == ["refused"]


def test_rules_are_data(counter) -> None:
    ExceptionRule.objects.filter(pk="NEWBORN").update(max_days=90)
    changes = NEWBORN | GUARDIAN | {"birth_date": in_days(-61).isoformat()}
    assert enter(counter, **changes).status_code == 303
    ExceptionRule.objects.filter(pk="NO_CARD").update(enabled=False)
    assert "rule" in enter(counter).context["form"].errors


def test_another_name_under_the_same_number_is_refused(counter) -> None:
    counter.book(counter.browser.get(enter(counter)["Location"]))
    page = enter(counter, name="王大明")
    assert (page.status_code, code_of(page)) == (409, "VBX-PERSON")
    assert enter(counter, name=" 林堃 喆").status_code == 303


def test_passports_of_two_countries_and_twins_are_different_people(counter) -> None:
    passport = {"rule": "FOREIGNER", "document": "PASSPORT", "number": "L898902C3"}
    for nationality in ("UTO", "JPN"):
        enter(counter, **passport, nationality=nationality)
    for order in ("1", "2"):
        enter(counter, **NEWBORN, **GUARDIAN, document="MOTHER", birth_order=order)
    assert ExceptionCase.objects.values("patient").distinct().count() == 4
    assert find(kind=IdentifierKind.PASSPORT, value="UTOL898902C3")


def test_typed_identity_opens_booking_and_nothing_else(counter) -> None:
    """No manual entry where the manual forbids it (B5; manual 0)."""
    grant(counter.person, entitle(counter.institution, "HIQS"))
    grant(counter.person, entitle(counter.institution, "VBS"))
    enter(counter)
    reading = Reading.objects.get(typed=True)
    for path in (f"/immunizations/{reading.pk}/", f"/booking/{reading.pk}/arrival/"):
        assert counter.browser.get(path).status_code in {404, 410}


def test_typed_identity_belongs_to_its_session(counter) -> None:
    path = enter(counter)["Location"]
    Reading.objects.update(session_id=uuid.uuid4())
    assert code_of(counter.browser.get(path)) == "READING-GONE"


def test_without_a_grant_for_the_desk_nobody_types(counter, events) -> None:
    Grant.objects.filter(content_object__service="VBX").delete()
    assert code_of(enter(counter)) == "ACC-403"
    assert not ExceptionCase.objects.exists()
    assert events()[-1]["action"] == "open_exception"


def test_site_sees_rule_and_guardian() -> None:
    desk = SiteDesk()
    booking = make_booking(
        desk.site.slots.create(
            begins_at=clock.now() + timedelta(minutes=1),
            ends_at=clock.now() + timedelta(minutes=30),
            capacity=3,
        )
    )
    ExceptionCase.objects.create(
        rule_id="MINOR",
        reading=uuid.uuid4(),
        patient_id=booking.patient_id,
        document="NATIONAL_ID",
        reason="未帶卡",
        guardian_name="王美麗",
        guardian_relation="母親",
        opened_by=booking.booked_by,
        institution=booking.institution,
        booking=booking,
    )
    day = booking.slot.day.isoformat()
    assert "母親 王美麗" in desk.get("day", day=day).content.decode()
