"""A walk past the pages around cards that the day at the counter does not bring: logins by other kinds,
one's account, security modules, the component check, and the agent's own pages.
"""

from collections.abc import Iterator

import httpx
from playwright.sync_api import expect

from apps.portal.demo.people import CITIZENS
from tests.browser.conftest import NewPage
from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.people import (
    HOSPITAL,
    OPERATOR,
    REPRESENTATIVE,
    join_another_institution,
    make_own_nhi_card,
    make_pharmacist,
    unenrolled_agent,
)
from tests.browser.stack import Stack
from tests.browser.tour import Stop

MANAGER = "hpc-kuo"
WANG = next(each for each in CITIZENS if each.card_id == "nhi-wang")
CONFLICT = ("HPCFASTAUTH", "CSREMOTE")


class Room(Desk):
    """The emergency room's desk, as far as the card goes."""

    workstation = HOSPITAL

    def ask(self, number: str = "F229401150") -> Desk:
        self.open("/emergency/").page.check('[name="purpose"][value="TRIAGE_1"]')
        self.field("national_id").fill(number)
        return self.click("query_records")


class CardTour:
    def __init__(self, stack: Stack, new_page: NewPage, language: str) -> None:
        self.stack = stack
        self.new_page = new_page
        self.language = language
        self.desk = Desk(stack, new_page(language))
        self.pharmacist = make_pharmacist(stack)

    def walk(self) -> Iterator[Stop]:
        yield from self.component_check()
        yield from self.nhi_login()
        yield from self.choosing_an_institution()
        yield from self.own_account()
        yield from self.own_password()
        yield from self.step_up()
        yield from self.representative()
        yield from self.manager()
        yield from self.operators_pages()
        yield from self.agents_pages()

    def here(self, name: str, data_page: str) -> Stop:
        self.desk.page.wait_for_load_state()
        return Stop(f"cards-{name}", self.desk.page, data_page)

    def component_check(self) -> Iterator[Stop]:
        self.desk.open("/check/")
        yield self.here("check", "check_components")
        self.desk.click("check_components").expect_page("show_check")
        yield self.here("check-shown", "show_check")

    def nhi_login(self) -> Iterator[Stop]:
        self.stack.insert(make_own_nhi_card(self.stack, self.pharmacist), reader=CITIZEN_READER)
        self.desk.ask_to_log_in("NHI").expect_page("enter_password")
        yield self.here("password", "enter_password")
        self.desk.field("password").fill("wrong")
        self.desk.click("enter_password")
        expect(self.desk.page.locator("[role=alert][data-code]")).to_be_visible()
        yield self.here("password-wrong", "enter_password")
        self.desk.click("open_registration").expect_page("register_card_password")
        yield self.here("register", "register_card_password")
        self.desk.click("register_password").page.wait_for_selector("[data-error-summary]")
        yield self.here("register-errors", "register_card_password")
        self.stack.remove(reader=CITIZEN_READER)

    def choosing_an_institution(self) -> Iterator[Stop]:
        join_another_institution(self.stack, self.pharmacist)
        self.stack.insert(self.pharmacist.card, reader=STAFF_READER)
        with unenrolled_agent(self.stack):
            self.desk.open("/log-in/").page.check('[name="reader_kind"][value="CHIP_READER"]')
            self.desk.click("log_in").type_pin().expect_page("choose_institution")
            yield self.here("choose-institution", "choose_institution")
            self.desk.click("choose_institution").page.wait_for_selector("[data-error-summary]")
            yield self.here("choose-institution-errors", "choose_institution")

    def own_account(self) -> Iterator[Stop]:
        self.desk.log_in_as(self.pharmacist).open("/account/")
        yield self.here("my-account", "my_account")
        self.desk.field("card_kind").select_option("CITIZEN")
        self.desk.click("report_lost_card").expect_page("my_account")
        yield self.here("my-account-lost", "my_account")
        self.desk.open("/account/password/").expect_page("set_card_password", "LOGIN-CERT-NEEDED")
        yield self.here("set-password-refused", "set_card_password")

    def own_password(self) -> Iterator[Stop]:
        """Right after a login by citizen certificate."""
        self.desk = Desk(self.stack, self.new_page(self.language)).log_in(OPERATOR, "CITIZEN")
        self.desk.open("/account/").click("set_password").expect_page("set_card_password")
        yield self.here("set-password", "set_card_password")
        self.desk.click("set_password").page.wait_for_selector("[data-error-summary]")
        yield self.here("set-password-errors", "set_card_password")

    def step_up(self) -> Iterator[Stop]:
        """A query of manual 3 wants the card again; whoever leaves the agent's page is told so."""
        room = self.desk = Room(self.stack, self.new_page(self.language))
        room.log_in("hpc-liao").ask().expect_page("card_pin")
        yield self.here("step-up-pin", "card_pin")
        room.click("cancel_transaction").expect_page("show_emergency_alert", "ACC-PROOF")
        yield self.here("step-up-refused", "show_emergency_alert")

    def representative(self) -> Iterator[Stop]:
        office = self.desk = Desk(self.stack, self.new_page(self.language))
        office.log_in(REPRESENTATIVE, "INSTITUTION").open("/workstations/")
        yield self.here("modules", "list_modules")
        office.click("apply_module").page.wait_for_selector("[data-error-summary]")
        yield self.here("modules-errors", "list_modules")
        office.field("name").fill("調劑櫃檯二")
        office.click("apply_module").expect_page("list_modules")
        yield self.here("modules-applied", "list_modules")
        office.open("/account/people/")
        yield self.here("people", "list_cards")
        office.action("issue_code").first.click()
        expect(office.page.locator("[data-registration-code]")).to_be_visible()
        yield self.here("people-code", "issue_code")

    def manager(self) -> Iterator[Stop]:
        office = self.desk = Desk(self.stack, self.new_page(self.language))
        office.log_in(MANAGER).open("/workstations/overview/")
        yield self.here("workstations", "show_workstations")

    def operators_pages(self) -> Iterator[Stop]:
        """A visit that a HIS opened, found by its patient and by its signature."""
        signature = self.open_visit()
        operator = Desk(self.stack, self.new_page(self.language)).log_in(OPERATOR, "CITIZEN")
        operator.open("/backoffice/visits/insurancestatus/")
        yield Stop("insurance-list", operator.page, None, admin=True)
        operator.field("number").fill(WANG.national_id)
        operator.click("look_up_insured")
        operator.page.wait_for_url("**/change/")
        yield Stop("insurance", operator.page, None, admin=True)
        operator.click("list_visits").page.wait_for_url("**/visits/visit/?**")
        yield Stop("visits", operator.page, None, admin=True)
        operator.field("signature").fill(signature)
        operator.click("look_up_signature").page.wait_for_url("**/change/")
        yield Stop("visit", operator.page, None, admin=True)
        operator.open("/backoffice/visits/visit/").field("signature").fill("A" * 256)
        operator.click("look_up_signature")
        expect(operator.page.locator(".messagelist .error")).to_be_visible()
        yield Stop("visits-no-signature", operator.page, None, admin=True)
        operator.open("/backoffice/workstations/workstation/")
        yield Stop("workstations-of-all", operator.page, None, admin=True)

    def open_visit(self) -> str:
        """By a HIS at this computer; its signature."""
        token = (self.stack.places.agent_home / "his.token").read_text().strip()
        self.stack.insert(WANG.card_id, reader=CITIZEN_READER)
        answer = httpx.post(
            f"{self.stack.agent}/his/hisGetSeqNumber256N1",
            json={"cTreatItem": "01"},
            headers={"Authorization": f"Bearer {token}"},
            trust_env=False,
            timeout=30,
        ).json()
        assert answer["code"] == 0, answer
        signature: str = answer["fields"]["signature"]
        return signature

    def agents_pages(self) -> Iterator[Stop]:
        page = self.desk.page
        page.goto(f"{self.stack.agent}/settings")
        if self.language == "en":
            self.desk.click("switch_language").expect_page("settings")
        yield self.here("agent-settings", "settings")
        for name in CONFLICT:
            page.check(f'[name="{name}"][value="ENABLE"]')
        self.desk.click("save_settings").expect_page("settings", "options_conflict")
        yield self.here("agent-settings-conflict", "settings")
        page.check('[name="CSREMOTE"][value="DISABLE"]')
        page.check('[name="HPCFASTAUTH"][value="DISABLE"]')
        page.check('[name="CSWATCH"][value="ENABLE"]')
        self.desk.click("save_settings")
        expect(page.locator("[data-saved]")).to_be_visible()
        yield self.here("agent-settings-saved", "settings")
        self.stack.insert("nhi-wang", reader=CITIZEN_READER)
        page.goto(f"{self.stack.agent}/")
        yield self.here("agent-console", "console")
        page.goto(f"{self.stack.agent}/lights")
        yield self.here("agent-lights", "lights")
        yield from self.reader_test()
        page.goto(f"{self.stack.agent}/diagnosis")
        yield self.here("agent-diagnosis", "diagnosis")
        page.goto(f"{self.stack.agent}/log")
        yield self.here("agent-log", "log")
        page.goto(f"{self.stack.agent}/")
        self.desk.click("close_console").expect_page("closed", "console_closed")
        yield self.here("agent-closed", "closed")
        self.desk.click("open_console").expect_page("console")

    def reader_test(self) -> Iterator[Stop]:
        """The page goes on by itself whenever a card moves."""
        self.stack.insert(self.pharmacist.card, reader=STAFF_READER)
        self.desk.page.goto(f"{self.stack.agent}/reader-test")
        self.desk.click("start_reader_test").expect_page("reader_test", "reader_test_other_card")
        yield self.here("agent-reader-test-wrong", "reader_test")
        for step in ("remove", "insert_again", "remove_again", "insert_last", "done"):
            if step.startswith("insert"):
                self.stack.remove(reader=STAFF_READER)
            else:
                self.stack.insert("nhi-wang", reader=STAFF_READER)
            expect(self.desk.page.locator(f'main[data-step="{step}"]')).to_be_attached()
        yield self.here("agent-reader-test-done", "reader_test")
