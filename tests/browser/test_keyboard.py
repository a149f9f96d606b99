"""Nobody needs the mouse: logging in, reading, choosing, sending, and out of every dead end."""

from datetime import date

from playwright.sync_api import Page, expect

from tests.browser.desk import PHONE, STAFF_READER, Desk
from tests.browser.people import CHILD, PIN, Pharmacist, make_citizen
from tests.browser.stack import Stack

MOST_STOPS = 40


def focused(page: Page, attribute: str) -> str:
    found: str = page.evaluate(f"document.activeElement.getAttribute('{attribute}') || ''")
    return found


def tab_to(page: Page, attribute: str, value: str) -> None:
    for _ in range(MOST_STOPS):
        if focused(page, attribute) == value:
            return
        page.keyboard.press("Tab")
    raise AssertionError(f"no way to {attribute}={value} by Tab")


def test_log_in_and_book_without_a_mouse(stack: Stack, desk: Desk, pharmacist: Pharmacist) -> None:
    keyboard = desk.page.keyboard
    stack.insert(pharmacist.card, reader=STAFF_READER)
    desk.open("/log-in/")
    tab_to(desk.page, "data-action", "log_in")
    keyboard.press("Enter")
    desk.expect_page("card_pin")
    expect(desk.field("pin")).to_be_focused()
    keyboard.type(PIN)
    keyboard.press("Enter")
    desk.expect_page("my_home")
    tab_to(desk.page, "data-action", "open_service")
    keyboard.press("Enter")
    desk.expect_page("start_booking")
    desk.present(make_citizen(stack))
    desk.press_f2()
    desk.expect_page("book_slot")
    expect(desk.field("phone")).to_be_focused()
    keyboard.type(PHONE)
    tab_to(desk.page, "name", "consent")
    keyboard.press("Space")
    tab_to(desk.page, "data-action", "book_slot")
    keyboard.press("Enter")
    desk.expect_page("show_booking")
    expect(desk.action("print_slip")).to_be_focused()


def test_enter_in_the_phone_field_sends_the_form_and_reads_no_card(
    stack: Stack, counter: Desk
) -> None:
    counter.open_form_for(make_citizen(stack))
    counter.field("consent").check()
    counter.field("phone").fill(PHONE)
    counter.page.keyboard.press("Enter")
    counter.expect_page("show_booking")


def test_place_and_date_are_chosen_by_arrow_keys_and_the_focus_stays(
    stack: Stack, counter: Desk
) -> None:
    counter.open_form_for(make_citizen(stack))
    city = counter.field("city")
    first = city.input_value()
    city.focus()
    with counter.page.expect_response(lambda answer: "/slots/" in answer.url):
        counter.page.keyboard.press("ArrowDown")
    counter.expect_new_choices()
    expect(counter.field("city")).to_be_focused()
    assert counter.field("city").input_value() != first


def test_alt_n_takes_the_next_free_slot(stack: Stack, counter: Desk) -> None:
    counter.open_form_for(make_citizen(stack))
    days = counter.field("date")
    if days.first.evaluate("e => e.tagName") == "SELECT":
        first = days.locator("option").first.get_attribute("value")
        days.select_option(index=3)
    else:
        first = days.first.get_attribute("value")
        days.nth(3).check()
    counter.expect_new_choices()
    counter.page.keyboard.press("Alt+n")
    chosen = counter.page.locator('select[name="date"] option:checked, input[name="date"]:checked')
    expect(chosen).to_have_attribute("value", first or "")
    assert date.fromisoformat(first or "") > date.min


def test_errors_take_the_focus_and_lead_to_their_fields(stack: Stack, counter: Desk) -> None:
    counter.open_form_for(make_citizen(stack)).click("book_slot")
    summary = counter.page.locator("[data-error-summary]")
    expect(summary).to_be_focused()
    assert counter.page.title().startswith(("錯誤", "Error"))
    links = summary.locator("a")
    targets = [links.nth(at).get_attribute("href") or "" for at in range(links.count())]
    assert targets == ["#id_phone", "#id_consent"]
    for at, target in enumerate(targets):
        links.nth(at).focus()
        counter.page.keyboard.press("Enter")
        expect(counter.page.locator(target)).to_be_focused()


def test_escape_closes_the_alert_and_the_next_card_is_one_key_away(
    stack: Stack, counter: Desk
) -> None:
    counter.open_form_for(make_citizen(stack, "小朋友", born=CHILD))
    alert = counter.page.locator(".alert-dialog")
    expect(alert).to_be_visible()
    expect(counter.action("close_alert")).to_be_focused()
    counter.page.keyboard.press("Tab")
    assert counter.page.evaluate(
        "document.activeElement === document.body"
        " || document.querySelector('.alert-dialog').contains(document.activeElement)"
    )
    counter.page.keyboard.press("Escape")
    expect(alert).to_be_hidden()
    expect(counter.action("read_card")).to_be_focused()
    expect(counter.main).to_contain_text("您不符合本期可施打資格")
    counter.present(make_citizen(stack)).read_card().expect_page("book_slot")
    expect(counter.field("phone")).to_be_focused()


def test_the_first_tab_stop_skips_to_the_content(desk: Desk) -> None:
    desk.open("/site-map/")
    desk.page.keyboard.press("Tab")
    assert focused(desk.page, "href") == "#main"
    desk.page.keyboard.press("Enter")
    expect(desk.main).to_be_focused()
