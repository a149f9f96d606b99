"""A card transaction, from the browser's navigation to the way back, over real sockets."""

import threading
from dataclasses import replace

import httpx
import pytest

from agent.cards.kinds import CardKind
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from tests.agent.browser import Browser, code_of, hidden_fields, page_of
from tests.agent.card_folder import CITIZEN_PROFILE, PIN, nhi_card, pki_card, write_card
from tests.agent.conftest import Workstation
from tests.agent.running import listening, serving
from tests.agent.waiting import wait_until


def returned(workstation: Workstation, transaction: str) -> str:
    return f"{workstation.server.origin}/cards/{transaction}/return"


def login(workstation: Workstation, *cards: str) -> str:
    return workstation.server.start(cards=list(cards or ("HPC",)))


def reading(workstation: Workstation, **changes: object) -> str:
    return workstation.server.start(cards=["NHI"], reading=True, **changes)


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
    assert (page.status_code, code_of(page)) == (422, "pin_wrong")
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
    assert (page.status_code, code_of(page)) == (422, "pin_length")
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


def test_cancelling_leads_back_without_a_result_and_may_be_taken_back(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    answer = workstation.browser.submit("/card/cancel", hidden_fields(page, "/card/cancel"))
    assert answer.status_code == 303
    assert answer.headers["location"] == returned(workstation, transaction) + "?cancelled=1"
    assert page_of(workstation.browser.open_card(transaction)) == "card_pin"


def test_a_newer_request_supersedes_the_waiting_one(workstation: Workstation) -> None:
    older, newer = reading(workstation), reading(workstation)
    workstation.browser.open_card(older)
    workstation.browser.open_card(newer)
    workstation.browser.insert("nhi-wang")
    page = workstation.browser.open_card(older)
    assert code_of(page) == "transaction_superseded"
    assert returned(workstation, older) in page.text
    assert workstation.browser.open_card(newer).status_code == 303


def test_a_refused_claim_supersedes_nothing(workstation: Workstation) -> None:
    transaction = login(workstation)
    workstation.browser.open_card(transaction)
    workstation.browser.open_card("x" * 43)
    assert page_of(workstation.browser.open_card(transaction)) == "card_insert"


def test_an_expired_request_leads_back(workstation: Workstation) -> None:
    transaction = workstation.server.start(cards=["HPC"], expires_in=0)
    page = workstation.browser.open_card(transaction)
    assert (page.status_code, code_of(page)) == (410, "transaction_expired")
    assert returned(workstation, transaction) in page.text


def test_the_servers_own_refusal_is_shown_in_its_words(workstation: Workstation) -> None:
    workstation.server.refusal = (
        403,
        {
            "code": "workstation_of_another_institution",
            "message": "此工作站屬於其他機構。",
            "detail": "",
        },
    )
    page = workstation.browser.open_card(login(workstation))
    assert code_of(page) == "workstation_of_another_institution"
    assert "此工作站屬於其他機構。" in page.text


@pytest.mark.parametrize(
    ("status", "body", "code"),
    [
        (503, {"code": "busy", "message": "", "detail": ""}, "server_unreachable"),
        (500, {}, "server_answer_invalid"),
        (200, {"transaction": "another"}, "server_answer_invalid"),
        (302, {}, "server_answer_invalid"),
    ],
)
def test_other_answers_of_the_server_are_told_apart(
    workstation: Workstation, status: int, body: dict[str, str], code: str
) -> None:
    workstation.server.refusal = (status, body)
    page = workstation.browser.open_card(login(workstation))
    assert (page.status_code, code_of(page)) == (502, code)


def test_a_server_that_is_gone_is_unreachable(workstation: Workstation) -> None:
    with listening() as (_, port):
        pass  # nobody listens there any more
    workstation.agent.servers.trust(f"http://localhost:{port}")
    page = workstation.browser.open_card("y" * 43)
    assert code_of(page) == "server_unreachable"


def test_an_unanswered_result_is_sent_again_without_the_pin(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    workstation.server.refusal = (503, {})
    assert code_of(workstation.browser.type_pin(page, PIN)) == "server_unreachable"
    workstation.server.refusal = None
    assert workstation.browser.open_card(transaction).status_code == 303
    assert len(workstation.server.orders[transaction].results) == 1


def test_an_unanswered_reading_is_forgotten_when_another_card_comes(
    workstation: Workstation,
) -> None:
    other = CITIZEN_PROFILE | {"name": "李大華", "national_id": "B223456789"}
    write_card(workstation.cards, "nhi-lee", nhi_card(holder="李大華", profile=other))
    workstation.browser.insert("nhi-wang")
    transaction = reading(workstation)
    workstation.browser.open_card(transaction)
    order = workstation.server.orders[transaction]
    assert len(order.results) == 1

    transaction = reading(workstation)
    workstation.browser.remove()
    workstation.browser.open_card(transaction)
    workstation.server.refusal = (503, {})
    workstation.browser.insert("nhi-wang")
    workstation.browser.open_card(transaction)
    workstation.server.refusal = None
    workstation.browser.insert("nhi-lee")
    workstation.browser.open_card(transaction)
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["national_id"] == "B223456789"


@pytest.mark.parametrize(
    "elsewhere",
    ["https://evil.example/", "http://localhost.evil.example/", "//evil.example/", "javascript:1"],
)
def test_the_browser_is_sent_to_no_other_origin(workstation: Workstation, elsewhere: str) -> None:
    workstation.browser.insert("nhi-wang")
    claimed = workstation.server.start(cards=["NHI"], reading=True, return_url=elsewhere)
    assert code_of(workstation.browser.open_card(claimed)) == "server_answer_invalid"

    workstation.server.result_return_url = elsewhere
    page = workstation.browser.open_card(reading(workstation))
    assert code_of(page) == "server_answer_invalid"
    assert elsewhere not in page.text


def test_a_claim_for_another_origin_is_not_followed(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = workstation.server.start(cards=["HPC"], origin="https://evil.example")
    assert code_of(workstation.browser.open_card(transaction)) == "server_answer_invalid"


def test_after_a_restart_the_transaction_is_taken_up_again(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    old_page = workstation.browser.open_card(transaction)
    with listening() as (bound, port):
        old = workstation.agent.settings
        settings: Settings = replace(old, port=port)
        restarted = build_agent(settings)
        browser = Browser(settings.origin)
        with browser.http, serving(build_app(restarted), bound):
            page = browser.type_pin(old_page, PIN)
            assert code_of(page) == "transaction_forgotten"
            assert f"/card?transaction={transaction}" in page.text
            browser.insert("hpc-chen")
            assert browser.type_pin(browser.open_card(transaction), PIN).status_code == 303


def test_the_claims_word_on_enrolment_reaches_the_status(workstation: Workstation) -> None:
    """SAM authentication says it first, each claim says it anew."""
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    assert workstation.browser.http.get("/status.json").json()["enrolled"] is True
    workstation.browser.insert("nhi-wang")
    workstation.browser.open_card(reading(workstation, enrolled=False))
    status = workstation.browser.http.get("/status.json").json()
    assert status["enrolled"] is False
    assert status["version"] == "0.1.0"
    assert [reader["card"] for reader in status["readers"]] == [CardKind.NHI, None]
    assert status["lights"] == {"nhi": 2, "hpc": 0}


def test_an_english_transaction_has_english_pages_until_the_person_switches(
    workstation: Workstation,
) -> None:
    transaction = workstation.server.start(cards=["HPC"], language="en")
    page = workstation.browser.open_card(transaction)
    assert '<html lang="en">' in page.text
    assert "Medical personnel card" in page.text
    answer = workstation.browser.submit(
        "/language", {"language": "zh-hant", "transaction": transaction, "server": ""}
    )
    assert answer.headers["location"] == f"/card?transaction={transaction}"
    page = workstation.browser.open_card(transaction)
    assert '<html lang="zh-Hant">' in page.text
    assert "醫事人員卡" in page.text
