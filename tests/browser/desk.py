"""A person in front of the browser at the pharmacy's counter: what they do, in their words."""

from typing import Self

from playwright.sync_api import Locator, Page, expect

from tests.browser.people import HOSPITAL, PIN, Citizen, Pharmacist
from tests.browser.stack import Stack

STAFF_READER, CITIZEN_READER = 0, 1
PHONE = "0912345678"


class Desk:
    """One browser page with the two readers of the workstation beside it.

    `workstation` is chosen at the log-in where it is another than the pharmacy's.
    """

    workstation = ""

    def __init__(self, stack: Stack, page: Page) -> None:
        self.stack = stack
        self.page = page

    @property
    def agent(self) -> str:
        return self.stack.hospital if self.workstation == HOSPITAL else self.stack.agent

    # --- looking ------------------------------------------------------------------------------

    @property
    def main(self) -> Locator:
        return self.page.locator("main")

    def action(self, name: str) -> Locator:
        return self.page.locator(f'[data-action="{name}"]')

    def field(self, name: str) -> Locator:
        return self.page.locator(f'[name="{name}"]')

    def expect_page(self, name: str, code: str | None = None) -> Self:
        """Wait for the page of this URL name, with this refusal code if one is given."""
        wanted = f'main[data-page="{name}"]' + (f'[data-code="{code}"]' if code else "")
        expect(self.page.locator(wanted)).to_be_attached()
        return self

    def expect_new_choices(self) -> Self:
        """Wait until htmx has put the lists in place and wired them."""
        expect(self.page.locator("#status")).not_to_be_empty()
        busy = self.page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")
        expect(busy).to_have_count(0)
        return self

    # --- doing --------------------------------------------------------------------------------

    def open(self, path: str) -> Self:
        self.page.goto(self.stack.web + path)
        return self

    def click(self, action: str) -> Self:
        self.action(action).click()
        return self

    def ask_to_log_in(self, card_kind: str = "HPC") -> Self:
        self.open("/log-in/")
        self.page.check(f'[name="card_kind"][value="{card_kind}"]')
        if self.workstation:
            self.page.check(f'[name="workstation"][value="{self.workstation}"]')
        return self.click("log_in")

    def type_pin(self, pin: str = PIN) -> Self:
        self.field("pin").fill(pin)
        return self.click("submit_pin")

    def log_in(self, card: str, card_kind: str = "HPC") -> Self:
        self.stack.insert(card, reader=STAFF_READER, agent=self.agent)
        return self.ask_to_log_in(card_kind).type_pin().expect_page("my_home")

    def log_in_as(self, pharmacist: Pharmacist) -> Self:
        return self.log_in(pharmacist.card)

    def present(self, citizen: Citizen) -> Self:
        self.stack.insert(citizen.card, reader=CITIZEN_READER)
        return self

    def read_card(self) -> Self:
        return self.press_f2()

    def press_f2(self) -> Self:
        """The key is heard once the page is there with its scripts; before that nobody would press it."""
        self.page.locator('[aria-keyshortcuts="F2"]').first.wait_for(state="attached")
        self.page.wait_for_load_state("domcontentloaded")
        self.page.keyboard.press("F2")
        return self

    def open_form_for(self, citizen: Citizen) -> Self:
        self.present(citizen)
        return self.open("/booking/").read_card().expect_page("book_slot")

    def fill(self, phone: str = PHONE) -> Self:
        self.field("phone").fill(phone)
        self.field("consent").check()
        return self

    def book(self, citizen: Citizen) -> Self:
        return self.open_form_for(citizen).fill().click("book_slot").expect_page("show_booking")
