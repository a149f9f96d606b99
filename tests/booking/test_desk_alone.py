"""Who has the exception desk (VBX) but not the counter (VBK): everything for whom they typed, no card."""

from typing import Any

import pytest

from apps.booking.models import Booking
from apps.cards.models import Reading
from apps.cards.readings import seal_reading
from apps.identities.models import Identity
from tests.booking.test_exceptions import NO_CARD, PAGE, enter
from tests.support.booking import READING
from tests.support.counter import Counter, code_of, page_of
from tests.support.world import entitle, grant

pytestmark = pytest.mark.django_db


@pytest.fixture
def both() -> Counter:
    made = Counter()
    grant(made.person, entitle(made.institution, "VBX"))
    return made


@pytest.fixture
def desk(both: Counter) -> Counter:
    both.grant.delete()
    return both


def test_from_typing_to_the_slip_and_back(desk, events) -> None:
    form = desk.browser.get(enter(desk)["Location"])
    assert page_of(form) == "book_slot"
    booked = desk.book(form)
    page = desk.browser.get(booked["Location"])
    assert page_of(page) == "show_booking"
    booking = Booking.objects.get()
    for name in ("slip/", "change/", "cancel/", "calendar/"):
        assert desk.browser.get(f"{booked['Location']}{name}").status_code == 200
    assert desk.browser.get("/booking/bookings/").status_code == 200
    cancel = {"revision": booking.revision}
    assert desk.browser.post(f"{booked['Location']}cancel/", cancel).status_code == 303
    done = {e["action"]: e for e in events() if e["outcome"] == "permitted" and e["patient"]}
    assert done.keys() >= {"book_exception", "show_booking", "print_slip", "cancel_booking"}
    assert {event["service"] for event in done.values()} == {"VBX"}


def test_no_link_and_no_key_leads_to_the_card(desk) -> None:
    form = desk.browser.get(enter(desk)["Location"])
    pages = [desk.browser.get(PAGE), form, desk.browser.get(desk.book(form)["Location"])]
    for page in pages:
        html = page.content.decode()
        assert 'action="/booking/"' not in html
        assert 'href="/booking/"' not in html
        assert f'action="{PAGE}" id="read_card"' in html
    refused = desk.browser.get("/booking/")
    assert (refused.status_code, code_of(refused)) == (403, "ACC-403")


def test_a_card_stays_closed(desk, events) -> None:
    """As one that the same person read at a vaccination site."""
    enter(desk)
    typed = Reading.objects.get()
    card = Reading(
        patient=Identity.objects.create(),
        session_id=typed.session_id,
        workstation=typed.workstation,
    )
    seal_reading(card, READING).save()
    for path in ("", "slots/", "booking/", "slip/", "waiting/", "waiting/join/"):
        page = desk.browser.get(f"/booking/{card.pk}/{path}", headers={"HX-Request": "true"})
        assert (page.status_code, code_of(page)) == (403, "ACC-403")
    assert events()[-1]["reason"] == "not_granted"


def test_who_has_both_has_both_links(both) -> None:
    assert "open_exception" in both.browser.get("/booking/").content.decode()
    html = both.browser.get(PAGE).content.decode()
    assert 'href="/booking/"' in html
    assert 'action="/booking/" id="read_card"' in html


def test_who_has_the_counter_alone_sees_no_link_to_the_desk() -> None:
    html = Counter().browser.get("/booking/").content.decode()
    assert "open_exception" not in html


def test_events_of_the_counter_name_the_counter(both, events) -> None:
    both.book(both.open_form())
    services: Any = {e["action"]: e["service"] for e in events() if e["patient"]}
    assert services["book_slot"] == "VBK"
    assert services["check_eligibility"] == "VBK"
    assert NO_CARD["number"] not in str(events())
