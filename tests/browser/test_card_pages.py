"""The pages around cards and the agent's own, in both languages, and by keyboard alone."""

import pytest
from playwright.sync_api import Page, expect

from tests.browser.card_tour import CardTour, Room
from tests.browser.conftest import NewPage
from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.people import (
    PIN,
    REPRESENTATIVE,
    Pharmacist,
    make_own_nhi_card,
    registration_code,
)
from tests.browser.stack import Stack
from tests.browser.test_keyboard import tab_to
from tests.browser.test_pages import LANGUAGES, Findings, examine


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_page_around_cards_keeps_the_rules(
    stack: Stack, new_page: NewPage, language: str
) -> None:
    findings = Findings()
    for stop in CardTour(stack, new_page, language).walk():
        examine(stop, language, findings)
    assert not findings.wrong, findings.report()


def test_a_module_is_applied_for_downloaded_and_loaded_without_a_mouse(
    stack: Stack, desk: Desk
) -> None:
    """From the representative's page to the agent's console: the file, and both codes there."""
    keyboard = desk.page.keyboard
    desk.log_in(REPRESENTATIVE, "INSTITUTION").open("/workstations/")
    tab_to(desk.page, "name", "name")
    keyboard.type("鍵盤櫃檯")
    keyboard.press("Enter")
    desk.expect_page("list_modules")
    tab_to(desk.page, "data-action", "download_module")
    with desk.page.expect_download() as downloading:
        keyboard.press("Enter")
    name = downloading.value.suggested_filename
    assert name.startswith("5901012345")
    assert name.endswith(".SAM")
    assert len(name) == len("5901012345") + 12 + len(".SAM")
    desk.page.goto(f"{stack.agent}/")
    desk.page.set_input_files("#module", downloading.value.path())
    desk.field("module").focus()
    tab_to(desk.page, "data-action", "upload_module")
    keyboard.press("Enter")
    desk.expect_page("console")
    expect(desk.page.locator('[data-table="modules"]')).to_contain_text(name[10:22])
    desk.action("authenticate").focus()
    keyboard.press("Enter")
    row = desk.page.locator('[data-table="authentications"] [data-authenticated="yes"]')
    expect(row).to_contain_text("5901012345")
    expect(row).to_contain_text(name[10:22])
    desk.open("/workstations/")
    used = desk.page.locator(f'[data-module="{name[10:22]}"][data-state="USED"]')
    expect(used).to_contain_text("鍵盤櫃檯")
    expect(used).to_contain_text("0.1.0")


def press_until(desk: Desk, name: str, value: str, key: str = "ArrowDown") -> None:
    """The arrow keys move within a group of choices, or through the options of a list."""
    tab_to(desk.page, "name", name)
    chosen = f'[name="{name}"]:checked, select[name="{name}"]'
    for _ in range(8):
        if desk.page.locator(chosen).input_value() == value:
            return
        desk.page.keyboard.press(key)
    raise AssertionError(f"no way to {name}={value} by {key}")


def press(desk: Desk, action: str) -> None:
    tab_to(desk.page, "data-action", action)
    desk.page.keyboard.press("Enter")


def test_first_login_by_nhi_card_and_a_lost_card_without_a_mouse(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    code, keyboard = registration_code(stack, pharmacist), desk.page.keyboard
    stack.insert(make_own_nhi_card(stack, pharmacist), reader=CITIZEN_READER)
    desk.open("/log-in/")
    press_until(desk, "card_kind", "NHI")
    press(desk, "log_in")
    desk.expect_page("enter_password")
    expect(desk.field("password")).to_be_focused()
    press(desk, "open_registration")
    desk.expect_page("register_card_password")
    for name, text in (
        ("registration_code", code),
        ("password", "新竹的風很大 2026"),
        ("password_again", "新竹的風很大 2026"),
    ):
        tab_to(desk.page, "name", name)
        keyboard.insert_text(text)
    keyboard.press("Enter")
    desk.expect_page("my_home").open("/account/")
    press_until(desk, "card_kind", "CITIZEN")
    press(desk, "report_lost_card")
    desk.expect_page("my_account")
    expect(desk.page.locator('[data-lost="CITIZEN"]')).to_be_visible()
    press(desk, "block_card")  # of this very login, which ends
    desk.expect_page("log_in")


def test_component_check_and_step_up_without_a_mouse(stack: Stack, page: Page) -> None:
    room, keyboard = Room(stack, page), page.keyboard
    room.open("/check/")
    expect(room.action("check_components")).to_be_focused()
    keyboard.press("Enter")
    room.expect_page("show_check")
    press(room, "check_again")
    room.expect_page("check_components")
    room.log_in("hpc-liao").ask().expect_page("card_pin")
    press(room, "cancel_transaction")
    room.expect_page("show_emergency_alert", "ACC-PROOF")
    expect(room.action("step_up")).to_be_focused()
    keyboard.press("Enter")
    room.expect_page("card_pin")
    expect(room.field("pin")).to_be_focused()
    keyboard.type(PIN)
    keyboard.press("Enter")
    room.expect_page("show_emergency_alert")
    expect(page.locator("dialog[open]")).to_be_visible()


def test_the_settings_are_changed_without_a_mouse(stack: Stack, desk: Desk) -> None:
    keyboard = desk.page.keyboard
    desk.page.goto(f"{stack.agent}/settings")
    tab_to(desk.page, "name", "HPCFASTAUTH")
    keyboard.press("ArrowUp")
    expect(desk.page.locator('[name="HPCFASTAUTH"][value="ENABLE"]')).to_be_checked()
    tab_to(desk.page, "data-action", "save_settings")
    keyboard.press("Enter")
    expect(desk.page.locator("[data-saved]")).to_be_visible()
    desk.page.check('[name="HPCFASTAUTH"][value="DISABLE"]')
    desk.click("save_settings")


def test_fast_authentication_shows_on_the_console(
    stack: Stack, desk: Desk, pharmacist: object
) -> None:
    """Switched on here, given by the server at the login, and shown with the time that is left."""
    desk.page.goto(f"{stack.agent}/settings")
    desk.page.check('[name="HPCFASTAUTH"][value="ENABLE"]')
    desk.click("save_settings").expect_page("settings")
    try:
        desk.log_in_as(pharmacist)  # type: ignore[arg-type]
        stack.remove(reader=STAFF_READER)
        desk.page.goto(f"{stack.agent}/")
        expect(desk.page.locator("[data-fast]")).to_be_visible()
        expect(desk.page.locator('[data-light="hpc"]')).to_have_attribute("data-state", "3")
    finally:
        desk.page.goto(f"{stack.agent}/settings")
        desk.page.check('[name="HPCFASTAUTH"][value="DISABLE"]')
        desk.click("save_settings").expect_page("settings")
