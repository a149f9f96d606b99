"""Names that attack or overflow: what an NHI card can carry in its 20 bytes, and long data of our own."""

import unicodedata

import pytest
from playwright.sync_api import expect

from tests.browser import rules
from tests.browser.desk import Desk
from tests.browser.people import PHARMACY, make_citizen, make_pharmacist
from tests.browser.stack import Stack

HOSTILE = ["<script>x()</script>", '"><img src=x onerr>', "{{7*7}}{% now 'Y' %}", "';DROP TABLE--"]
LONG_NAME = "司馬歐陽諸葛上官夏侯"  # ten characters fill the field
UNBROKEN = "Wolfeschlegelsteinha"


@pytest.mark.parametrize("name", HOSTILE)
def test_a_hostile_name_is_shown_as_it_is_written(stack: Stack, counter: Desk, name: str) -> None:
    citizen = make_citizen(stack, name)
    counter.open_form_for(citizen)
    expect(counter.page.locator(".citizen")).to_contain_text(name)
    assert counter.page.locator("main script, main img").count() == 0
    counter.fill().click("book_slot").expect_page("show_booking")
    expect(counter.main).to_contain_text(name)
    counter.click("print_slip").expect_page("print_slip")
    expect(counter.main).to_contain_text(name)
    assert counter.page.locator("main script, main img").count() == 0


def test_a_hostile_name_on_a_staff_card_is_harmless_on_the_agents_page(
    stack: Stack, desk: Desk
) -> None:
    """A certificate carries any Unicode: markup, and characters that turn the direction of writing."""
    name = "<b onclick=x()>王\u202e明\u2066</b>"
    desk.log_in_as(make_pharmacist(stack, name=name))
    assert desk.page.locator("b[onclick]").count() == 0
    desk.page.goto(f"{stack.agent}/")
    assert desk.page.locator("b[onclick]").count() == 0
    expect(desk.page.locator('[data-table="readers"]')).to_contain_text("<b onclick=x()>")


def test_bytes_of_no_code_page_become_replacement_characters(stack: Stack, counter: Desk) -> None:
    """No code page of the card has U+202E; as UTF-8 bytes it must not turn the writing either."""
    counter.open_form_for(make_citizen(stack, raw_name="\u202eevil".encode() + b"\xff\xfe"))
    shown = counter.page.locator(".citizen").inner_text()
    assert "\ufffd" in shown
    assert not any(unicodedata.category(char) == "Cf" for char in shown)
    counter.fill().click("book_slot").expect_page("show_booking")


@pytest.mark.parametrize("name", [LONG_NAME, UNBROKEN])
def test_long_names_and_addresses_break_no_page(stack: Stack, counter: Desk, name: str) -> None:
    from apps.institutions.models import Institution

    with stack.database():
        long = {"name": "社團法人" + "長" * 30, "address": "一段" * 40 + "1922號之1"}
        first = Institution.objects.exclude(code=PHARMACY).order_by("district__position", "code")[0]
        kept = {"name": first.name, "address": first.address}
        Institution.objects.filter(pk=first.pk).update(**long)
    try:
        counter.open_form_for(make_citizen(stack, name))
        for width in (1366, 390, 320):
            assert rules.too_wide(counter.page, width) == []
        button = counter.action("book_slot").bounding_box()
        assert button is not None
        assert button["y"] + button["height"] <= 768
        counter.fill().click("book_slot").expect_page("show_booking")
        for width in (1366, 390, 320):
            assert rules.too_wide(counter.page, width) == []
        counter.click("print_slip").expect_page("print_slip")
        for width in (1366, 390, 320):
            assert rules.too_wide(counter.page, width) == []
    finally:
        with stack.database():
            Institution.objects.filter(pk=first.pk).update(**kept)
