"""The thread: card, login, reading, booking, log, a closed grant, and the very next click refused."""

import re

import pytest
from playwright.sync_api import Page, expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import AUDITOR, OPERATOR, Citizen, Pharmacist, make_citizen
from tests.browser.stack import Stack

NUMBER = re.compile(r"MO,AZ01-[0-9]{10}")
STEPS = {"log_in", "read_card", "check_eligibility", "book_slot", "show_booking", "print_slip"}


class Thread:
    """The steps, in the words of the issue."""

    def __init__(self, stack: Stack, new_page: NewPage, pharmacist: Pharmacist) -> None:
        self.new_page = new_page
        self.stack = stack
        self.pharmacist = pharmacist
        self.desk = Desk(stack, new_page())
        self.citizen: Citizen = make_citizen(stack)

    def when_the_pharmacist_logs_in_with_card_and_pin(self) -> None:
        self.stack.insert(self.pharmacist.card, reader=0)
        self.desk.ask_to_log_in().expect_page("card_pin")
        assert self.desk.page.url.startswith(self.stack.agent)
        assert self.desk.field("pin").get_attribute("type") == "password"
        self.desk.type_pin()

    def then_my_home_lists_the_services_here(self) -> None:
        self.desk.expect_page("my_home")
        expect(self.desk.page.locator('[data-table="services"] tbody tr')).to_have_count(1)
        expect(self.desk.page.locator('[data-table="services"]')).to_contain_text("VBK")
        expect(self.desk.page.locator("header")).to_contain_text(self.pharmacist.name)

    def when_the_citizens_card_is_read(self) -> None:
        self.desk.click("open_service").present(self.citizen).read_card().expect_page("book_slot")

    def then_the_form_shows_the_citizen_masked(self) -> None:
        expect(self.desk.main).to_contain_text(self.citizen.name)
        expect(self.desk.main).to_contain_text(self.citizen.masked_id)
        assert self.citizen.national_id not in self.desk.page.content()

    def when_phone_and_consent_are_sent(self) -> None:
        self.desk.fill().click("book_slot")

    def then_there_is_a_number(self) -> str:
        self.desk.expect_page("show_booking")
        text = self.desk.main.inner_text()
        assert self.citizen.masked_id in text
        assert self.citizen.national_id not in self.desk.page.content()
        (number,) = set(NUMBER.findall(text))
        return number

    def then_the_slip_has_the_number_beside_its_qr(self, number: str) -> None:
        self.desk.click("print_slip").expect_page("print_slip")
        code = self.desk.page.locator(".sheet-code")
        expect(code.locator("svg")).to_be_visible()
        expect(code.get_by_role("img", name=re.compile(re.escape(number)))).to_be_visible()
        expect(code.locator(".sheet-number")).to_have_text(number)
        assert self.citizen.national_id not in self.desk.page.content()

    def then_the_next_citizen_is_one_key_away(self) -> None:
        self.desk.click("cancel_print").expect_page("show_booking")
        following = make_citizen(self.stack, "次位民眾")
        self.desk.present(following).click("next_citizen").expect_page("book_slot")
        expect(self.desk.main).to_contain_text(following.masked_id)

    def when_the_operator_closes_the_grant(self) -> None:
        operator = Desk(self.stack, self.new_page()).log_in(OPERATOR, "CITIZEN")
        operator.open("/backoffice/access/grant/")
        operator.page.get_by_role("link", name=self.pharmacist.name).click()
        operator.field("reason").last.fill("離職")
        operator.click("close_grant")
        expect(operator.page.locator(".messagelist .success")).to_be_visible()

    def then_the_very_next_click_is_refused(self) -> None:
        with self.desk.page.expect_response(re.compile("/booking/")) as answer:
            self.desk.press_f2()
        assert answer.value.status == 403
        self.desk.expect_page("start_booking", "ACC-403")

    def events_an_auditor_sees(self) -> list[tuple[str, str]]:
        auditor = Desk(self.stack, self.new_page()).log_in(AUDITOR, "CITIZEN")
        auditor.open("/oversight/log/")
        return events_of(auditor.page, self.pharmacist.name)


def events_of(page: Page, actor: str) -> list[tuple[str, str]]:
    """Action and outcome of each event in the list whose actor is this one, newest first."""
    lines = page.locator('[data-table="events"] tbody tr').filter(has_text=actor)
    found = lines.evaluate_all("rows => rows.map(r => [r.dataset.actionName, r.dataset.outcome])")
    return [(action, outcome) for action, outcome in found]


@pytest.fixture
def thread(stack: Stack, new_page: NewPage, pharmacist: Pharmacist) -> Thread:
    return Thread(stack, new_page, pharmacist)


def test_03_from_the_card_in_the_reader_to_the_slip_and_to_the_refusal(thread: Thread) -> None:
    thread.when_the_pharmacist_logs_in_with_card_and_pin()
    thread.then_my_home_lists_the_services_here()
    thread.when_the_citizens_card_is_read()
    thread.then_the_form_shows_the_citizen_masked()
    thread.when_phone_and_consent_are_sent()
    number = thread.then_there_is_a_number()
    thread.then_the_slip_has_the_number_beside_its_qr(number)
    thread.then_the_next_citizen_is_one_key_away()
    seen = thread.events_an_auditor_sees()
    assert {action for action, outcome in seen if outcome == "permitted"} >= STEPS
    assert "refused" not in {outcome for _, outcome in seen}

    thread.when_the_operator_closes_the_grant()
    thread.then_the_very_next_click_is_refused()
    assert thread.events_an_auditor_sees()[0] == ("read_card", "refused")


def test_without_a_grant_my_home_says_whom_to_ask(stack: Stack, desk: Desk) -> None:
    from tests.browser.people import make_pharmacist

    desk.log_in_as(make_pharmacist(stack, authorized=False))
    expect(desk.page.locator('[data-table="services"]')).to_have_count(0)
    desk.open("/booking/").expect_page("start_booking", "ACC-403")
