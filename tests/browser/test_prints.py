"""What comes out of the printer: the slip is one sheet of A5, the list of a day sheets of A4."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import Pharmacist, make_citizen
from tests.browser.site import make_day, make_site_keeper
from tests.browser.stack import Stack
from tests.browser.test_pages import ARTIFACTS, LANGUAGES
from tests.browser.test_stopwatch import COUNT_PRINTS

PAGE = re.compile(rb"/Type\s*/Page\b(?!s)")
BOX = re.compile(rb"/MediaBox\s*\[\s*0\s+0\s+([0-9.]+)\s+([0-9.]+)\s*\]")
A5, A4 = (420, 595), (595, 842)  # points, rounded
PEOPLE_OF_A_DAY = 90


def print_out(desk: Desk, name: str) -> list[tuple[int, int]]:
    """The size of each sheet; the file is for eyes."""
    made = desk.page.pdf(prefer_css_page_size=True, print_background=False)
    ARTIFACTS.mkdir(exist_ok=True)
    (ARTIFACTS / f"{name}.pdf").write_bytes(made)
    boxes = [(round(float(width)), round(float(height))) for width, height in BOX.findall(made)]
    assert len(boxes) == len(PAGE.findall(made))
    return boxes


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_slip_is_one_sheet_of_a5(
    stack: Stack, new_page: NewPage, pharmacist: Pharmacist, language: str
) -> None:
    desk = Desk(stack, new_page(language)).log_in_as(pharmacist)
    desk.book(make_citizen(stack, "歐陽阿里曼·達呼馬‧")).click("print_slip").expect_page(
        "print_slip"
    )
    assert print_out(desk, f"slip-{language}") == [A5]
    # However long the name and the address of a site are.
    desk.page.locator("dd").last.evaluate(
        "e => { e.textContent = '八德路四段三百五十五號'.repeat(9) }"
    )
    assert print_out(desk, f"slip-long-{language}") == [A5]


def test_the_slip_opens_with_the_printers_dialog_once(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    desk.page.add_init_script(COUNT_PRINTS)
    desk.log_in_as(pharmacist).book(make_citizen(stack)).click("print_slip")
    desk.expect_page("print_slip").page.wait_for_function("window.printed === 1")
    expect(desk.action("print")).to_be_focused()
    desk.page.reload()
    desk.expect_page("print_slip").page.wait_for_load_state()
    assert desk.page.evaluate("window.printed") == 0
    desk.page.keyboard.press("Enter")
    assert desk.page.evaluate("window.printed") == 1
    desk.click("cancel_print").expect_page("show_booking")


@pytest.mark.parametrize("language", LANGUAGES)
def test_the_list_of_a_day_is_a4_with_its_heading_on_each_sheet(
    stack: Stack, new_page: NewPage, language: str
) -> None:
    day = make_day(stack, people=PEOPLE_OF_A_DAY)
    desk = Desk(stack, new_page(language)).log_in_as(make_site_keeper(stack))
    desk.open(f"/booking/sites/{day.site}/day/print/").expect_page("print_site_day")
    sheets = print_out(desk, f"day-{language}")
    assert set(sheets) == {A4}
    assert 2 <= len(sheets) <= PEOPLE_OF_A_DAY // 12, sheets
    display = "e => getComputedStyle(e).display"
    assert desk.page.locator("thead").evaluate(display) == "table-header-group"
