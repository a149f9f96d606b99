"""Waiting list and exception desk in the browser: by keyboard, in both languages, by axe."""

from collections.abc import Iterator
from typing import Any

import pytest
from playwright.sync_api import expect

from tests.browser import rules
from tests.browser.conftest import NewPage
from tests.browser.desk import PHONE, Desk
from tests.browser.people import Citizen, Pharmacist, make_citizen
from tests.browser.stack import Stack
from tests.browser.test_keyboard import tab_to

NARROWEST = 320


@pytest.fixture
def full_site(stack: Stack) -> Iterator[str]:
    """A site without a place: nothing is free there until the test gives something back."""
    from apps.booking.models import Slot

    with stack.database():
        slots = Slot.objects.filter(site__institution__code="2390020019")
        before = list(slots.values_list("pk", "capacity"))
        for pk, _capacity in before:
            Slot.objects.filter(pk=pk).update(capacity=Slot.objects.get(pk=pk).booked)
        site = str(slots.first().site_id)  # type: ignore[union-attr]  # the demo has some
    yield site
    with stack.database():
        for pk, capacity in before:
            Slot.objects.filter(pk=pk).update(capacity=capacity)


def check(desk: Desk) -> list[str]:
    page = desk.page
    found = [*rules.axe_violations(page), *rules.broken_rules(page), *rules.small_targets(page)]
    return found + rules.too_wide(page, NARROWEST)


def join(desk: Desk, citizen: Citizen, site: str) -> None:
    """To the form by the card, to the site by its lists, and on by the keyboard alone."""
    desk.open_form_for(citizen)
    tab_to(desk.page, "data-action", "join_waiting_list")
    desk.page.keyboard.press("Enter")
    desk.expect_page("join_waiting_list")
    expect(desk.field("phone")).to_be_focused()
    desk.page.keyboard.type(PHONE)
    desk.field("city").select_option("金門縣")
    desk.expect_new_choices()
    desk.field("site").select_option(site)
    desk.expect_new_choices()
    desk.field("consent").check()
    desk.page.keyboard.press("Enter")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_wait_and_accept_the_place_that_became_free(
    stack: Stack, new_page: NewPage, pharmacist: Pharmacist, full_site: str, language: str
) -> None:
    from apps.booking.models import Slot, WaitingEntry
    from apps.booking.services.offers import offer_places
    from apps.booking.terms import WaitingState

    desk = Desk(stack, new_page(language)).log_in_as(pharmacist)
    citizen = make_citizen(stack)
    join(desk, citizen, full_site)
    desk.expect_page("show_waiting")
    expect(desk.page.locator("[data-rank]")).to_be_visible()
    expect(desk.action("next_citizen")).to_be_focused()
    assert check(desk) == []
    with stack.database():
        others = WaitingEntry.objects.filter(state=WaitingState.WAITING)
        others.exclude(name=citizen.name).update(state=WaitingState.LEFT)
        slot = Slot.objects.filter(site=full_site).order_by("-begins_at").first()
        assert slot is not None
        Slot.objects.filter(pk=slot.pk).update(capacity=slot.booked + 1)
        assert offer_places(site=slot.site_id) == 1
    desk.open("/booking/").read_card().expect_page("show_waiting")
    expect(desk.action("accept_offer")).to_be_focused()
    assert check(desk) == []
    desk.page.keyboard.press("Enter")
    desk.expect_page("show_booking_by_card")
    expect(desk.action("print_slip")).to_be_focused()


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_somebody_without_a_card_is_booked_at_the_exception_desk(
    stack: Stack, new_page: NewPage, pharmacist: Pharmacist, language: str
) -> None:
    from tests.browser.people import national_id

    allow(stack, pharmacist, "VBX")
    desk = Desk(stack, new_page(language)).log_in_as(pharmacist)
    desk.open("/booking/").click("open_exception").expect_page("open_exception")
    assert check(desk) == []
    desk.click("open_exception")
    expect(desk.page.locator("[data-error-summary]")).to_be_focused()
    assert check(desk) == []
    number = national_id("F")
    typed = {"number": number, "name": "林小美", "birth_date": "075/01/31", "reason": "健保卡遺失"}
    desk.page.check('[name="rule"][value="NO_CARD"]')
    for name, value in typed.items():
        desk.field(name).fill(value)
    desk.page.keyboard.press("Enter")
    desk.expect_page("book_slot")
    assert number not in desk.page.content()
    desk.fill().click("book_slot").expect_page("show_booking")
    desk.open("/booking/bookings/").expect_page("list_bookings")
    assert check(desk) == []


def allow(stack: Stack, pharmacist: Pharmacist, service: str) -> None:
    from apps.access.models import Entitlement
    from apps.accounts.models import Person
    from tests.browser.people import PHARMACY
    from tests.support.world import grant

    with stack.database():
        entitlement: Any = Entitlement.objects.get(institution__code=PHARMACY, service_id=service)
        grant(Person.objects.get(pk=pharmacist.person), entitlement)
