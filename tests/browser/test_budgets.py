"""What a citizen at the counter costs: requests, bytes, tab stops, and room on the screen."""

from collections.abc import Callable
from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Response

from tests.browser.desk import CITIZEN_READER, Desk
from tests.browser.people import Pharmacist, make_citizen
from tests.browser.stack import Stack
from tests.browser.watching import DocumentCounter

MOST_DOCUMENTS = 4
MOST_AGENT_CALLS = 2
MOST_TAB_STOPS = 12
MOST_TAB_STOPS_FROM_THE_TOP = 20  # what the page kit's sample had (reference/ui.md)
MOST_STATIC_BYTES = 80 * 1000
SCREEN_HEIGHT = 768

FOCUSED_ACTION = "() => document.activeElement?.dataset.action || ''"


def test_from_the_card_key_to_the_form_are_four_requests_and_two_of_the_agent(
    stack: Stack, counter: Desk
) -> None:
    counter.present(make_citizen(stack)).open("/booking/")
    before = len(stack.requests_of_the_agent())
    documents = DocumentCounter(counter.page.context).of(
        lambda: counter.read_card().expect_page("book_slot")
    )
    assert len(documents) <= MOST_DOCUMENTS, documents
    assert documents[0] == "POST /booking/"
    calls = stack.requests_of_the_agent()[before:]
    assert 1 <= len(calls) <= MOST_AGENT_CALLS, calls


def test_with_the_card_in_the_reader_nobody_waits(stack: Stack, counter: Desk) -> None:
    """No page of the agent is shown in between, and no question is asked again and again."""
    counter.present(make_citizen(stack)).open("/booking/")
    shown: list[str] = []
    counter.page.on("framenavigated", lambda frame: shown.append(frame.url))
    counter.read_card().expect_page("book_slot")
    assert [url for url in shown if url.startswith(stack.agent)] == []


@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_the_booking_form_needs_no_scrolling(
    stack: Stack, new_page: Callable[..., Page], pharmacist: Pharmacist, language: str
) -> None:
    desk = Desk(stack, new_page(language)).log_in_as(pharmacist)
    desk.open_form_for(make_citizen(stack))
    button = desk.action("book_slot").bounding_box()
    assert button is not None
    assert button["y"] + button["height"] <= SCREEN_HEIGHT
    assert desk.page.evaluate("document.documentElement.scrollHeight") <= SCREEN_HEIGHT


def _tab_to(page: Page, action: str, *, most: int) -> int:
    """Presses of Tab until the control of this action has the focus."""
    for pressed in range(1, most + 1):
        page.keyboard.press("Tab")
        if page.evaluate(FOCUSED_ACTION) == action:
            return pressed
    raise AssertionError(f"{action} is more than {most} stops away")


def test_from_the_card_button_to_sending_are_at_most_twelve_tab_stops(
    stack: Stack, counter: Desk
) -> None:
    counter.open_form_for(make_citizen(stack))
    counter.action("read_card").focus()
    _tab_to(counter.page, "book_slot", most=MOST_TAB_STOPS)

    counter.page.locator("body").evaluate(
        "body => { body.tabIndex = -1; body.focus(); body.removeAttribute('tabindex'); }"
    )
    _tab_to(counter.page, "book_slot", most=MOST_TAB_STOPS_FROM_THE_TOP)


def test_css_and_scripts_are_small(stack: Stack, desk: Desk, pharmacist: Pharmacist) -> None:
    """Everything that the thread's pages load, as compressed on the wire, with an empty cache."""
    loaded: dict[str, Response] = {}

    def note(response: Response) -> None:
        if response.request.resource_type in {"stylesheet", "script"}:
            loaded.setdefault(urlsplit(response.url).path, response)

    desk.page.on("response", note)
    desk.log_in_as(pharmacist)
    desk.book(make_citizen(stack)).click("print_slip").expect_page("print_slip")
    ours = {path: r for path, r in loaded.items() if r.url.startswith(stack.web)}
    assert len(ours) >= 3, "the pages load their styles and scripts"
    assert {r.header_value("content-encoding") for r in ours.values()} == {"gzip"}
    sizes = {path: r.request.sizes()["responseBodySize"] for path, r in ours.items()}
    assert min(sizes.values()) > 0
    assert sum(sizes.values()) <= MOST_STATIC_BYTES, sizes


def test_the_next_citizens_form_is_filled_but_for_phone_and_consent(
    stack: Stack, counter: Desk
) -> None:
    counter.open_form_for(make_citizen(stack))
    counter.field("city").select_option(index=1)
    counter.expect_new_choices()
    site = counter.field("site").input_value()
    counter.fill().click("book_slot").expect_page("show_booking")

    stack.remove(reader=CITIZEN_READER)
    counter.open_form_for(make_citizen(stack))
    assert counter.field("site").input_value() == site
    counter.fill().click("book_slot").expect_page("show_booking")
