"""Back and reload: no page of the agent answers a POST, so none is sent again by the browser."""

import json
import threading
from urllib.parse import parse_qs, urlsplit

import httpx
import pytest

from agent import life
from agent.cards.errors import PinWrong
from agent.cards.pin import Pin
from agent.cards.piv import PivSession
from agent.web.app import ROUTES
from tests.agent.asking import login, returned
from tests.agent.browser import code_of, hidden_fields, page_of
from tests.agent.card_folder import CITIZEN_PROFILE, PIN, nhi_card, pki_card, write_card
from tests.agent.conftest import Workstation
from tests.agent.pki import Issued

ID = "A" * 43
ON, OFF = "ENABLE", "DISABLE"
# Orders of programs: JSON in, JSON out, never a page.
OF_PROGRAMS = {"/his/{name}", "/end", "/virtual/insert", "/virtual/remove"}
FORMS = sorted(
    route.path
    for route in ROUTES
    if "POST" in (getattr(route, "methods", None) or ()) and route.path not in OF_PROGRAMS
)


def wrong_pin(workstation: Workstation, **query: str) -> tuple[str, httpx.Response]:
    """A transaction whose PIN was wrong once, and the answer to its form."""
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction, **query)
    fields = hidden_fields(page, "/card/pin") | {"pin": "999999"}
    return transaction, workstation.browser.submit("/card/pin", fields)


@pytest.mark.parametrize("path", FORMS)
@pytest.mark.parametrize("fields", [{"x": "y"}, {"transaction": ID}, {"transaction": "short"}])
def test_every_form_of_our_own_is_answered_by_a_page_to_be_opened(
    workstation: Workstation, path: str, fields: dict[str, str]
) -> None:
    workstation.agent.life.stop = lambda: None
    if path == "/modules":
        answer = workstation.browser.http.post(
            path, files={"other": b"x"}, headers={"Origin": workstation.browser.origin}
        )
    else:
        answer = workstation.browser.submit(path, fields)
    assert answer.status_code == 303
    page = workstation.browser.follow(answer)
    again = workstation.browser.follow(answer)
    assert page_of(page)
    assert (page_of(again), code_of(again)) == (page_of(page), code_of(page))


def test_a_wrong_pin_is_told_at_each_reload_and_costs_one_try(workstation: Workstation) -> None:
    _, answer = wrong_pin(workstation)
    for _ in range(3):
        page = workstation.browser.follow(answer)
        assert (page_of(page), code_of(page)) == ("card_pin", "pin_wrong")
        assert "剩餘 2 次" in page.text
    assert workstation.browser.type_pin(page, PIN).status_code == 303


def test_the_address_names_the_transaction_and_no_secret(workstation: Workstation) -> None:
    transaction, answer = wrong_pin(workstation)
    url = urlsplit(answer.headers["location"])
    assert (url.path, parse_qs(url.query)) == ("/card", {"transaction": [transaction]})


def test_back_at_the_first_pin_page_tells_how_it_stands_now(workstation: Workstation) -> None:
    """Back asks for the page anew; its form is the one that counts."""
    transaction, _ = wrong_pin(workstation)
    page = workstation.browser.open_card(transaction)
    assert code_of(page) == "pin_wrong"
    assert workstation.browser.type_pin(page, PIN).status_code == 303


def test_the_tries_are_those_of_the_card_even_when_another_program_spent_one(
    workstation: Workstation,
) -> None:
    _, answer = wrong_pin(workstation)
    with workstation.tray.readers()[0].connect() as connection, pytest.raises(PinWrong):
        PivSession(connection).verify(Pin(bytearray(b"999998")))
    page = workstation.browser.follow(answer)
    assert "剩餘 1 次" in page.text
    assert "pin_last_try" in page.text


def test_what_was_said_of_one_card_is_not_said_of_the_next(
    workstation: Workstation, ca: Issued, pharmacist: Issued
) -> None:
    _, answer = wrong_pin(workstation)
    write_card(workstation.cards, "hpc-second", pki_card(pharmacist, ca, holder="陳怡君"))
    workstation.browser.insert("hpc-second")
    page = workstation.browser.follow(answer)
    assert (page_of(page), code_of(page)) == ("card_pin", "")


def test_a_pin_meant_for_a_swapped_card_is_not_taken_though_a_second_tab_saw_the_new_one(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation, "HPC", "CITIZEN")
    first_tab = workstation.browser.open_card(transaction)
    workstation.browser.insert("citizen-lin")
    second_tab = workstation.browser.open_card(transaction)
    assert "林稽核" in second_tab.text
    page = workstation.browser.type_pin(first_tab, "999999")
    assert code_of(page) == "card_changed"
    page = workstation.browser.type_pin(second_tab, "999999")
    assert "剩餘 2 次" in page.text


def test_a_pulled_card_is_told_at_each_reload_until_the_card_was_used(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    workstation.browser.remove()
    answer = workstation.browser.submit("/card/pin", hidden_fields(page, "/card/pin"))
    assert answer.headers["location"] == f"/card/refused?transaction={transaction}"
    for _ in range(2):
        page = workstation.browser.follow(answer)
        assert (page_of(page), code_of(page)) == ("problem", "card_removed")
    workstation.browser.insert("hpc-chen")
    page = workstation.browser.open_card(transaction)
    assert page_of(page) == "card_pin"
    assert code_of(workstation.browser.follow(answer)) == "card_removed"
    assert code_of(workstation.browser.type_pin(page, "999999")) == "pin_wrong"
    back = workstation.browser.follow(answer)
    assert back.headers["location"] == f"/card?transaction={transaction}"


def test_a_refused_result_is_sent_once_however_often_its_page_is_opened(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    workstation.server.refusal = (409, {"code": "CARD-OTHER-PERSON", "message": "", "detail": ""})
    fields = hidden_fields(page, "/card/pin") | {"pin": PIN}
    answer = workstation.browser.submit("/card/pin", fields)
    sent = workstation.server.requests
    for _ in range(2):
        page = workstation.browser.follow(answer)
        assert (page.status_code, code_of(page)) == (409, "CARD-OTHER-PERSON")
        assert returned(workstation, transaction) in page.text
    assert workstation.server.requests == sent


def test_the_page_of_a_refusal_is_opened_in_a_tab_only(workstation: Workstation) -> None:
    transaction, _ = wrong_pin(workstation)
    for path in (f"/card/refused?transaction={transaction}", "/refused?page=/modules"):
        frame = workstation.browser.open(path, **{"Sec-Fetch-Dest": "iframe"})
        assert (frame.status_code, code_of(frame)) == (403, "not_a_navigation")


def test_the_chosen_card_stays_chosen_after_a_wrong_pin_and_another_language(
    workstation: Workstation, ca: Issued, pharmacist: Issued
) -> None:
    write_card(workstation.cards, "hpc-second", pki_card(pharmacist, ca, holder="陳怡君"))
    workstation.browser.insert("hpc-second", 1)
    _, answer = wrong_pin(workstation, reader="0")
    page = workstation.browser.follow(answer)
    assert code_of(page) == "pin_wrong"
    fields = hidden_fields(page, "/language")
    page = workstation.browser.follow(workstation.browser.submit("/language", fields))
    assert (page_of(page), code_of(page)) == ("card_pin", "pin_wrong")
    assert '<html lang="en">' in page.text


def test_the_language_of_a_refusal_is_switched_without_trying_again(
    workstation: Workstation,
) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = login(workstation)
    page = workstation.browser.open_card(transaction)
    workstation.server.refusal = (503, {})
    page = workstation.browser.type_pin(page, PIN)
    assert code_of(page) == "server_unreachable"
    workstation.server.refusal = None
    answer = workstation.browser.submit("/language", hidden_fields(page, "/language"))
    page = workstation.browser.follow(answer)
    assert (page_of(page), code_of(page)) == ("problem", "server_unreachable")
    assert '<html lang="en">' in page.text
    assert workstation.server.orders[transaction].results == []


def test_a_refused_module_is_told_until_the_next_one_is_given(workstation: Workstation) -> None:
    own = {"Origin": workstation.browser.origin}
    files = {"module": ("x.SAM", b"{}")}
    answer = workstation.browser.http.post("/modules", files=files, headers=own)
    assert answer.headers["location"] == "/refused?page=%2Fmodules"
    page = workstation.browser.follow(answer)
    assert (page.status_code, code_of(page)) == (422, "module_malformed")
    fields = hidden_fields(page, "/language")
    page = workstation.browser.follow(workstation.browser.submit("/language", fields))
    assert (code_of(page), '<html lang="en">' in page.text) == ("module_malformed", True)
    workstation.server.enrolment_answer = {"institution_code": "1", "module_code": "M1"}
    sound = {
        "format": "ankang-sam/1", "origin": workstation.server.origin, "institution_code": "1",
        "institution_name": "x", "module_code": "M1", "token": "t", "pins": [],
    }  # fmt: skip
    files = {"module": ("y.SAM", json.dumps(sound).encode())}
    assert (
        workstation.browser.http.post("/modules", files=files, headers=own).headers["location"]
        == "/"
    )
    assert workstation.browser.follow(answer).headers["location"] == "/"


def test_settings_that_were_refused_are_gone_once_others_are_saved(
    workstation: Workstation,
) -> None:
    chosen = {"HPCFASTAUTH": ON, "CSWATCH": OFF, "CSREMOTE": ON, "CLSCSFSIM": ON}
    refused = workstation.browser.submit("/settings", chosen)
    assert code_of(workstation.browser.follow(refused)) == "options_conflict"
    assert code_of(workstation.browser.open("/settings")) == ""
    saved = workstation.browser.submit("/settings", chosen | {"CSREMOTE": OFF})
    assert saved.headers["location"] == "/settings?saved=1"
    assert code_of(workstation.browser.follow(refused)) == ""


def test_a_pin_typed_while_the_console_is_closed_goes_nowhere(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen")
    page = workstation.browser.open_card(login(workstation))
    workstation.browser.submit("/close", {"from": "console"})
    page = workstation.browser.type_pin(page, "999999")
    assert code_of(page) == "console_closed"
    assert workstation.browser.submit("/open", {"from": "closed"}).headers["location"] == "/"
    assert workstation.browser.open("/closed").headers["location"] == "/"
    page = workstation.browser.open_card(login(workstation))
    assert "剩餘 2 次" in workstation.browser.type_pin(page, "999999").text


def test_a_program_that_ends_does_so_though_nobody_fetches_its_last_page(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    stopped = threading.Event()
    workstation.agent.life.stop = stopped.set
    monkeypatch.setattr(life, "FAREWELL", 0.1)
    settings = {"HPCFASTAUTH": OFF, "CSWATCH": OFF, "CSREMOTE": OFF, "CLSCSFSIM": OFF}
    workstation.browser.submit("/settings", settings)
    workstation.browser.submit("/close", {"from": "console"})
    assert stopped.wait(5)


def test_a_reading_reloaded_after_it_was_pulled_reads_again_by_itself(
    workstation: Workstation,
) -> None:
    """A reading asks no PIN: its page is a GET from the start, and reload is the retry."""
    write_card(workstation.cards, "nhi-pulled", nhi_card(faults={"pulled_after": 2}))
    workstation.browser.insert("nhi-pulled")
    transaction = workstation.server.start(cards=["NHI"], reading=True)
    assert code_of(workstation.browser.open_card(transaction)) in {"card_removed", "card_missing"}
    workstation.browser.insert("nhi-wang")
    assert workstation.browser.open_card(transaction).status_code == 303
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["national_id"] == CITIZEN_PROFILE["national_id"]
