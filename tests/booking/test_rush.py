"""A rush on a full slot: cheap refusals that are as true, as traced and as forgiving as any other."""

import re
import uuid
from dataclasses import replace
from datetime import timedelta
from types import SimpleNamespace
from typing import Any

import pytest
from django.conf import settings

from apps.accounts.models import Person, Session
from apps.audit.lag import last_look
from apps.booking import services
from apps.booking import sold_out as memory
from apps.booking.models import Booking, Slot
from apps.booking.sold_out import SoldOut, sold_out
from apps.cards.models import Reading
from apps.core import clock
from tests.support.booking import make_booking
from tests.support.counter import PHONE, Counter, code_of, page_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    """The first slot is full, and this process knows it."""
    made = Counter()
    for _ in range(made.first.capacity):
        make_booking(made.first)
    sold_out.note(made.first.pk)
    return made


def want_full(counter: Counter, page: Any, **changes: Any) -> Any:
    """The form of somebody who saw the slot while it had a place."""
    return counter.book(page, slot=str(counter.first.pk), **(_place(counter) | changes))


def _place(counter: Counter) -> dict[str, str]:
    district = counter.site.institution.district
    day = counter.first.day.isoformat()
    place = {
        "city": district.city,
        "district": district.code,
        "site": str(counter.site.pk),
        "date": day,
    }
    return place | {"offered": "|".join(place.values())}


def is_small(page: Any) -> bool:
    """The page that is rendered once and has no list to choose from."""
    html = page.content.decode()
    return (
        'value="choices" data-action="update_choices" autofocus' in html and "<select" not in html
    )


def test_the_first_refusal_has_the_whole_form_and_the_next_is_small() -> None:
    counter = Counter()
    forms = [counter.open_form() for _ in range(2)]
    for _ in range(2):
        make_booking(counter.first)
    first, second = [want_full(counter, form) for form in forms]
    for page in (first, second):
        assert (page.status_code, page_of(page), code_of(page)) == (409, "book_slot", "VBK-FULL")
    assert not is_small(first)
    assert is_small(second)


def test_one_event_names_person_slot_and_grant(counter, events) -> None:
    form = counter.open_form()
    assert is_small(want_full(counter, form))
    (event,) = [e for e in events() if e["action"] == "book_slot"]
    assert (event["outcome"], event["reason"]) == ("refused", "slot_full")
    assert event["patient"] == form.context["citizen"].patient
    assert (event["service"], event["grant_id"]) == ("VBK", counter.grant.pk)
    assert event["detail"] == {"code": "VBK-FULL"}


def test_nothing_typed_is_lost_and_one_key_leads_back(counter) -> None:
    page = want_full(counter, counter.open_form(), phone="0987654321")
    html = page.content.decode()
    assert '<form method="post">' in html  # to the address that it came to
    typed = dict(re.findall(r'<input type="hidden" name="([^"]+)" value="([^"]*)">', html))
    again = counter.browser.post(page.request["PATH_INFO"], typed | {"update": "choices"})
    form = again.context["form"]
    assert (again.status_code, form["phone"].value()) == (200, "0987654321")
    assert form["consent"].value()
    assert form["key"].value() == typed["key"]
    assert form["slot"].value() == str(counter.second.pk)


def test_a_place_that_was_given_back_is_booked_at_once(counter) -> None:
    """The memory is a hint only."""
    form = counter.open_form()
    Slot.objects.filter(pk=counter.first.pk).update(capacity=3)
    assert want_full(counter, form).status_code == 303


def test_the_form_that_took_the_last_place_finds_its_booking() -> None:
    """A double click, of which the second finds the slot full; before and after it is known."""
    counter = Counter()
    Slot.objects.filter(pk=counter.first.pk).update(capacity=1)
    form = counter.open_form()
    answers = [want_full(counter, form) for _ in range(2)]
    sold_out.note(counter.first.pk)
    answers.append(want_full(counter, form))
    assert {answer["Location"] for answer in answers} == {
        f"/booking/bookings/{Booking.objects.get().pk}/"
    }


def test_what_else_is_wrong_is_said_as_ever(counter) -> None:
    form = counter.open_form()
    Slot.objects.filter(pk=counter.first.pk).update(closed=True)
    assert code_of(want_full(counter, form)) == "VBK-CLOSED"
    gone = counter.browser.post(f"/booking/{uuid.uuid4()}/", counter.fill(form))
    assert (gone.status_code, code_of(gone)) == (410, "READING-GONE")


@pytest.mark.parametrize("changes", [{"key": "x"}, {"key": None}, {"slot": "' OR 1=1"}])
def test_a_broken_form_goes_its_usual_way(counter, changes) -> None:
    page = counter.book(counter.open_form(), **(_place(counter) | changes))
    assert page.status_code == 400
    assert not is_small(page)


@pytest.mark.django_db(transaction=True)
def test_it_costs_one_round_trip(counter, round_trips) -> None:
    """The session, its decision, whether the slot is still full, and the event of the refusal."""
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    with round_trips(at_most=1):
        page = counter.browser.post(form.request["PATH_INFO"], filled)
    assert is_small(page)
    assert PHONE in page.content.decode()


def test_the_memory_forgets_and_never_grows(monkeypatch) -> None:
    moment = 0.0
    monkeypatch.setattr(memory, "time", SimpleNamespace(monotonic=lambda: moment))
    kept, slot = SoldOut(), uuid.uuid4()
    kept.note(slot)
    moment = 59.0
    assert kept.knows(slot)
    moment = 61.0
    assert not kept.knows(slot)
    monkeypatch.setattr(memory, "MOST", 3)
    slots = [uuid.uuid4() for _ in range(5)]
    for each in slots:
        kept.note(each)
    assert [kept.knows(each) for each in slots] == [True, True, True, False, False]


def test_its_event_says_what_that_of_a_whole_form_says(events) -> None:
    """The one is made by the database out of the session's row, the other by the guard."""
    counter = Counter()
    form = counter.open_form()
    for _ in range(2):
        make_booking(counter.first)
    whole, small = want_full(counter, form), want_full(counter, form)
    assert (is_small(whole), is_small(small)) == (False, True)
    first, second = [e for e in events() if e["reason"] == "slot_full"]
    own = {"id", "xid", "recorded_at", "salt", "request_id"}
    assert first["request_id"] != second["request_id"]
    assert {k: v for k, v in first.items() if k not in own} == {
        k: v for k, v in second.items() if k not in own
    }


def _end_session(counter: Counter) -> None:
    Session.objects.update(last_seen_at=clock.now() - timedelta(hours=9))


def _lock_out(counter: Counter) -> None:
    Person.objects.filter(pk=counter.person.pk).update(is_active=False)


def _take_grant(counter: Counter) -> None:
    counter.grant.delete()


def _stop_sealing(counter: Counter) -> None:
    last_look.lag, last_look.at = timedelta(hours=9), float("inf")


@pytest.mark.parametrize(
    ("change", "status", "reason"),
    [
        (_end_session, 302, None),
        (_lock_out, 302, None),
        (_take_grant, 403, "not_granted"),
        (_stop_sealing, 503, "sealing_stopped"),
    ],
)
def test_who_may_not_book_hears_of_no_slot(counter, events, change, status, reason) -> None:
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    change(counter)
    try:
        page = counter.browser.post(form.request["PATH_INFO"], filled)
    finally:
        last_look.forget()
    assert page.status_code == status
    assert [e["reason"] for e in events() if e["outcome"] == "refused"] == [reason][: bool(reason)]


def test_a_forged_form_is_no_refusal(counter, events) -> None:
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    counter.browser.handler.enforce_csrf_checks = True
    assert counter.browser.post(form.request["PATH_INFO"], filled).status_code == 403
    assert not [e for e in events() if e["outcome"] == "refused" and e["reason"] == "slot_full"]


def test_a_reading_of_another_session_is_no_refusal(counter, events) -> None:
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    Reading.objects.update(session_id=uuid.uuid4())
    page = counter.browser.post(form.request["PATH_INFO"], filled)
    assert (page.status_code, code_of(page)) == (410, "READING-GONE")
    assert not [e for e in events() if e["reason"] == "slot_full"]


def test_what_was_typed_cannot_become_a_page(counter) -> None:
    page = want_full(counter, counter.open_form(), phone='"><script>alert(1)</script>')
    assert is_small(page)
    html = page.content.decode()
    assert "<script>alert" not in html
    assert "&quot;&gt;&lt;script&gt;" in html


@pytest.mark.parametrize(
    ("language", "way_on"), [("zh-hant", "改選其他時段"), ("en", "Choose another time")]
)
def test_each_language_has_its_own(counter, language, way_on) -> None:
    form = counter.open_form()
    counter.browser.cookies[settings.LANGUAGE_COOKIE_NAME] = language
    assert f"autofocus>{way_on}</button>" in want_full(counter, form).content.decode()


def test_it_has_the_headers_of_every_other_page(counter) -> None:
    """It stands above most middlewares."""
    page = counter.open_form()
    refused = want_full(counter, page)
    assert is_small(refused)
    assert refused.headers.keys() == page.headers.keys() - {"Vary"}
    own = {"Content-Length", "X-Request-Id", "Vary"}
    assert {name: refused[name] for name in page.headers.keys() - own} == {
        name: page[name] for name in page.headers.keys() - own
    }


def test_a_host_that_is_not_ours_gets_nothing_at_the_door(counter, events) -> None:
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    before = len(events())
    page = counter.browser.post(form.request["PATH_INFO"], filled, headers={"host": "elsewhere"})
    assert page.status_code == 400
    assert len(events()) == before


@pytest.mark.parametrize("method", ["get", "head", "put", "delete", "options"])
def test_only_forms_are_answered_at_the_door(counter, method) -> None:
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    page = getattr(counter.browser, method)(form.request["PATH_INFO"], filled)
    assert page.status_code != 409


@pytest.fixture
def door_without_log(counter, monkeypatch) -> None:
    """The log does not take what the door wants to write: it has a part that is not known."""
    columns = services.REFUSED.columns.replace("'patient'", "'pat'")
    monkeypatch.setattr(services, "REFUSED", replace(services.REFUSED, columns=columns))


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("door_without_log")
def test_what_the_door_cannot_record_goes_its_usual_way(counter, events) -> None:
    page = want_full(counter, counter.open_form())
    assert (page.status_code, is_small(page)) == (409, False)
    assert [e["reason"] for e in events() if e["outcome"] == "refused"] == ["slot_full"]


@pytest.mark.django_db(transaction=True)
@pytest.mark.usefixtures("door_without_log")
def test_without_a_log_there_is_no_refusal_either(counter, monkeypatch) -> None:
    form = counter.open_form()
    monkeypatch.setattr("apps.audit.services.APPEND", "audit.append('[]') FROM (SELECT %s) told")
    page = want_full(counter, form)
    assert (page.status_code, code_of(page)) == (503, "AUD-503")


def test_a_place_given_back_costs_one_question_more_and_not_two(counter) -> None:
    """The next form finds no hint any more."""
    Slot.objects.filter(pk=counter.first.pk).update(capacity=4)
    assert want_full(counter, counter.open_form()).status_code == 303
    assert not sold_out.knows(counter.first.pk)
