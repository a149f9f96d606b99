"""Institutions authorize their own people, in a browser: pages keep the rules, the keyboard suffices."""

from collections.abc import Callable, Iterator
from datetime import timedelta
from itertools import chain
from pathlib import Path

import pytest
from playwright.sync_api import Page, expect

from tests.browser import rules
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import (
    OPERATOR,
    REPRESENTATIVE,
    SECOND_OPERATOR,
    granted_among,
    make_manager,
    make_users,
    national_id,
)
from tests.browser.stack import Stack

ARTIFACTS = Path(__file__).resolve().parent.parent.parent / "test-artifacts"
PHONE = {"width": 390, "height": 844}
MOST_STOPS = 300  # the back office lists every table beside the form


def wrong_with(page: Page, *, admin: bool = False, axe: bool = True) -> list[str]:
    """Contrast and roles are the same in both languages, so axe looks once; widths differ."""
    found = rules.broken_rules(page)
    found += rules.axe_violations(page, admin=admin) if axe else []
    if admin:
        return found
    return found + rules.small_targets(page) + rules.too_wide(page, 390) + rules.too_wide(page, 320)


def shoot(page: Page, name: str) -> None:
    """For eyes; nothing is compared with it."""
    ARTIFACTS.mkdir(exist_ok=True)
    screen = page.viewport_size
    page.screenshot(path=ARTIFACTS / f"{name}-1366.png", full_page=True)
    if name.endswith("-en"):
        return
    page.set_viewport_size(PHONE)
    page.screenshot(path=ARTIFACTS / f"{name}-390.png", full_page=True)
    if screen:
        page.set_viewport_size(screen)


def errors_on(desk: Desk) -> None:
    desk.page.wait_for_selector("[data-error-summary]")


# --- every page keeps the rules --------------------------------------------------------------------


def representatives_pages(desk: Desk, name: str) -> Iterator[str]:
    desk.open("/access/managers/").expect_page("maintain_managers")
    yield "managers"
    desk.click("appoint_manager").expect_page("appoint_manager")
    desk.field("national_id").fill("A123456780")
    desk.click("appoint_manager")
    errors_on(desk)
    yield "appoint-manager-errors"
    desk.field("national_id").fill(national_id())
    desk.field("name").fill(name)
    desk.field("birth_date").fill("075/01/31")
    desk.click("appoint_manager").expect_page("maintain_managers")
    desk.page.locator(f'tr:has-text("{name}") [data-action="end_manager"]').click()
    desk.expect_page("end_manager")
    yield "end-manager"
    desk.click("end_manager").expect_page("maintain_managers")
    expect(desk.main).not_to_contain_text(name)


def managers_pages(desk: Desk, stem: str) -> Iterator[str]:
    desk.open("/access/users/").expect_page("maintain_users")
    yield "users"
    desk.click("add_user").expect_page("add_user")
    desk.click("add_user")
    errors_on(desk)
    yield "add-user-errors"
    broken = f"身分證號,姓名,生日\n{national_id()},王,0751331\nA123456780,李,0750131\n"
    desk.page.set_input_files(
        '[type="file"]', {"name": "u.csv", "mimeType": "text/csv", "buffer": broken.encode("cp950")}
    )
    desk.click("add_users_by_file").expect_page("add_users_by_file")
    yield "users-file-errors"
    desk.open("/access/users/")
    desk.field("search").fill(stem)
    desk.click("search_users")
    desk.page.locator('[data-table="users"] [data-action="end_user"]').first.click()
    desk.expect_page("end_user")
    yield "end-user"
    desk.open("/access/services/").expect_page("apply_services")
    yield "services"
    desk.open("/access/networks/").expect_page("apply_networks")
    desk.field("addresses").fill("192.168.0.1\n1.2.3")
    desk.click("apply_network")
    errors_on(desk)
    yield "networks-errors"


def authorizing(desk: Desk, entitlement: str, stem: str) -> Iterator[str]:
    desk.open(f"/access/authorization/?entitlement={entitlement}").expect_page("authorize_users")
    desk.field("search").fill(stem)
    desk.click("search_users").click("tick_all")
    yield "authorize"
    desk.click("review_authorization")
    expect(desk.page.locator('[data-table="added"] li').first).to_contain_text(stem)
    desk.field("valid_until").fill("2020-01-01")
    desk.click("authorize_users")
    errors_on(desk)
    yield "authorize-summary-errors"
    desk.open("/access/authorization/review/").expect_page("review_grants")
    desk.page.locator('[data-table="expiring"] [name="grants"]').first.check()
    desk.action("close_grants").first.click()
    errors_on(desk)
    expect(desk.page.locator('[data-table="expiring"] [name="grants"]:checked')).to_have_count(1)
    yield "review-errors"


def own_log(desk: Desk, name: str) -> Iterator[str]:
    desk.open("/oversight/own-log/").expect_page("search_own_log")
    yield "own-log"
    desk.field("since").fill("2026-12-01")
    desk.field("until").fill("2020-12-01")
    desk.click("search_log")
    errors_on(desk)
    yield "own-log-errors"
    desk.open("/oversight/own-log/")
    desk.field("person").fill(name)
    desk.click("search_log").expect_page("show_own_search")
    yield "own-log-found"
    with desk.page.expect_download() as saved:
        desk.click("export_csv")
    assert saved.value.suggested_filename.startswith("access-log-5901012345-")


@pytest.fixture
def entitlement(stack: Stack) -> str:
    """The demo pharmacy's booking of vaccinations."""
    from apps.access.models import Entitlement

    with stack.database():
        return str(Entitlement.objects.get(institution__code="5901012345", service_id="VBK").pk)


def expire_soon(stack: Stack, entitlement: str, name: str) -> None:
    from apps.access.models import Entitlement
    from apps.core import clock
    from tests.support.world import grant, make_member, make_person

    with stack.database():
        found = Entitlement.objects.get(pk=entitlement)
        person = make_member(found.institution, make_person(name))
        grant(person, found, valid_until=clock.now() + timedelta(days=9))


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_page_of_representatives_and_managers_keeps_the_rules(
    stack: Stack, new_page: NewPage, entitlement: str, language: str
) -> None:
    stem = f"頁{language[:2]}"
    make_users(stack, stem, 2)
    expire_soon(stack, entitlement, f"到期{language[:2]}")
    card = Desk(stack, new_page(language)).log_in(REPRESENTATIVE, "INSTITUTION")
    wrong = {}
    for name in representatives_pages(card, f"代表指派{language[:2]}"):
        wrong[name] = wrong_with(card.page, axe=language != "en")
        shoot(card.page, f"people-{name}-{language}")
    somebody = make_manager(stack, f"管理{language[:2]}")
    manager = Desk(stack, new_page(language)).log_in_as(somebody)
    for name in chain(
        managers_pages(manager, stem),
        authorizing(manager, entitlement, stem),
        own_log(manager, somebody.name),
    ):
        wrong[name] = wrong_with(manager.page, axe=language != "en")
        shoot(manager.page, f"people-{name}-{language}")
    assert not {name: found for name, found in wrong.items() if found}


# --- the keyboard suffices --------------------------------------------------------------------------


def tab_until(page: Page, reached: Callable[[], bool]) -> None:
    for _ in range(MOST_STOPS):
        if reached():
            return
        page.keyboard.press("Tab")
    raise AssertionError("no way there by Tab")


def to(page: Page, selector: str) -> None:
    """By Tab alone to the first element of the selector."""
    tab_until(page, lambda: page.evaluate("s => !!document.activeElement.matches(s)", selector))


def press(page: Page, selector: str, key: str = "Enter") -> None:
    to(page, selector)
    page.keyboard.press(key)


def test_ticks_on_two_pages_are_made_and_saved_by_keyboard(
    stack: Stack, new_page: NewPage, entitlement: str
) -> None:
    names = make_users(stack, "鍵盤", 22)
    manager = Desk(stack, new_page()).log_in_as(make_manager(stack))
    page = manager.open(f"/access/authorization/?entitlement={entitlement}").page
    to(page, '[name="search"]')
    page.keyboard.type("鍵盤")
    page.keyboard.press("Enter")
    expect(page.locator('[name="ticked"]')).to_have_count(20)
    press(page, f'[name="ticked"][aria-label^="{names[0]}"]', "Space")
    press(page, '[data-action="next_page"]')
    expect(page.locator('[name="ticked"]')).to_have_count(2)
    press(page, f'[name="ticked"][aria-label^="{names[21]}"]', "Space")
    press(page, '[data-action="review_authorization"]')
    added = page.locator('[data-table="added"] li')
    expect(added).to_have_count(2)
    assert not granted_among(stack, "鍵盤")
    press(page, 'button[data-action="authorize_users"]')
    expect(page.locator(".alert-success")).to_be_visible()
    assert granted_among(stack, "鍵盤") == [names[0], names[21]]


def test_a_manager_is_appointed_and_ended_by_keyboard(stack: Stack, new_page: NewPage) -> None:
    card = Desk(stack, new_page()).log_in(REPRESENTATIVE, "INSTITUTION")
    page = card.open("/access/managers/").page
    press(page, '[data-action="appoint_manager"]')
    card.expect_page("appoint_manager")
    for name, value in (
        ("national_id", national_id()),
        ("name", "鍵盤管理者"),
        ("birth_date", "0750131"),
    ):
        to(page, f'[name="{name}"]')
        page.keyboard.type(value)
    page.keyboard.press("Enter")
    card.expect_page("maintain_managers")
    row = page.locator('tr:has-text("鍵盤管理者")')
    expect(row).to_be_visible()
    press(page, '[data-action="end_manager"][aria-label*="鍵盤管理者"]')
    card.expect_page("end_manager")
    press(page, 'button[data-action="end_manager"]')
    card.expect_page("maintain_managers")
    expect(row).to_have_count(0)


def test_a_rule_of_a_service_is_drafted_and_published_by_keyboard(
    stack: Stack, new_page: NewPage
) -> None:
    """Managers' cards, an urgent announcement and the list of what waits keep the rules too."""
    first = Desk(stack, new_page()).log_in(OPERATOR, "CITIZEN")
    wrong = {}
    page = first.open("/backoffice/access/service/FHIR/change/").page
    wrong["service"] = wrong_with(page, admin=True)
    shoot(page, "people-service-zh-hant")
    press(page, '[name="manager_card_kinds"][value="NHI"]', "Space")
    press(page, '[data-action="draft_change"]')
    expect(page.locator('[data-field="manager_card_kinds"]')).to_contain_text("健保卡")
    wrong["proposal"] = wrong_with(page, admin=True)
    shoot(page, "people-proposal-zh-hant")
    second = Desk(stack, new_page()).log_in(SECOND_OPERATOR, "CITIZEN")
    second.page.goto(page.url)
    press(second.page, '[data-action="publish_change"]')
    expect(second.page.locator(".messagelist .success")).to_be_visible()
    second.open("/backoffice/access/unifiedcampaign/draft/")
    second.click("draft_campaign")
    wrong["campaign"] = wrong_with(second.page, admin=True)
    page = first.open("/backoffice/portal/announcement/add/").page
    wrong["announcement"] = wrong_with(page, admin=True)
    first.field("title").fill("系統緊急維護")
    first.field("body").fill("請稍候。")
    first.click("publish_at_once")
    expect(page.locator(".errorlist").first).to_contain_text("TXT-URGENT")
    wrong["announcement-errors"] = wrong_with(page, admin=True)
    shoot(page, "people-urgent-errors-zh-hant")
    first.field("shown_until").fill(first.field("shown_from").input_value())
    press(page, '[data-action="publish_at_once"]')
    expect(page.locator('[data-state="URGENT"]')).to_be_visible()
    wrong["urgent"] = wrong_with(page, admin=True)
    home = Desk(stack, new_page()).open("/")
    expect(home.page.locator("[data-urgent]")).to_contain_text("系統緊急維護")
    wrong["home"] = wrong_with(home.page)
    shoot(home.page, "people-urgent-home-zh-hant")
    press(page, '[data-action="take_back_change"]')
    expect(page.locator(".messagelist .success")).to_be_visible()
    assert not {name: found for name, found in wrong.items() if found}
