"""A card transaction, from the browser's navigation to the way back, over real sockets."""

import threading

import httpx
import pytest

from tests.agent.asking import login, reading, returned
from tests.agent.browser import code_of, hidden_fields, page_of
from tests.agent.card_folder import CITIZEN_PROFILE, PIN, nhi_card, pki_card, write_card
from tests.agent.conftest import Workstation


def test_an_inserted_nhi_card_is_read_without_a_page_and_with_two_server_requests(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("nhi-wang")
    transaction = reading(workstation)

    answer = workstation.browser.open_card(transaction)

    assert answer.status_code == 303
    assert answer.headers["location"] == returned(workstation, transaction) + "?code=" + "c" * 43
    assert workstation.server.requests == 2
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"] == CITIZEN_PROFILE | {"cancelled": False, "emergency_phone": ""}


def test_the_new_card_generation_and_a_failed_cold_read_change_nothing(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("nhi-new")
    transaction = reading(workstation)
    assert workstation.browser.open_card(transaction).status_code == 303
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["national_id"] == "A123456789"


def test_a_cancelled_card_with_a_phone_is_read_as_such(workstation: Workstation) -> None:
    card = nhi_card(cancelled=True, emergency_phone="0912345678")
    write_card(workstation.cards, "nhi-cancelled", card)
    workstation.browser.insert("nhi-cancelled")
    transaction = reading(workstation)
    workstation.browser.open_card(transaction)
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["cancelled"] is True
    assert result["reading"]["emergency_phone"] == "0912345678"


@pytest.mark.parametrize(
    ("card", "kind", "holder"),
    [("hpc-chen", "HPC", "陳怡君"), ("citizen-lin", "CITIZEN", "林稽核")],
)
def test_the_right_pin_signs_on_the_card_and_leads_back(
    workstation: Workstation, card: str, kind: str, holder: str
) -> None:
    workstation.browser.insert(card)
    transaction = login(workstation, kind)

    page = workstation.browser.open_card(transaction)
    assert page_of(page) == "card_pin"
    for shown in (holder, "登入", "健全藥局", workstation.server.origin):
        assert shown in page.text
    answer = workstation.browser.type_pin(page, PIN)

    assert answer.status_code == 303
    assert answer.headers["location"].startswith(returned(workstation, transaction) + "?code=")
    order = workstation.server.orders[transaction]
    assert len(order.results) == 1
    assert len(order.chain) == 2  # the holder's certificate and the intermediate


def test_a_missing_card_is_named_and_waited_for(workstation: Workstation) -> None:
    transaction = reading(workstation)
    page = workstation.browser.open_card(transaction)
    assert (page_of(page), code_of(page)) == ("card_insert", "card_missing")
    assert "健保卡" in page.text
    seen = page.text.partition('data-seen="')[2].partition('"')[0]
    query = {"transaction": transaction, "seen": seen}
    own = {"Sec-Fetch-Site": "same-origin"}
    timer = threading.Timer(0.2, lambda: workstation.tray.insert(reader=0, card="nhi-wang"))
    timer.start()

    answer = workstation.browser.http.get("/card/wait", params=query, headers=own)

    timer.join()
    assert answer.json() == {"look": True}
    assert workstation.browser.open_card(transaction).status_code == 303


def test_a_card_of_another_kind_is_named_beside_the_wanted_one(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang")
    page = workstation.browser.open_card(login(workstation))
    assert code_of(page) == "card_kind_wrong"
    assert "健保卡" in page.text
    assert "醫事人員卡" in page.text
    assert workstation.server.requests == 1


def test_among_several_fitting_cards_the_person_chooses(workstation: Workstation) -> None:
    other = CITIZEN_PROFILE | {"name": "李大華", "national_id": "B223456789"}
    write_card(workstation.cards, "nhi-lee", nhi_card(holder="李大華", profile=other))
    workstation.browser.insert("nhi-wang", 0)
    workstation.browser.insert("nhi-lee", 1)
    transaction = reading(workstation)
    page = workstation.browser.open_card(transaction)
    assert page_of(page) == "card_choose"
    assert "王小明" in page.text
    assert "李大華" in page.text

    assert workstation.browser.open_card(transaction, reader="1").status_code == 303

    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["national_id"] == "B223456789"


def test_a_chosen_card_that_was_pulled_is_not_replaced_by_the_other(
    workstation: Workstation,
) -> None:
    write_card(workstation.cards, "nhi-lee", nhi_card(holder="李大華"))
    workstation.browser.insert("nhi-wang", 0)
    workstation.browser.insert("nhi-lee", 1)
    transaction = reading(workstation)
    workstation.browser.open_card(transaction)
    workstation.browser.remove(1)
    page = workstation.browser.open_card(transaction, reader="1")
    assert code_of(page) == "card_removed"
    assert workstation.server.orders[transaction].results == []


def test_a_wrong_pin_tells_the_tries_left_and_warns_of_the_last_one(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    assert "pin_last_try" not in page.text

    page = workstation.browser.type_pin(page, "999999")
    assert (page.status_code, code_of(page)) == (200, "pin_wrong")
    assert "剩餘 2 次" in page.text
    page = workstation.browser.type_pin(page, "999999")
    assert "pin_last_try" in page.text
    page = workstation.browser.type_pin(page, "999999")

    assert code_of(page) == "pin_locked"
    assert "醫事憑證管理中心" in page.text
    assert workstation.server.orders[transaction].results == []


def test_a_locked_card_is_told_before_a_pin_is_asked_and_stays_locked(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("citizen-lin")
    page = workstation.browser.open_card(login(workstation, "CITIZEN"))
    for _ in range(3):
        page = workstation.browser.type_pin(page, "000000")
    workstation.browser.remove()
    workstation.browser.insert("citizen-lin", 1)
    page = workstation.browser.open_card(login(workstation, "CITIZEN"))
    assert code_of(page) == "pin_locked"
    assert "內政部憑證管理中心" in page.text


@pytest.mark.parametrize("pin", ["12345", "123456789", "12a456", "", "１２３４５６"])
def test_a_pin_of_another_form_spends_no_try(workstation: Workstation, pin: str) -> None:
    workstation.browser.insert("hpc-chen")
    page = workstation.browser.open_card(login(workstation))
    page = workstation.browser.type_pin(page, pin)
    assert (page.status_code, code_of(page)) == (200, "pin_length")
    page = workstation.browser.type_pin(page, "999999")
    assert "剩餘 2 次" in page.text


def test_a_used_form_spends_no_try_and_a_double_click_sends_once(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    first = workstation.browser.open_card(transaction)
    workstation.browser.type_pin(first, "999999")

    page = workstation.browser.type_pin(first, "999999")
    assert code_of(page) == "form_outdated"
    once = workstation.browser.type_pin(page, PIN)
    twice = workstation.browser.type_pin(page, PIN)

    assert once.headers["location"] == twice.headers["location"]
    assert len(workstation.server.orders[transaction].results) == 1


def test_two_simultaneous_submissions_and_a_second_tab_send_one_result(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    fields = hidden_fields(workstation.browser.open_card(transaction), "/card/pin")
    answers: list[httpx.Response] = []

    def click() -> None:
        answers.append(workstation.browser.submit("/card/pin", fields | {"pin": PIN}))

    threads = [threading.Thread(target=click) for _ in range(4)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert {answer.status_code for answer in answers} == {303}
    assert len({answer.headers["location"] for answer in answers}) == 1
    assert workstation.browser.open_card(transaction).status_code == 303
    assert len(workstation.server.orders[transaction].results) == 1


def test_a_reading_asked_for_again_is_not_sent_again(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang")
    transaction = reading(workstation)
    first = workstation.browser.open_card(transaction)
    workstation.browser.remove()
    again = workstation.browser.open_card(transaction)
    assert again.headers["location"] == first.headers["location"]
    assert workstation.server.requests == 2


def test_a_card_swapped_behind_the_page_is_shown_before_its_pin_is_used(
    workstation: Workstation, ca: object, pharmacist: object
) -> None:
    workstation.browser.insert("hpc-chen")
    page = workstation.browser.open_card(login(workstation, "HPC", "CITIZEN"))
    workstation.browser.insert("citizen-lin")
    page = workstation.browser.type_pin(page, "999999")
    assert code_of(page) == "card_changed"
    assert "林稽核" in page.text
    page = workstation.browser.type_pin(page, "999999")
    assert "剩餘 2 次" in page.text


@pytest.mark.parametrize("commands", range(4))
def test_a_card_pulled_at_any_command_of_a_reading_sends_nothing(
    workstation: Workstation, commands: int
) -> None:
    write_card(workstation.cards, "nhi-pulled", nhi_card(faults={"pulled_after": commands + 1}))
    workstation.browser.insert("nhi-pulled")
    transaction = reading(workstation)
    page = workstation.browser.open_card(transaction)
    assert code_of(page) in {"card_removed", "card_missing"}
    assert workstation.server.orders[transaction].results == []


def test_a_card_pulled_between_page_and_pin_is_a_refusal_with_a_way_on(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    workstation.browser.remove()
    page = workstation.browser.type_pin(page, PIN)
    assert code_of(page) == "card_removed"
    assert f"/card?transaction={transaction}" in page.text
    assert returned(workstation, transaction) in page.text


@pytest.mark.parametrize("profile_hex", ["00" * 56, "ff" * 57, ""])
def test_an_nhi_card_with_damaged_data_is_unreadable(
    workstation: Workstation, profile_hex: str
) -> None:
    write_card(workstation.cards, "nhi-bad", nhi_card(profile=None, profile_hex=profile_hex))
    workstation.browser.insert("nhi-bad")
    assert code_of(workstation.browser.open_card(reading(workstation))) == "card_unreadable"


def test_a_mute_card_is_told_from_an_empty_reader(
    workstation: Workstation, ca: object, pharmacist: object
) -> None:
    write_card(workstation.cards, "nhi-mute", nhi_card(faults={"mute": True}))
    workstation.browser.insert("nhi-mute")
    page = workstation.browser.open_card(reading(workstation))
    assert code_of(page) == "card_mute"
    assert "卡片沒有回應" in page.text


def test_a_mute_card_with_key_is_a_refusal(workstation: Workstation, ca, pharmacist) -> None:
    card = pki_card(pharmacist, ca, holder="陳怡君") | {"faults": {"mute": True}}
    write_card(workstation.cards, "hpc-mute", card)
    workstation.browser.insert("hpc-mute")
    assert code_of(workstation.browser.open_card(login(workstation))) == "card_mute"
