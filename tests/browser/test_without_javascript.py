"""The whole booking with scripts switched off."""

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import STAFF_READER, Desk
from tests.browser.people import CHILD, Pharmacist, make_citizen
from tests.browser.stack import Stack


@pytest.fixture
def plain(stack: Stack, new_page: NewPage) -> Desk:
    return Desk(stack, new_page(java_script_enabled=False))


def test_log_in_read_choose_and_book(stack: Stack, plain: Desk, pharmacist: Pharmacist) -> None:
    citizen = make_citizen(stack)
    plain.log_in_as(pharmacist).click("open_service").present(citizen).click("read_card")
    plain.expect_page("book_slot")
    expect(plain.action("take_next_slot")).to_be_hidden()

    plain.field("phone").fill("0912345678")
    city = plain.field("city")
    other = city.locator("option").nth(1).get_attribute("value") or ""
    city.select_option(other)
    plain.click("update_choices").expect_page("book_slot")
    expect(plain.field("city")).to_have_value(other)
    expect(plain.field("phone")).to_have_value("0912345678")
    plain.field("consent").check()
    plain.click("book_slot").expect_page("show_booking")
    expect(plain.main).to_contain_text(citizen.masked_id)
    expect(plain.main).to_contain_text(other)
    plain.click("print_slip").expect_page("print_slip")


def test_a_slot_of_the_former_place_is_never_booked(
    stack: Stack, plain: Desk, pharmacist: Pharmacist
) -> None:
    """The city was changed and the lists were not fetched again."""
    plain.log_in_as(pharmacist).present(make_citizen(stack)).open("/booking/").click("read_card")
    plain.expect_page("book_slot").fill()
    plain.field("city").select_option(index=1)
    plain.click("book_slot").expect_page("book_slot")
    expect(plain.page.locator("[data-error-summary] li")).to_have_count(1)
    plain.click("book_slot").expect_page("show_booking")


def test_the_agents_waiting_page_looks_again_by_itself(
    stack: Stack, plain: Desk, pharmacist: Pharmacist
) -> None:
    plain.ask_to_log_in().expect_page("card_insert", "card_missing")
    stack.insert(pharmacist.card, reader=STAFF_READER)
    plain.expect_page("card_pin").type_pin().expect_page("my_home")


def test_the_refusal_of_a_citizen_stands_on_the_page(
    stack: Stack, plain: Desk, pharmacist: Pharmacist
) -> None:
    plain.log_in_as(pharmacist).present(make_citizen(stack, "小朋友", born=CHILD))
    plain.open("/booking/").click("read_card").expect_page("book_slot", "VBK-C02")
    expect(plain.page.locator(".refusal")).to_contain_text("您不符合本期可施打資格")
    expect(plain.page.locator(".alert-dialog")).to_be_hidden()
