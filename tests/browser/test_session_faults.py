"""Two tabs, double clicks, Back, reload, a session that ends: nothing is lost, doubled or mixed up."""

import re

from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import Desk
from tests.browser.people import Citizen, Pharmacist, make_citizen
from tests.browser.stack import Stack


def bookings_of(stack: Stack, citizen: Citizen) -> list[str]:
    """The numbers in the database of all bookings of this citizen."""
    from apps.booking.models import Booking
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind

    with stack.database():
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=citizen.national_id)
        found = Booking.objects.filter(patient_id=patient).select_related("campaign")
        return [each.full_number for each in found]


def second_tab(counter: Desk) -> Desk:
    """Another tab of the same browser, with the same session."""
    return Desk(counter.stack, counter.page.context.new_page())


def test_two_tabs_keep_each_their_own_citizen(stack: Stack, counter: Desk) -> None:
    one, two = make_citizen(stack, "陳一心"), make_citizen(stack, "林二美")
    counter.open_form_for(one)
    other = second_tab(counter).open_form_for(two)
    counter.fill().click("book_slot").expect_page("show_booking")
    expect(counter.main).to_contain_text(one.masked_id)
    expect(counter.main).to_contain_text("陳一心")
    other.fill().click("book_slot").expect_page("show_booking")
    expect(other.main).to_contain_text(two.masked_id)
    assert len(bookings_of(stack, one)) == len(bookings_of(stack, two)) == 1
    assert bookings_of(stack, one) != bookings_of(stack, two)


def test_a_double_click_books_once_and_shows_that_booking(stack: Stack, counter: Desk) -> None:
    citizen = make_citizen(stack)
    counter.open_form_for(citizen).fill()
    counter.action("book_slot").dblclick(no_wait_after=True)
    expect(counter.page.locator('main[data-page^="show_booking"]')).to_be_attached()
    (number,) = bookings_of(stack, citizen)
    expect(counter.main).to_contain_text(number)


def test_f2_twice_reads_the_card_once_more_and_ends_on_the_form(
    stack: Stack, counter: Desk
) -> None:
    counter.present(make_citizen(stack)).open("/booking/")
    counter.read_card().read_card().expect_page("book_slot")


def test_back_after_booking_shows_the_booking_and_not_the_form(stack: Stack, counter: Desk) -> None:
    citizen = make_citizen(stack)
    counter.book(citizen).page.go_back()
    counter.expect_page("show_booking_by_card")
    (number,) = bookings_of(stack, citizen)
    expect(counter.main).to_contain_text(number)


def test_back_and_reload_after_logging_in_keep_the_session(counter: Desk) -> None:
    counter.page.reload()
    counter.expect_page("my_home")
    counter.page.go_back()
    # The PIN page lies behind; the agent knows that its work is done and leads to the server again.
    counter.expect_page("my_home")
    expect(counter.action("open_service")).to_be_visible()


def test_back_and_reload_after_reading_lead_on(stack: Stack, counter: Desk) -> None:
    citizen = make_citizen(stack)
    counter.open_form_for(citizen)
    counter.page.reload()
    counter.expect_page("book_slot")
    expect(counter.main).to_contain_text(citizen.masked_id)
    counter.page.go_back()
    counter.expect_page("start_booking")
    counter.read_card().expect_page("book_slot")
    expect(counter.main).to_contain_text(citizen.masked_id)


def test_the_return_address_of_a_reading_opened_again_does_no_harm(
    stack: Stack, counter: Desk
) -> None:
    counter.present(make_citizen(stack)).open("/booking/")
    returns: list[str] = []
    counter.page.on(
        "request", lambda r: returns.append(r.url) if "/return?code=" in r.url else None
    )
    counter.read_card().expect_page("book_slot")
    (address,) = returns
    form = counter.page.url
    counter.page.goto(address)
    assert counter.page.url == form


def test_reload_after_booking_shows_the_same_number(stack: Stack, counter: Desk) -> None:
    citizen = make_citizen(stack)
    counter.book(citizen)
    shown = re.findall(r"MO,AZ01-[0-9]{10}", counter.main.inner_text())
    counter.page.reload()
    counter.expect_page("show_booking")
    assert re.findall(r"MO,AZ01-[0-9]{10}", counter.main.inner_text()) == shown
    assert bookings_of(stack, citizen) == shown


def test_a_session_deleted_by_the_server_ends_at_the_login_page(
    stack: Stack, counter: Desk, pharmacist: Pharmacist
) -> None:
    from apps.accounts.models import Session

    counter.open("/booking/")
    with stack.database():
        assert Session.objects.filter(person=pharmacist.person).delete()[0] == 1
    counter.read_card().expect_page("log_in")
    assert counter.page.url.startswith(f"{stack.web}/log-in/")
    counter.log_in_as(pharmacist)


def test_after_logging_out_back_shows_nobodys_data(stack: Stack, counter: Desk) -> None:
    citizen = make_citizen(stack)
    counter.open_form_for(citizen)
    counter.click("log_out").expect_page("home")
    counter.page.go_back()
    counter.expect_page("log_in")
    assert citizen.masked_id not in counter.page.content()


def test_a_reading_belongs_to_the_session_that_made_it(
    stack: Stack, counter: Desk, new_page: NewPage, pharmacist: Pharmacist
) -> None:
    counter.open_form_for(make_citizen(stack))
    path = counter.page.url.removeprefix(stack.web)
    stranger = Desk(stack, new_page()).log_in_as(pharmacist)
    stranger.open(path).expect_page("book_slot", "READING-GONE")
    counter.fill().click("book_slot").expect_page("show_booking")
