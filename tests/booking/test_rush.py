"""A rush on a full slot: cheap refusals that are as true, as traced and as forgiving as any other."""

import uuid
from types import SimpleNamespace
from typing import Any

import pytest

from apps.booking import sold_out as memory
from apps.booking.models import Booking, Slot
from apps.booking.sold_out import SoldOut, sold_out
from tests.support.booking import make_booking
from tests.support.counter import PHONE, Counter, code_of, page_of

pytestmark = pytest.mark.django_db
SMALL = "booking/sold_out.html"


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
    return [template.name for template in page.templates] == [SMALL]


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
    assert 'name="update" value="choices" data-action="update_choices" autofocus' in html
    typed = dict(page.context["typed"])
    again = counter.browser.post(page.context["form_url"], typed | {"update": "choices"})
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
def test_it_costs_two_round_trips(counter, round_trips) -> None:
    """The session with its decision; the question whether it is still full, with its event."""
    form = counter.open_form()
    filled = counter.fill(form, slot=str(counter.first.pk), **_place(counter))
    with round_trips(at_most=2):
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
