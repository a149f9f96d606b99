"""Back, Forward and reload in Chromium: no page of ours is lost to the browser's own "send the form again?",
no form is sent twice, and no try of a PIN is spent by it.
"""

import pytest
from playwright.sync_api import Request, expect

from tests.browser.card_tour import Room
from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.people import (
    REPRESENTATIVE,
    Pharmacist,
    join_another_institution,
    make_citizen,
    make_own_nhi_card,
    make_pharmacist,
    registration_code,
    unenrolled_agent,
)
from tests.browser.stack import Stack

WRONG = "654321"


def again(desk: Desk, name: str, code: str | None = None, *, before: str = "") -> None:
    """The page stays what it is through reload, Back and Forward, and nothing is sent meanwhile.

    `before` is the page that Back leads to, where it does not matter which one of ours it is.
    """
    desk.expect_page(name, code)
    sent: list[str] = []

    def note(request: Request) -> None:
        if request.method == "POST":
            sent.append(request.url)

    desk.page.on("request", note)
    desk.page.reload()
    desk.expect_page(name, code)
    desk.page.go_back()
    if before:
        desk.expect_page(before)
    expect(desk.page.locator("main[data-page]")).to_be_attached()
    desk.page.go_forward()
    desk.expect_page(name, code)
    desk.page.remove_listener("request", note)
    assert sent == []


def tries_left(desk: Desk) -> str:
    return desk.page.locator("#pin-error").inner_text()


def test_wrong_pin_back_forward_reload_right_pin(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    stack.insert(pharmacist.card, reader=STAFF_READER)
    desk.ask_to_log_in().expect_page("card_pin").type_pin(WRONG)
    desk.expect_page("card_pin", "pin_wrong")
    assert "2" in tries_left(desk)
    desk.page.go_back()
    desk.expect_page("card_pin", "pin_wrong")  # the first page, as things stand now
    desk.page.go_back()
    desk.expect_page("log_in")
    desk.page.go_forward()
    desk.page.go_forward()
    desk.expect_page("card_pin", "pin_wrong")
    desk.page.reload()
    desk.expect_page("card_pin", "pin_wrong")
    assert "2" in tries_left(desk)
    desk.type_pin().expect_page("my_home")


def test_every_step_of_a_log_in(stack: Stack, desk: Desk, pharmacist: Pharmacist) -> None:
    desk.ask_to_log_in()
    again(desk, "card_insert", "card_missing", before="log_in")
    stack.insert(make_citizen(stack).card, reader=CITIZEN_READER)
    again(desk, "card_insert", "card_kind_wrong", before="log_in")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    again(desk, "card_pin", before="log_in")
    desk.type_pin("12")
    again(desk, "card_pin", "pin_length")
    desk.type_pin(WRONG)
    again(desk, "card_pin", "pin_wrong")
    assert "2" in tries_left(desk)
    stack.remove(reader=STAFF_READER)
    desk.type_pin(WRONG)
    desk.expect_page("problem", "card_removed")
    again(desk, "problem", "card_removed", before="card_insert")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    desk.click("retry_transaction")
    again(desk, "card_pin", before="problem")
    desk.type_pin(WRONG)
    again(desk, "card_pin", "pin_wrong")
    assert "1" in tries_left(desk)
    expect(desk.page.locator('[data-code="pin_last_try"]')).to_be_visible()
    desk.type_pin().expect_page("my_home")
    again(desk, "my_home")


def test_a_locked_card_stays_told(stack: Stack, desk: Desk, pharmacist: Pharmacist) -> None:
    stack.insert(pharmacist.card, reader=STAFF_READER)
    desk.ask_to_log_in()
    for _ in range(2):
        desk.type_pin(WRONG).expect_page("card_pin", "pin_wrong")
    desk.type_pin(WRONG)
    desk.expect_page("problem", "pin_locked")
    desk.page.reload()
    desk.expect_page("problem", "pin_locked")
    desk.page.go_back()  # to the page of the PIN, which the card does not take any more
    desk.expect_page("problem", "pin_locked")
    desk.page.go_forward()
    desk.expect_page("problem", "pin_locked")


def test_the_card_that_was_chosen_among_two(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    other = make_pharmacist(stack)
    stack.insert(pharmacist.card, reader=STAFF_READER)
    stack.insert(other.card, reader=CITIZEN_READER)
    desk.ask_to_log_in()
    again(desk, "card_choose", before="log_in")
    desk.page.get_by_label(other.name).check()
    desk.click("choose_card")
    again(desk, "card_pin", before="card_choose")
    desk.type_pin(WRONG)
    again(desk, "card_pin", "pin_wrong", before="card_pin")
    expect(desk.main).to_contain_text(other.name)
    desk.type_pin().expect_page("my_home")
    expect(desk.page.locator("header")).to_contain_text(other.name)


def test_every_step_of_a_card_reading(stack: Stack, counter: Desk) -> None:
    stack.remove(reader=STAFF_READER)
    counter.open("/booking/").read_card()
    again(counter, "card_insert", "card_missing", before="start_booking")
    counter.present(make_citizen(stack, faults={"pulled_after": 2}))
    counter.expect_page("problem", "card_removed").page.reload()
    again(counter, "card_insert", "card_missing", before="start_booking")
    citizen = make_citizen(stack)
    counter.present(citizen).expect_page("book_slot")
    again(counter, "book_slot")
    expect(counter.main).to_contain_text(citizen.name)


def test_a_refusal_of_the_server_at_the_end_of_a_reading(stack: Stack, counter: Desk) -> None:
    counter.present(make_citizen(stack, cancelled=True))
    counter.open("/booking/").read_card()
    again(counter, "problem", "NHI-CANCELLED", before="start_booking")
    counter.click("return_to_server").expect_page("start_booking")


def test_a_refusal_of_the_server_after_the_right_pin(stack: Stack, desk: Desk) -> None:
    """The right PIN of somebody who does not work here: said once more at each look, sent once."""
    stack.insert("hpc-liao", reader=STAFF_READER)
    desk.ask_to_log_in().type_pin()
    again(desk, "problem", "LOGIN-NOT-HERE")
    desk.click("return_to_server").expect_page("log_in")


def test_every_step_of_a_step_up(stack: Stack, desk: Desk) -> None:
    room = Room(stack, desk.page)
    room.log_in("hpc-liao").ask()
    again(room, "card_pin", before="start_emergency_query")
    room.type_pin(WRONG)
    again(room, "card_pin", "pin_wrong")
    room.click("cancel_transaction").expect_page("show_emergency_alert", "ACC-PROOF")
    room.click("step_up").expect_page("card_pin").type_pin().expect_page("show_emergency_alert")


def test_every_step_of_a_log_in_by_nhi_card(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    """The server's forms: a refused one may be sent again by a reload, an accepted one never is."""
    code = registration_code(stack, pharmacist)
    desk.ask_to_log_in("NHI")
    again(desk, "card_insert", "card_missing", before="log_in")
    stack.insert(make_own_nhi_card(stack, pharmacist), reader=CITIZEN_READER)
    again(desk, "enter_password", before="log_in")
    desk.click("open_registration")
    again(desk, "register_card_password", before="enter_password")
    desk.field("registration_code").fill(code)
    for name in ("password", "password_again"):
        desk.field(name).fill("新竹的風很大 2026")
    desk.click("register_password").expect_page("my_home")
    again(desk, "my_home")


def test_the_component_check_and_the_choice_of_an_institution(
    stack: Stack, desk: Desk, pharmacist: Pharmacist
) -> None:
    desk.open("/check/").click("check_components")
    again(desk, "show_check", before="check_components")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    with unenrolled_agent(stack):
        join_another_institution(stack, pharmacist)
        desk.open("/log-in/").page.check('[name="reader_kind"][value="CHIP_READER"]')
        desk.click("log_in").type_pin().expect_page("choose_institution")
        again(desk, "choose_institution")


def test_a_lost_card_is_reported_once(counter: Desk) -> None:
    counter.open("/account/").field("card_kind").select_option("CITIZEN")
    counter.click("report_lost_card")
    expect(counter.page.locator('[data-lost="CITIZEN"]')).to_be_visible()
    again(counter, "my_account")
    expect(counter.page.locator('[data-lost="CITIZEN"]')).to_have_count(1)


@pytest.mark.parametrize("path", ["/settings", "/"])
def test_a_refused_order_of_the_console(stack: Stack, desk: Desk, path: str) -> None:
    desk.page.goto(f"{stack.agent}/")
    desk.page.goto(f"{stack.agent}{path}")
    if path == "/settings":
        for name in ("HPCFASTAUTH", "CSREMOTE"):
            desk.page.check(f'[name="{name}"][value="ENABLE"]')
        desk.click("save_settings")
        again(desk, "settings", "options_conflict", before="settings")
        expect(desk.page.locator('[name="CSREMOTE"][value="ENABLE"]')).to_be_checked()
    else:
        file = {"name": "x.SAM", "mimeType": "text/plain", "buffer": b"{}"}
        desk.page.set_input_files("#module", file)  # type: ignore[arg-type]
        desk.click("upload_module")
        again(desk, "problem", "module_malformed", before="console")
        desk.click("go_back").expect_page("console")


def test_a_one_time_code_is_issued_once(stack: Stack, desk: Desk) -> None:
    desk.log_in(REPRESENTATIVE, "INSTITUTION").open("/account/people/")
    desk.action("issue_code").first.click()
    expect(desk.page.locator("[data-registration-code]")).to_be_visible()
    again(desk, "issue_code", before="list_cards")
