"""The auditors' working day in a browser: every page of theirs keeps the rules, and the keyboard suffices."""

from collections.abc import Iterator
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import rules
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import AUDITOR, Citizen, make_citizen, make_pharmacist
from tests.browser.stack import Stack
from tests.browser.test_keyboard import tab_to

ARTIFACTS = Path(__file__).resolve().parent.parent.parent / "test-artifacts"
PHONE = {"width": 390, "height": 844}


@pytest.fixture
def looked_at(stack: Stack, new_page: NewPage) -> Citizen:
    """A citizen for whom somebody has just booked."""
    citizen = make_citizen(stack)
    Desk(stack, new_page()).log_in_as(make_pharmacist(stack)).book(citizen)
    return citizen


def pages(auditor: Desk, citizen: Citizen) -> Iterator[str]:
    """From "who looked at this citizen, and why?" to the event, its proof, and what came around it."""
    auditor.open("/oversight/log/").expect_page("search_log")
    yield "auditor-search"
    auditor.click("search_log")
    auditor.page.wait_for_selector("[data-error-summary]")
    yield "auditor-search-errors"
    auditor.field("purpose").select_option("REQUEST")
    auditor.field("note").fill("民眾申訴 A-12")
    auditor.field("patient_number").fill(citizen.national_id)
    auditor.click("search_log").expect_page("show_search")
    assert citizen.national_id not in auditor.page.url + auditor.page.content()
    expect(auditor.page.locator('[data-table="summary"] tbody tr').first).to_contain_text(
        "健全藥局"
    )
    yield "auditor-found"
    auditor.click("show_timeline").expect_page("show_timeline")
    yield "auditor-timeline"
    auditor.action("show_event").nth(1).click()
    auditor.expect_page("show_event")
    yield "auditor-event"
    auditor.click("show_around").expect_page("show_around")
    yield "auditor-around"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_page_of_an_auditor_keeps_the_rules(
    stack: Stack, new_page: NewPage, looked_at: Citizen, language: str
) -> None:
    auditor = Desk(stack, new_page(language)).log_in(AUDITOR, "CITIZEN")
    wrong = {}
    for name in pages(auditor, looked_at):
        if found := wrong_with(auditor.page):
            wrong[name] = found
        shoot(auditor.page, f"{name}-{language}")
    assert not wrong


def wrong_with(page: Page) -> list[str]:
    found = rules.axe_violations(page) + rules.broken_rules(page) + rules.small_targets(page)
    return found + [each for width in (390, 320) for each in rules.too_wide(page, width)]


def shoot(page: Page, name: str) -> None:
    ARTIFACTS.mkdir(exist_ok=True)
    before = page.viewport_size
    page.screenshot(path=ARTIFACTS / f"{name}-1366.png", full_page=True)
    page.set_viewport_size(PHONE)
    page.screenshot(path=ARTIFACTS / f"{name}-390.png", full_page=True)
    if before:
        page.set_viewport_size(before)


def test_who_looked_at_this_citizen_is_answered_without_a_mouse(
    stack: Stack, desk: Desk, looked_at: Citizen
) -> None:
    keyboard = desk.log_in(AUDITOR, "CITIZEN").page.keyboard
    desk.open("/oversight/log/").expect_page("search_log")
    tab_to(desk.page, "name", "purpose")
    for _ in range(2):
        keyboard.press("ArrowDown")
    expect(desk.field("purpose")).to_have_value("REQUEST")
    tab_to(desk.page, "name", "note")
    keyboard.type("A-12")
    tab_to(desk.page, "name", "patient_number")
    keyboard.type(looked_at.national_id)
    keyboard.press("Enter")
    desk.expect_page("show_search")
    expect(desk.page.locator('[data-table="summary"] tbody tr').first).to_contain_text("藥師")
    keyboard.press("Alt+n")
    desk.expect_page("search_log")
