"""A walk past every page of the thread, refusals included; each stop is one page as a person sees it."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import uuid4

from playwright.sync_api import Page

from tests.browser.conftest import NewPage
from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.people import AUDITOR, CHILD, OPERATOR, make_citizen, make_pharmacist
from tests.browser.stack import Stack


@dataclass(frozen=True)
class Stop:
    """`name` is the screenshot's; `data_page` what <main> must say; Django's pages have none."""

    name: str
    page: Page
    data_page: str | None
    admin: bool = False


class Tour:
    """The pages in the order in which a day brings them."""

    def __init__(self, stack: Stack, new_page: NewPage, language: str) -> None:
        self.stack = stack
        self.new_page = new_page
        self.language = language
        self.desk = Desk(stack, new_page(language))
        self.pharmacist = make_pharmacist(stack)

    def walk(self) -> Iterator[Stop]:
        yield from self.visitors_pages()
        yield from self.logging_in()
        yield from self.booking()
        yield from self.after_booking()
        yield from self.refusals()
        yield from self.auditors_pages()
        yield from self.operators_pages()

    def here(self, name: str, data_page: str) -> Stop:
        self.desk.page.wait_for_load_state()
        return Stop(name, self.desk.page, data_page)

    def visitors_pages(self) -> Iterator[Stop]:
        self.desk.open("/")
        yield self.here("home", "home")
        self.desk.open("/site-map/")
        yield self.here("site-map", "site_map")
        self.desk.open("/log-in/")
        yield self.here("log-in", "log_in")
        self.desk.open("/nowhere/")
        yield self.here("not-found", "refusal")

    def logging_in(self) -> Iterator[Stop]:
        citizen = make_citizen(self.stack)
        self.stack.insert(citizen.card, reader=CITIZEN_READER)
        self.desk.ask_to_log_in()
        yield self.here("agent-insert-wrong-card", "card_insert")
        self.stack.insert(self.pharmacist.card, reader=STAFF_READER)
        self.desk.expect_page("card_pin")
        yield self.here("agent-pin", "card_pin")
        self.desk.type_pin("654321").expect_page("card_pin", "pin_wrong")
        yield self.here("agent-pin-wrong", "card_pin")
        self.desk.type_pin("654321").expect_page("card_pin", "pin_wrong")
        yield self.here("agent-pin-last-try", "card_pin")
        self.desk.type_pin().expect_page("my_home")
        yield self.here("my-home", "my_home")
        self.desk.page.goto(f"{self.stack.agent}/")
        if self.language == "en":
            self.desk.click("switch_language").expect_page("console")
        yield self.here("agent-console", "console")
        self.desk.page.goto(f"{self.stack.agent}/card?transaction={'x' * 43}")
        yield self.here("agent-problem", "problem")

    def booking(self) -> Iterator[Stop]:
        self.desk.open("/booking/")
        yield self.here("start-booking", "start_booking")
        self.stack.remove(reader=CITIZEN_READER)
        self.desk.read_card().expect_page("card_insert")
        yield self.here("agent-insert", "card_insert")
        self.desk.present(make_citizen(self.stack)).expect_page("book_slot")
        yield self.here("book-slot", "book_slot")
        self.desk.field("phone").fill("12345")
        self.desk.click("book_slot")
        self.desk.page.wait_for_selector("[data-error-summary]")
        yield self.here("book-slot-errors", "book_slot")

    def after_booking(self) -> Iterator[Stop]:
        citizen = make_citizen(self.stack)
        self.desk.book(citizen)
        yield self.here("show-booking", "show_booking")
        self.desk.click("print_slip").expect_page("print_slip")
        yield self.here("print-slip", "print_slip")
        self.desk.present(citizen).open("/booking/").read_card().expect_page("show_booking_by_card")
        yield self.here("earlier-booking", "show_booking_by_card")
        child = make_citizen(self.stack, "小朋友", born=CHILD)
        self.desk.open_form_for(child)
        yield self.here("not-eligible-alert", "book_slot")
        self.desk.click("close_alert")
        yield self.here("not-eligible", "book_slot")

    def refusals(self) -> Iterator[Stop]:
        cancelled = make_citizen(self.stack, cancelled=True)
        self.desk.present(cancelled).open("/booking/").read_card().expect_page("problem")
        yield self.here("agent-card-cancelled", "problem")
        self.desk.open(f"/booking/{uuid4()}/").expect_page("book_slot", "READING-GONE")
        yield self.here("reading-gone", "book_slot")
        self.desk.open("/oversight/log/").expect_page("search_log", "ANK-403")
        yield self.here("denied", "search_log")

    def auditors_pages(self) -> Iterator[Stop]:
        auditor = Desk(self.stack, self.new_page(self.language)).log_in(AUDITOR, "CITIZEN")
        auditor.open("/oversight/log/")
        yield Stop("log", auditor.page, "search_log")
        auditor.click("search_log").expect_page("search_log")
        auditor.page.wait_for_selector("[data-error-summary]")
        yield Stop("log-errors", auditor.page, "search_log")

    def operators_pages(self) -> Iterator[Stop]:
        operator = Desk(self.stack, self.new_page(self.language)).log_in(OPERATOR, "CITIZEN")
        operator.open("/backoffice/")
        yield Stop("back-office", operator.page, None, admin=True)
        operator.open("/backoffice/access/grant/")
        yield Stop("grants", operator.page, None, admin=True)
        operator.page.get_by_role("link", name=self.pharmacist.name).click()
        operator.page.wait_for_load_state()
        yield Stop("grant", operator.page, None, admin=True)
