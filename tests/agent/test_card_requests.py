"""A card request from its claim to its return: cancelled, superseded, refused, lost, taken up again."""

from dataclasses import replace

import pytest

from agent.cards.kinds import CardKind
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from tests.agent.asking import login, reading, returned
from tests.agent.browser import Browser, code_of, hidden_fields, page_of
from tests.agent.card_folder import CITIZEN_PROFILE, PIN, nhi_card, write_card
from tests.agent.conftest import Workstation
from tests.agent.running import listening, serving
from tests.agent.waiting import wait_until


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


def test_what_only_the_server_knows_comes_with_its_own_advice(workstation: Workstation) -> None:
    told = {"code": "CARD-CERT-EXPIRED", "message": "此卡片的憑證已逾有效期限。"}
    workstation.server.refusal = (403, told | {"detail": {"way_on": "請改用其他卡片。"}})
    page = workstation.browser.open_card(login(workstation))
    assert "請改用其他卡片。" in page.text
    assert "重新操作一次" not in page.text
    workstation.server.refusal = (403, told | {"detail": {"way_on": ["請改用其他卡片。"]}})
    assert "重新操作一次" in workstation.browser.open_card(login(workstation)).text


def test_a_refused_claim_is_told_in_the_language_it_was_asked_for(
    workstation: Workstation,
) -> None:
    """The agent knows no more of the request than the header says."""
    told = {"code": "CARD-EXPIRED", "message": "It is over.", "detail": {}}
    workstation.server.refusal = (409, told)
    workstation.server.refused_in = "en"
    page = workstation.browser.open_card(login(workstation))
    assert '<html lang="en">' in page.text
    assert "It is over." in page.text
    workstation.browser.submit("/language", {"language": "zh-hant"})
    page = workstation.browser.open_card(login(workstation))
    assert "It is over." not in page.text  # our own words, in the language that was chosen
    assert "每次讀卡作業僅數分鐘內有效" in page.text


def test_our_own_advice_stands_where_we_have_one(workstation: Workstation) -> None:
    told = {"code": "CARD-NOT-ENROLLED", "message": "", "detail": {"way_on": "請洽機構代表。"}}
    workstation.server.refusal = (403, told)
    page = workstation.browser.open_card(reading(workstation))
    assert "讀卡元件主控台載入" in page.text
    assert "請洽機構代表。" not in page.text


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
    workstation.server.module_refusal = (403, {"code": "WS-UNKNOWN", "message": "", "detail": {}})
    workstation.browser.open_card(reading(workstation, enrolled=False))
    status = workstation.browser.http.get("/status.json").json()
    assert status["enrolled"] is False
    assert status["version"] == "0.1.0"
    assert [reader["card"] for reader in status["readers"]] == [CardKind.NHI, None]
    assert status["lights"]["hpc"] == 0  # the other light follows at the next authentication


def test_an_english_transaction_has_english_pages_until_the_person_switches(
    workstation: Workstation,
) -> None:
    transaction = workstation.server.start(cards=["HPC"], language="en")
    page = workstation.browser.open_card(transaction)
    assert '<html lang="en">' in page.text
    assert "Health professional card" in page.text
    answer = workstation.browser.submit(
        "/language", {"language": "zh-hant", "transaction": transaction, "server": ""}
    )
    assert answer.headers["location"] == f"/card?transaction={transaction}"
    page = workstation.browser.open_card(transaction)
    assert '<html lang="zh-Hant">' in page.text
    assert "醫事人員卡" in page.text
