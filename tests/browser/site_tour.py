"""A walk past the pages of a vaccination site, the waiting list, the exception desk and the dashboard."""

from collections.abc import Iterator

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CITIZEN_READER, Desk
from tests.browser.people import OPERATOR, make_citizen, make_pharmacist
from tests.browser.site import SiteDay, allow, book_today, make_day, make_site_keeper
from tests.browser.stack import Stack
from tests.browser.tour import Stop


class SiteTour:
    """The pages in the order in which a site's week brings them."""

    def __init__(self, stack: Stack, new_page: NewPage, language: str) -> None:
        self.stack = stack
        self.new_page = new_page
        self.language = language
        self.day: SiteDay = make_day(stack)
        self.desk = Desk(stack, new_page(language))

    def walk(self) -> Iterator[Stop]:
        self.desk.log_in_as(make_site_keeper(self.stack))
        yield from self.slots()
        yield from self.one_slot()
        yield from self.the_day()
        yield from self.people_with_cards()
        yield from self.another_day()
        yield from self.counter()
        yield from self.dashboard()

    def here(self, name: str, data_page: str) -> Stop:
        self.desk.expect_page(data_page).page.wait_for_load_state()
        return Stop(f"site-{name}", self.desk.page, data_page)

    def refused(self, name: str, data_page: str) -> Stop:
        """The page came back with what is wrong on top."""
        expect(self.desk.page.locator("[data-error-summary]")).to_be_focused()
        return self.here(name, data_page)

    def slots(self) -> Iterator[Stop]:
        self.desk.open("/booking/sites/")
        yield self.here("sites", "show_sites")
        self.desk.action("show_slots").first.click()
        yield self.here("slots", "show_slots")
        self.desk.click("close_early")
        yield self.refused("slots-errors", "close_early")
        self.desk.click("show_month")
        yield self.here("month", "show_month")
        self.desk.click("publish_slots")
        yield self.here("publish", "publish_slots")
        self.desk.click("publish_slots")
        yield self.refused("publish-errors", "publish_slots")

    def one_slot(self) -> Iterator[Stop]:
        self.desk.open(f"/booking/slots/{self.day.slot}/")
        yield self.here("slot", "change_slot")
        self.desk.field("capacity").fill("1")
        self.desk.click("change_slot")
        yield self.refused("slot-below-booked", "change_slot")
        self.desk.click("relieve_slot")
        yield self.here("people", "relieve_slot")
        self.desk.click("relieve_slot")
        yield self.refused("people-errors", "relieve_slot")

    def the_day(self) -> Iterator[Stop]:
        self.desk.open(f"/booking/sites/{self.day.site}/day/")
        yield self.here("day", "show_site_day")
        self.desk.field("number").fill("MO,AZ01-9999999999")
        self.desk.click("check_in")
        yield self.refused("day-unknown-number", "check_in")
        self.desk.field("number").fill(self.day.numbers[0])
        self.desk.click("check_in")
        yield self.here("checked-in", "show_site_day")
        self.desk.action("give_dose").first.click()
        yield self.here("dose", "give_dose")
        self.desk.field("lot").fill("ABW1234")
        self.desk.field("lot_expires_on").fill("2020-01-31")
        self.desk.click("give_dose")
        yield self.refused("dose-expired", "give_dose")
        self.desk.open(f"/booking/sites/{self.day.site}/day/print/")
        yield self.here("day-print", "print_site_day")

    def people_with_cards(self) -> Iterator[Stop]:
        """Somebody who is booked, then somebody who only walked in."""
        booked, walked_in = make_citizen(self.stack, "已預約"), make_citizen(self.stack, "未預約")
        book_today(self.stack, self.day, booked)
        self.desk.open(f"/booking/sites/{self.day.site}/day/").present(booked).read_card()
        yield self.here("meet-citizen", "meet_citizen")
        self.desk.open(f"/booking/sites/{self.day.site}/day/").present(walked_in).read_card()
        self.desk.expect_page("meet_citizen")
        yield self.here("walk-in", "meet_citizen")
        self.desk.click("walk_in")
        yield self.refused("walk-in-errors", "meet_citizen")
        self.stack.remove(reader=CITIZEN_READER)

    def another_day(self) -> Iterator[Stop]:
        self.desk.open(f"/booking/sites/{self.day.site}/day/change/")
        yield self.here("change-day", "change_day")
        self.desk.click("move_day")
        yield self.refused("change-day-errors", "move_day")
        self.desk.open(f"/booking/sites/{self.day.site}/waiting/")
        yield self.here("waiting-list", "show_waiting_list")

    def counter(self) -> Iterator[Stop]:
        """Waiting, the exception desk, and what was booked here, at the counter of the same pharmacy."""
        counter = self.desk = Desk(self.stack, self.new_page(self.language))
        counter.log_in_as(allow(self.stack, make_pharmacist(self.stack), "VBX"))
        counter.open("/booking/bookings/")
        yield self.here("own-bookings", "list_bookings")
        counter.open("/booking/exceptions/")
        yield self.here("exception", "open_exception")
        counter.click("open_exception")
        yield self.refused("exception-errors", "open_exception")
        counter.open_form_for(make_citizen(self.stack)).click("join_waiting_list")
        yield self.here("join", "join_waiting_list")
        counter.click("join_waiting_list")
        yield self.refused("join-errors", "join_waiting_list")
        citizen = make_citizen(self.stack)
        counter.book(citizen).click("change_booking")
        yield self.here("change", "change_booking")
        counter.click("go_back").expect_page("show_booking").click("cancel_booking")
        yield self.here("cancel", "cancel_booking")

    def dashboard(self) -> Iterator[Stop]:
        self.desk = Desk(self.stack, self.new_page(self.language)).log_in(OPERATOR, "CITIZEN")
        self.desk.open("/booking/figures/")
        yield self.here("figures", "show_figures")
