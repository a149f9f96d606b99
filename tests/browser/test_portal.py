"""The public pages in a browser, and an operator's announcement on its way to its readers."""

import base64
import hashlib
import re
from pathlib import Path

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from playwright.sync_api import Page, expect

from agent import __version__
from agent.update import check_bundle, opened
from apps.audit.actors import Actor
from apps.portal.agent_bundles import read_bundle
from apps.portal.releasing import publish_agent_bundle
from deploy.agent.bundle import sign_bundle
from tests.browser import rules
from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import OPERATOR, SECOND_OPERATOR
from tests.browser.stack import Stack

PAGES = {
    "/": "home",
    "/security-notes/": "security_notes",
    "/computer-setup/": "set_up_computer",
    "/questions/": "questions",
    "/medical-staff/": "for_staff",
    "/downloads/": "downloads",
    "/card-component/": "card_component",
    "/contact/": "contact",
    "/links/": "links",
    "/statements/privacy/": "statement",
    "/refusal-codes/?code=VBK-C05": "look_up_code",
    "/refusal-codes/?code=nothing": "look_up_code",
    "/site-map/": "site_map",
}
EDITED = ("announcement", "question", "contact", "download", "link", "statement", "refusalcode")
NARROW = (390, 320)


def wrong_with(page: Page) -> list[str]:
    found = rules.axe_violations(page) + rules.broken_rules(page) + rules.small_targets(page)
    return found + [each for width in NARROW for each in rules.too_wide(page, width)]


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_every_public_page_keeps_the_rules(stack: Stack, new_page: NewPage, language: str) -> None:
    desk = Desk(stack, new_page(language))
    wrong = {}
    for path, name in PAGES.items():
        desk.open(path).expect_page(name)
        if found := wrong_with(desk.page):
            wrong[path] = found
    assert not wrong


def test_language_switch_keeps_the_page_and_its_question(desk: Desk) -> None:
    desk.open("/refusal-codes/?code=VBK-C05").click("switch_language")
    expect(desk.page.locator("html")).to_have_attribute("lang", "en")
    expect(desk.page).to_have_url(re.compile(r"/refusal-codes/\?code=VBK-C05$"))


def test_menu_is_walked_by_keyboard(desk: Desk) -> None:
    desk.open("/")
    page = desk.page
    link = page.get_by_role("navigation", name="選單").get_by_role("link", name="聯絡窗口")
    for _stop in range(20):
        page.keyboard.press("Tab")
        if link.evaluate("link => link === document.activeElement"):
            break
    page.keyboard.press("Enter")
    desk.expect_page("contact")


def test_the_first_stop_skips_tabs_and_menu(desk: Desk) -> None:
    page = desk.open("/contact/").page
    page.keyboard.press("Tab")
    page.keyboard.press("Enter")
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.getAttribute('href')") == "tel:0277352992"


def test_refusal_page_leads_to_the_explanation_of_its_code(desk: Desk) -> None:
    desk.open("/nowhere/").click("look_up_code").expect_page("look_up_code")
    expect(desk.main).to_contain_text("沒有這個頁面或這筆資料")


def test_the_agents_bundle_is_downloaded_as_the_page_says(
    stack: Stack, desk: Desk, tmp_path: Path
) -> None:
    """Published as operators do; what comes out of the browser has the page's checksum and is taken."""
    key = Ed25519PrivateKey.generate()
    folder = tmp_path / "bundle"
    folder.mkdir()
    (folder / f"ankang_agent-{__version__}-py3-none-any.whl").write_bytes(b"wheel")
    sign_bundle(folder, key)
    public = base64.b64encode(key.public_key().public_bytes_raw()).decode()
    with stack.database():
        bundle = read_bundle(folder, release_key=public)
        publish_agent_bundle(bundle=bundle, by=Actor.system("test"))
    desk.open("/").page.get_by_role("link", name="下載專區").first.click()
    desk.expect_page("downloads")
    row = desk.page.locator('[data-table="downloads"] tbody tr', has_text="離線安裝包")
    expect(row).to_contain_text(__version__)
    assert not wrong_with(desk.page)
    with desk.page.expect_download() as downloading:
        row.locator('[data-action="download_file"]').click()
    assert downloading.value.suggested_filename == f"ankang-agent-bundle-{__version__}.zip"
    path = downloading.value.path()
    digest = hashlib.sha256(path.read_bytes()).hexdigest()
    expect(row.locator(".checksum")).to_have_text(digest)
    with opened(path) as unpacked:
        assert check_bundle(unpacked, key=key.public_key(), present="0").version == __version__


def test_an_announcement_is_on_the_home_page_once_a_second_operator_publishes_it(
    stack: Stack, desk: Desk, new_page: NewPage
) -> None:
    operator = desk.log_in(OPERATOR, "CITIZEN").page
    second = Desk(stack, new_page()).log_in(SECOND_OPERATOR, "CITIZEN")
    home = Desk(stack, new_page())

    def publish() -> None:
        second.open("/backoffice/access/proposal/")
        second.page.click("#result_list tbody tr:has-text('颱風停診') th a")
        second.click("publish_change")
        expect(second.page.locator(".messagelist .success")).to_be_visible()

    desk.open("/backoffice/portal/announcement/add/")
    operator.fill("[name=title]", "<b>颱風停診</b>公告")
    operator.fill("[name=body]", "明日暫停接種。")
    desk.click("draft_change")
    expect(operator.locator(".messagelist .success")).to_be_visible()
    expect(home.open("/").main).not_to_contain_text("颱風停診")
    publish()
    expect(home.open("/").main).to_contain_text("<b>颱風停診</b>公告")

    desk.open("/backoffice/portal/announcement/")
    operator.click("#result_list tbody tr:has-text('颱風停診') th a")
    desk.click("draft_removal")
    operator.click("input[type=submit]")
    expect(home.open("/").main).to_contain_text("颱風停診")
    publish()
    expect(home.open("/").main).not_to_contain_text("颱風停診")


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_the_back_offices_pages_of_texts_keep_the_rules(
    stack: Stack, new_page: NewPage, language: str
) -> None:
    desk = Desk(stack, new_page(language)).log_in(OPERATOR, "CITIZEN")
    wrong = {}
    for name in EDITED:
        desk.open(f"/backoffice/portal/{name}/")
        first = desk.page.locator("#result_list tbody th a").first
        if first.count():
            first.click()
            desk.page.wait_for_load_state()
        found = rules.axe_violations(desk.page, admin=True) + rules.broken_rules(desk.page)
        if found:
            wrong[name] = found
    assert not wrong
