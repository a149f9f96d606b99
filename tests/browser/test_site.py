"""A vaccination site in the browser: its pages by the rules, its day and its slots by keyboard alone."""

from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import make_citizen
from tests.browser.site import book_today, make_day, make_site_keeper
from tests.browser.site_tour import SiteTour
from tests.browser.stack import Stack
from tests.browser.test_keyboard import tab_to
from tests.browser.test_pages import LANGUAGES, Findings, examine


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_of_a_site_keeps_the_rules(
    stack: Stack, new_page: NewPage, language: str
) -> None:
    findings = Findings()
    for stop in SiteTour(stack, new_page, language).walk():
        examine(stop, language, findings)
    assert not findings.wrong, findings.report()


def test_a_day_at_the_site_without_a_mouse(stack: Stack, desk: Desk) -> None:
    """Numbers are scanned one after the other; a card leads to the dose; the vial is typed once."""
    from apps.booking.models import Booking
    from apps.booking.terms import BookingState

    day, keyboard = make_day(stack), desk.page.keyboard
    desk.log_in_as(make_site_keeper(stack)).open(f"/booking/sites/{day.site}/day/")
    for number in day.numbers[:2]:
        expect(desk.field("number")).to_be_focused()
        keyboard.type(number)
        keyboard.press("Enter")
        expect(desk.page.locator('[data-table="site_day"] tbody tr')).to_have_count(1)
        expect(desk.page.locator('[data-state="ARRIVED"]')).to_contain_text(number)
    tab_to(desk.page, "data-action", "give_dose")
    keyboard.press("Enter")
    desk.expect_page("give_dose")
    expect(desk.field("lot")).to_be_focused()
    keyboard.type("ABW1234")
    desk.field("lot_expires_on").fill("2199-12-31")  # Chromium's own date field, by its parts
    keyboard.press("Enter")
    expect(desk.page.locator('[data-state="VACCINATED"]')).to_contain_text(day.numbers[1])

    citizen = make_citizen(stack)
    booking = book_today(stack, day, citizen)
    desk.present(citizen).read_card().expect_page("meet_citizen")
    expect(desk.action("mark_arrived")).to_be_focused()
    keyboard.press("Enter")
    desk.expect_page("show_site_day")
    tab_to(desk.page, "data-action", "give_dose")
    keyboard.press("Enter")
    desk.expect_page("give_dose")
    assert desk.field("lot").input_value() == "ABW1234"
    expect(desk.page.locator('main [data-action="give_dose"]')).to_be_focused()
    keyboard.press("Enter")
    expect(desk.page.locator('[data-state="VACCINATED"]')).to_have_count(1)
    with stack.database():
        given = Booking.objects.select_related("dose").get(pk=booking)
        assert (given.state, given.dose and given.dose.lot) == (BookingState.VACCINATED, "ABW1234")


def test_a_slot_loses_places_without_a_mouse(stack: Stack, desk: Desk) -> None:
    """Fewer places than people are refused; one is moved, and told; then the number is accepted."""
    from apps.booking.models import Booking, Slot

    day, keyboard = make_day(stack), desk.page.keyboard
    desk.log_in_as(make_site_keeper(stack)).open(f"/booking/slots/{day.slot}/")
    tab_to(desk.page, "name", "capacity")
    keyboard.press("Control+a")
    keyboard.type("2")
    keyboard.press("Enter")
    desk.expect_page("change_slot", "VBS-BOOKED")
    expect(desk.page.locator("[data-error-summary]")).to_be_focused()
    tab_to(desk.page, "data-action", "relieve_slot")
    keyboard.press("Enter")
    desk.expect_page("relieve_slot")
    tab_to(desk.page, "name", "people")
    keyboard.press("Space")
    tab_to(desk.page, "data-action", "relieve_slot")
    keyboard.press("Enter")
    desk.expect_page("change_slot")
    with stack.database():
        slot = Slot.objects.get(pk=day.slot)
        assert (slot.booked, slot.capacity) == (2, 4)
        moved = Booking.objects.exclude(slot=slot).get(pk__in=day.bookings)
        assert moved.slot.begins_at > slot.begins_at + timedelta(minutes=1)
