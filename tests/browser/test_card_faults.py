"""What goes wrong with cards, PINs and readers, as the person at the counter sees it."""

import re

import pytest
from playwright.sync_api import expect

from tests.browser.desk import STAFF_READER, Desk
from tests.browser.people import Pharmacist, make_citizen, make_pharmacist
from tests.browser.stack import Stack
from tests.browser.watching import Watch

WRONG = "654321"


@pytest.fixture
def at_the_pin(stack: Stack, desk: Desk, pharmacist: Pharmacist) -> Desk:
    """The pharmacist's card is in the reader and the agent asks for its PIN."""
    stack.insert(pharmacist.card, reader=STAFF_READER)
    return desk.ask_to_log_in().expect_page("card_pin")


def test_a_wrong_pin_tells_the_tries_left_and_the_right_one_still_logs_in(
    at_the_pin: Desk,
) -> None:
    at_the_pin.type_pin(WRONG).expect_page("card_pin", "pin_wrong")
    expect(at_the_pin.page.locator("#pin-error")).to_contain_text("2")
    expect(at_the_pin.field("pin")).to_be_focused()
    expect(at_the_pin.field("pin")).to_have_value("")
    at_the_pin.type_pin(WRONG).expect_page("card_pin", "pin_wrong")
    expect(at_the_pin.page.locator('[data-code="pin_last_try"]')).to_be_visible()
    at_the_pin.type_pin().expect_page("my_home")


def test_a_pin_of_the_wrong_length_costs_no_try(at_the_pin: Desk) -> None:
    at_the_pin.type_pin("12").expect_page("card_pin", "pin_length")
    at_the_pin.type_pin(WRONG).expect_page("card_pin", "pin_wrong")
    expect(at_the_pin.page.locator("#pin-error")).to_contain_text("2")


def test_a_locked_card_says_who_unlocks_it(at_the_pin: Desk) -> None:
    for code in ("pin_wrong", "pin_wrong"):
        at_the_pin.type_pin(WRONG).expect_page("card_pin", code)
    at_the_pin.type_pin(WRONG).expect_page("problem", "pin_locked")
    expect(at_the_pin.main).to_contain_text("HCA")
    at_the_pin.ask_to_log_in().expect_page("problem", "pin_locked")


def test_a_card_pulled_on_the_pin_page_spends_no_try(
    stack: Stack, at_the_pin: Desk, pharmacist: Pharmacist
) -> None:
    stack.remove(reader=STAFF_READER)
    at_the_pin.type_pin(WRONG).expect_page("problem", "card_removed")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    at_the_pin.click("retry_transaction").expect_page("card_pin")
    at_the_pin.type_pin(WRONG).expect_page("card_pin", "pin_wrong")
    expect(at_the_pin.page.locator("#pin-error")).to_contain_text("2")
    at_the_pin.type_pin().expect_page("my_home")


def test_another_persons_card_does_not_take_the_pin_meant_for_the_first(
    stack: Stack, at_the_pin: Desk
) -> None:
    other = make_pharmacist(stack)
    stack.insert(other.card, reader=STAFF_READER)
    at_the_pin.type_pin(WRONG).expect_page("card_pin", "card_changed")
    expect(at_the_pin.main).to_contain_text(other.name)
    at_the_pin.type_pin().expect_page("my_home")
    expect(at_the_pin.page.locator("header")).to_contain_text(other.name)


def test_the_wrong_kind_of_card_is_named_and_the_right_one_goes_on_by_itself(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    desk.present(make_citizen(stack))
    desk.ask_to_log_in().expect_page("card_insert", "card_kind_wrong")
    expect(desk.page.locator(".warning")).to_contain_text("健保卡")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    desk.expect_page("card_pin").type_pin().expect_page("my_home")


def test_cancelling_on_the_agents_page_leads_back_with_a_word(at_the_pin: Desk) -> None:
    at_the_pin.click("cancel_transaction").expect_page("log_in")
    expect(at_the_pin.page.locator('[role="status"].message')).to_be_visible()
    at_the_pin.click("log_in").expect_page("card_pin").type_pin().expect_page("my_home")


def test_a_cancelled_nhi_card_is_refused_by_name(stack: Stack, counter: Desk) -> None:
    counter.present(make_citizen(stack, cancelled=True))
    counter.open("/booking/").read_card().expect_page("problem", "NHI-CANCELLED")
    expect(counter.main).to_contain_text("此健保卡已註銷，無法使用。")
    counter.click("return_to_server").expect_page("start_booking")


def test_a_card_that_does_not_answer_is_named_and_another_goes_on_by_itself(
    stack: Stack, counter: Desk
) -> None:
    counter.present(make_citizen(stack, faults={"mute": True}))
    counter.open("/booking/").read_card().expect_page("card_insert", "card_mute")
    expect(counter.page.locator(".warning").filter(has_text="沒有回應")).to_be_visible()
    counter.present(make_citizen(stack)).expect_page("book_slot")


def test_a_card_pulled_while_it_is_read_can_be_put_back(stack: Stack, counter: Desk) -> None:
    counter.present(make_citizen(stack, faults={"pulled_after": 2}))
    counter.open("/booking/").read_card().expect_page("problem", "card_removed")
    counter.present(make_citizen(stack)).click("retry_transaction").expect_page("book_slot")


def test_without_the_agent_the_start_page_shows_the_checklist(
    stack: Stack, desk: Desk, pharmacist: Pharmacist, watch: Watch
) -> None:
    watch.allow("ERR_CONNECTION_REFUSED")
    desk.open("/log-in/")
    with stack.without_agent():
        desk.action("log_in").click(no_wait_after=True)
        expect(desk.page).to_have_url(re.compile("^chrome-error:"))
        desk.page.go_back()
        desk.expect_page("log_in")
        expect(desk.page.locator('[data-code="AGENT-MISSING"]')).to_be_visible()
        expect(desk.page.locator('[data-code="AGENT-MISSING"] li')).to_have_count(4)
    desk.log_in_as(pharmacist).open("/log-in/")
    expect(desk.page.locator('[data-code="AGENT-MISSING"]')).to_have_count(0)


def test_an_agent_that_starts_anew_at_the_pin_takes_the_login_up_again(
    stack: Stack, at_the_pin: Desk, pharmacist: Pharmacist, watch: Watch
) -> None:
    """It has forgotten the transaction; the server has not, and the page leads to it again."""
    watch.allow("/static/icon.svg")  # which Chromium may ask for just when nobody is there
    with stack.without_agent():
        pass
    at_the_pin.type_pin().expect_page("problem", "transaction_forgotten")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    at_the_pin.click("retry_transaction").expect_page("card_pin")
    at_the_pin.type_pin().expect_page("my_home")
