"""The auditors' working day in a browser: every page of theirs keeps the rules, and the keyboard suffices."""

from collections.abc import Iterator
from datetime import datetime
from itertools import chain
from pathlib import Path
from zoneinfo import ZoneInfo

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
    found = auditor.page.url
    yield "auditor-found"
    auditor.click("print_search").expect_page("print_search")
    expect(auditor.page.locator("[data-place]").first).to_be_attached()
    yield "auditor-print"
    auditor.page.goto(found)
    auditor.click("show_timeline").expect_page("show_timeline")
    yield "auditor-timeline"
    auditor.action("show_event").nth(1).click()
    auditor.expect_page("show_event")
    yield "auditor-event"
    auditor.click("show_around").expect_page("show_around")
    yield "auditor-around"
    auditor.page.goto(found)
    auditor.click("export_csv").expect_page("list_exports")
    auditor.click("issue_log_token").expect_page("issue_log_token")
    expect(auditor.page.locator("[data-token]")).to_be_visible()
    yield "auditor-exports"


def cases(auditor: Desk) -> Iterator[str]:
    """The queue, a case, what is missing, and the finding."""
    auditor.open("/oversight/cases/").expect_page("list_cases")
    yield "auditor-cases"
    auditor.page.keyboard.press("Alt+n")
    auditor.expect_page("show_case")
    yield "auditor-case"
    auditor.click("close_case").expect_page("close_case")
    auditor.page.wait_for_selector("[data-error-summary]")
    yield "auditor-case-errors"
    auditor.field("finding").select_option("EXPLAINED")
    auditor.page.locator("#close_text").fill("已電話查證")
    auditor.click("close_case").expect_page("show_case")
    yield "auditor-case-closed"


@pytest.mark.timeout(180)
@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_page_of_an_auditor_keeps_the_rules(
    stack: Stack, new_page: NewPage, looked_at: Citizen, language: str
) -> None:
    auditor = Desk(stack, new_page(language)).log_in(AUDITOR, "CITIZEN")
    wrong = {}
    open_case(stack, looked_at)
    for name in chain(pages(auditor, looked_at), cases(auditor)):
        if found := wrong_with(auditor.page):
            wrong[name] = found
        shoot(auditor.page, f"{name}-{language}")
    assert not wrong


def open_case(stack: Stack, citizen: Citizen) -> None:
    """As if a rule had flagged the latest event."""
    from apps.audit.models import Event
    from apps.oversight.models import ReviewCase

    with stack.database():
        event = Event.objects.filter(action="show_booking").newest_first()[0]
        ReviewCase.objects.update_or_create(
            rule="no_card",
            key=citizen.card,
            defaults={
                "event": event.pk,
                "occurred_at": event.recorded_at,
                "person": event.actor,
                "institution": event.institution,
                "patient": event.patient,
            },
        )


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_person_sees_who_looked_and_leaves_nothing_behind(
    stack: Stack, new_page: NewPage, looked_at: Citizen, language: str
) -> None:
    desk = Desk(stack, new_page(language))
    desk.open("/oversight/own-accesses/").expect_page("ask_own")
    wrong = {"ask": wrong_with(desk.page)}
    shoot(desk.page, f"own-ask-{language}")
    desk.present(looked_at).press_f2()
    desk.expect_page("show_own")
    expect(desk.page.locator('[data-table="own_accesses"] tbody tr').first).to_contain_text(
        "健全藥局"
    )
    wrong["show"] = wrong_with(desk.page)
    shoot(desk.page, f"own-show-{language}")
    address = desk.page.url
    desk.press_f2()
    desk.expect_page("ask_own")
    desk.page.goto(address)
    expect(desk.page.locator('[data-table="own_accesses"]')).to_have_count(0)
    assert not any(wrong.values()), wrong


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


TODAY = datetime.now(ZoneInfo("Asia/Taipei")).date()
MARCH = TODAY.year if TODAY.month >= 4 else TODAY.year - 1
CITIZEN = "C121103509"  # 王大明 of the demo, whose March has a story (apps.portal.demo.history)


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_who_looked_at_this_citizen_in_march_and_why(
    stack: Stack, new_page: NewPage, language: str
) -> None:
    """Four people's reasons on one page, and the one look that has none; without a mouse."""
    auditor = Desk(stack, new_page(language)).log_in(AUDITOR, "CITIZEN")
    page, keyboard = auditor.page, auditor.page.keyboard
    auditor.open("/oversight/log/").expect_page("search_log")
    tab_to(page, "name", "purpose")
    keyboard.press("ArrowDown")
    for name, typed in (
        ("since", f"{MARCH}-03-01"),
        ("until", f"{MARCH}-03-31"),
        ("patient_number", CITIZEN),
    ):
        auditor.field(name).focus()
        auditor.field(name).fill(typed)
    keyboard.press("Enter")
    auditor.expect_page("show_search")
    expect(page.locator('[data-table="summary"]')).to_contain_text("許美玲")
    reasons = page.locator("[data-why]")
    expect(
        reasons.filter(has_text="檢傷分類第二級" if language != "en" else "triage level 2")
    ).not_to_have_count(0)
    expect(reasons.filter(has_text="健保卡" if language != "en" else "NHI card")).not_to_have_count(
        0
    )
    unexplained = page.locator('tr[data-action-name="show_booking"]').filter(has_text="許美玲")
    expect(unexplained.locator("[data-why]").first).to_have_text("—")
    assert not wrong_with(page)
    shoot(page, f"auditor-march-{language}")
    auditor.click("print_search").expect_page("print_search")
    assert CITIZEN not in page.content()
    assert not wrong_with(page)
    shoot(page, f"auditor-march-print-{language}")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_a_manager_sees_the_log_of_the_own_institution(
    stack: Stack, new_page: NewPage, looked_at: Citizen, language: str
) -> None:
    manager = Desk(stack, new_page(language)).log_in("hpc-kuo")
    manager.open("/oversight/own-log/").expect_page("search_own_log")
    page = manager.page
    expect(page.locator('[data-table="events"] tbody tr').first).to_contain_text("郭明德")
    assert "安心藥局" not in page.locator('[data-table="events"]').inner_text()
    assert not wrong_with(page)
    shoot(page, f"manager-own-log-{language}")
    tab_to(page, "name", "outcome")
    page.keyboard.press("ArrowDown")
    tab_to(page, "data-action", "search_log")
    page.keyboard.press("Enter")
    manager.expect_page("show_own_search")
    assert not wrong_with(page)


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
