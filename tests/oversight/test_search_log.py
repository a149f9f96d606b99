"""The auditors' plain list: every step of the thread, newest first; looking is an event too."""

from typing import Any

import pytest
from django.conf import settings
from django.test import Client

from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record
from apps.audit.terms import Action, Outcome
from apps.oversight import services
from apps.oversight.services import search_events
from tests.support.world import Pharmacy, make_operator, session_columns

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor() -> Client:
    person = make_operator(SessionRole.AUDITOR, "王文彬")
    store = SessionStore()
    store.open(**session_columns(person, role=SessionRole.AUDITOR, card_kind=CardKind.CITIZEN))
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


def note(world: Pharmacy, action: Action = Action.READ_CARD, **more: Any) -> int:
    by = Actor(person=world.pharmacist.pk, role="STAFF", institution=world.institution.pk)
    return record(event(action, by=by, service="VBK", **more))


def test_shows_who_did_what_where_with_todays_names(auditor, world) -> None:
    number = note(world)
    page = auditor.get("/oversight/log/").content.decode()
    row = page.split(f'data-event="{number}"')[1].split("</tr>")[0]
    assert "陳怡君" in row
    assert "健全藥局" in row
    assert "VBK" in row


def test_newest_first_and_page_by_page_without_gap_or_repeat(world, monkeypatch) -> None:
    monkeypatch.setattr(services, "PAGE", 3)
    numbers = [note(world) for _ in range(8)]
    code = world.institution.code
    seen, cursor = [], ""
    while True:
        found = search_events(action=Action.READ_CARD, institution=code, before=cursor)
        seen += [line.event.id for line in found.lines]
        cursor = found.next_cursor
        if not cursor:
            break
    assert seen == numbers[::-1]


def test_filters_narrow_the_list(world) -> None:
    code = world.institution.code
    refused = note(world, Action.BOOK_SLOT, outcome=Outcome.REFUSED, reason="slot_full")
    note(world, Action.BOOK_SLOT)
    found = search_events(action="book_slot", outcome="refused", institution=code)
    assert [line.event.id for line in found.lines] == [refused]


def test_an_institution_that_nobody_has_finds_nothing(world) -> None:
    note(world)
    assert search_events(institution="0000000000").lines == []


@pytest.mark.parametrize("query", ["institution=12", "action=nonsense", "outcome=x"])
def test_a_wrong_filter_is_an_error_and_never_the_whole_list(auditor, world, query) -> None:
    number = note(world)
    response = auditor.get(f"/oversight/log/?{query}")
    assert response.status_code == 400
    assert f'data-event="{number}"' not in response.content.decode()


def test_a_wrong_cursor_is_refused(auditor) -> None:
    response = auditor.get("/oversight/log/?before=junk")
    assert response.status_code == 400
    assert b"LOG-CURSOR" in response.content


def test_looking_is_an_event_with_what_was_looked_for(auditor, world, events) -> None:
    auditor.get("/oversight/log/?action=book_slot")
    (searched,) = [each for each in events() if each["action"] == "search_log"]
    assert searched["role"] == "AUDITOR"
    assert searched["detail"]["query"] == "action=book_slot"


def test_a_page_of_events_costs_the_same_for_one_and_for_many(auditor, world, round_trips) -> None:
    for _ in range(30):
        note(world)
    # Session, events, two look-ups of names, and the event with its savepoint.
    with round_trips(at_most=7):
        auditor.get("/oversight/log/")
