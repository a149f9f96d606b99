"""The pages around cards and the agent's own, in both languages, and by keyboard alone."""

import pytest
from playwright.sync_api import expect

from tests.browser.card_tour import CardTour
from tests.browser.conftest import NewPage
from tests.browser.desk import STAFF_READER, Desk
from tests.browser.people import REPRESENTATIVE
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
