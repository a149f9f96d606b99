"""The emergency room in the browser: keyboard alone, alert first, tabs by htmx and as pages, consent."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser import rules
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import HOSPITAL
from tests.browser.stack import Stack
from tests.browser.test_pages import _shoot as shoot
from tests.browser.tour import Stop

PHYSICIAN, PHARMACIST = "hpc-liao", "hpc-fang"
HSIEH, CHOU, TSENG, NOBODY = "A227081940", "H125617303", "B120334705", "F229401150"
TABS = (
    "controlled_drugs",
    "examinations",
    "examination_results",
    "surgeries",
    "dental",
    "allergies",
    "coagulation_factors",
    "discharges",
    "rehabilitation",
    "chinese_medicine",
)


class Bedside(Desk):
    """A physician who asks about a patient, at the hospital's own computer."""

    workstation = HOSPITAL

    def ask(self, number: str, purpose: str = "TRIAGE_1") -> "Bedside":
        self.open("/emergency/")
        self.page.check(f'[name="purpose"][value="{purpose}"]')
        self.field("national_id").fill(number)
        self.click("query_records")
        return self.show_card()

    def show_card(self) -> "Bedside":
        """The HPC is read again at each query."""
        self.type_pin().expect_page("show_emergency_alert")
        return self

    def close_alert(self, page: str = "show_emergency_tab") -> "Bedside":
        self.click("close_alert").expect_page(page)
        return self

    def settled(self) -> "Bedside":
        """htmx has put glance and records in place."""
        busy = self.page.locator(".htmx-request, .htmx-swapping, .htmx-added, .htmx-settling")
        expect(busy).to_have_count(0)
        return self


@pytest.fixture
def bedside(stack: Stack, page: Page) -> Bedside:
    desk = Bedside(stack, page)
    desk.log_in(PHYSICIAN)
    return desk


def wrong(page: Page, name: str = "", language: str = "zh-hant") -> list[str]:
    """What is wrong with the page as it stands; a `name` leaves a picture of it for eyes."""
    if name:
        shoot(Stop(f"emergency-{name}", page, None), language)
    found = rules.axe_violations(page) + rules.broken_rules(page) + rules.small_targets(page)
    return found + rules.too_wide(page, 390)


def test_keyboard_alone_leads_from_the_purpose_to_the_tabs(bedside: Bedside) -> None:
    page = bedside.page
    bedside.open("/emergency/")
    page.locator('[name="purpose"]').first.focus()
    page.keyboard.press("ArrowDown")
    page.keyboard.press("Tab")
    page.keyboard.type(TSENG.lower())
    page.keyboard.press("Enter")
    bedside.expect_page("card_pin")
    page.keyboard.type("123456")
    page.keyboard.press("Enter")
    bedside.expect_page("show_emergency_alert")
    dialog = page.locator("dialog[open]")
    expect(dialog).to_be_visible()
    for _ in range(8):  # the focus stays inside
        page.keyboard.press("Tab")
        assert page.evaluate(
            "!!document.activeElement.closest('dialog[open]') || document.activeElement === document.body"
        )
    page.keyboard.press("Escape")
    bedside.expect_page("show_emergency_tab").settled()
    expect(page.locator('[data-glance="allergies"]')).to_contain_text("iohexol")
    page.locator("#tab-allergies").focus()
    page.keyboard.press("Enter")
    expect(page.locator('table[data-table="allergies"]')).to_be_visible()
    expect(page.locator("#tab-allergies")).to_be_focused()
    page.go_back()
    expect(page.locator('table[data-table="cloud_medication"]')).to_be_visible()
    assert TSENG not in page.content()
    assert TSENG not in page.url


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_tab_keeps_the_rules(stack: Stack, new_page: NewPage, language: str) -> None:
    desk = Bedside(stack, new_page(language))
    desk.log_in(PHYSICIAN)
    found: dict[str, list[str]] = {}
    desk.open("/emergency/")
    found["start"] = wrong(desk.page, "start", language)
    desk.click("query_records").expect_page("start_emergency_query")
    found["start with errors"] = wrong(desk.page, "start-with-errors", language)
    desk.ask(CHOU)
    found["alert"] = wrong(desk.page, "alert", language)
    desk.close_alert().settled()
    found["cloud_medication"] = wrong(desk.page, "cloud_medication", language)
    for tab in TABS:
        # By address: axe leaves style attributes behind, which a swap would carry over (CSP).
        desk.page.goto(desk.page.url.rsplit("/", 2)[0] + f"/{tab}/")
        expect(desk.page.locator(f'table[data-table="{tab}"]')).to_be_visible()
        desk.settled()
        found[tab] = wrong(desk.page, tab, language)
    desk.page.goto(desk.page.url.rsplit("/", 2)[0] + "/cloud_medication/")
    desk.click("show_chronic").expect_page("show_chronic").settled()
    desk.click("show_remaining_days").expect_page("show_chronic").settled()
    found["chronic"] = wrong(desk.page, "chronic", language)
    desk.page.goto(desk.page.url.rsplit("/", 2)[0] + "/explanation/")
    expect(desk.page.locator(".explanation")).to_be_visible()
    found["explanation"] = wrong(desk.page, "explanation", language)
    assert not {name: each for name, each in found.items() if each}


def test_consent_of_a_card_with_a_password(bedside: Bedside) -> None:
    page = bedside.page
    bedside.ask(HSIEH).close_alert("give_emergency_consent")
    assert not wrong(page, "consent")
    page.check('[name="consent"][value="obtained"]')
    bedside.click("give_consent").expect_page("give_emergency_consent", "QRY-CONSENT")
    expect(page.locator('[name="consent"][value="obtained"]')).to_be_checked()
    assert not wrong(page, "consent-errors")
    page.check('[name="consent"][value="refused"]')
    bedside.click("give_consent").expect_page("give_emergency_consent", "QRY-REFUSED")
    expect(page.locator("table")).to_have_count(0)
    page.check('[name="consent"][value="urgent"]')
    bedside.field("reference").fill("大量出血，意識不清")
    bedside.click("give_consent").expect_page("show_emergency_tab").settled()
    expect(page.locator("td[data-column='marks']").filter(has_text="對此藥品過敏")).to_have_count(1)
    expect(page.locator("td[data-column='marks']").filter(has_text="重複用藥")).not_to_have_count(0)


def test_filters_narrow_and_a_wrong_one_loses_nothing(bedside: Bedside) -> None:
    page = bedside.page
    bedside.ask(TSENG).close_alert().settled()
    rows = page.locator('table[data-table="cloud_medication"] tbody tr')
    everything = rows.count()
    bedside.field("atc5").select_option("warfarin")
    bedside.click("filter_records").settled()
    expect(rows).not_to_have_count(everything)
    expect(page.locator("td[data-column='ingredient']").first).to_have_text("warfarin")
    bedside.field("since").fill("2026-11-02")
    bedside.field("until").fill("2026-11-01")
    bedside.click("filter_records")
    expect(page.locator("[data-error-summary]")).to_be_visible()
    expect(rows).to_have_count(everything)


def test_without_javascript_alert_tabs_and_filters_are_pages(
    stack: Stack, new_page: NewPage
) -> None:
    desk = Bedside(stack, new_page(java_script_enabled=False))
    desk.log_in(PHARMACIST)
    desk.ask(NOBODY, "VIDEO")
    expect(desk.page.locator("dialog[open]")).to_have_count(0)
    expect(desk.page.locator(".alert-text").first).to_be_visible()
    desk.click("open_tabs").expect_page("show_emergency_tab")
    expect(desk.page.locator("[data-nothing]")).to_be_visible()
    expect(desk.action("show_discharges")).to_have_count(0)  # for physicians
    desk.click("show_allergies").expect_page("show_emergency_tab")
    expect(desk.page.locator("[data-nothing]")).to_be_visible()
    desk.click("show_first_glance").expect_page("show_first_glance")
