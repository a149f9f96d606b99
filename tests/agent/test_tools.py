"""The console's tools in a running agent: lights, SAM authentication, restart, log, commands."""

import logging

import pytest

from agent.__main__ import main
from agent.logbook import LOGBOOK, blank
from tests.agent.browser import page_of
from tests.agent.conftest import Workstation
from tests.agent.waiting import wait_until


def test_the_console_shows_both_codes_of_the_security_module(workstation: Workstation) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    page = workstation.browser.open("/").text
    assert 'data-authenticated="yes"' in page
    assert "5931234567" in page
    assert "000000000001" in page


def test_sam_authentication_on_request_says_why_not(workstation: Workstation) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    workstation.server.refusal = (403, {"code": "WS-REVOKED", "message": "已註銷", "detail": {}})
    assert (
        workstation.browser.submit("/authenticate", {"from": "console"}).headers["location"]
        == "/#sam"
    )
    page = workstation.browser.open("/").text
    assert 'data-authenticated="no" data-code="WS-REVOKED"' in page
    assert "伺服器不再接受此工作站的讀卡作業" in page
    assert "已登錄此工作站" not in page  # one page says one thing
    assert workstation.browser.http.get("/status.json").json()["enrolled"] is False
    workstation.browser.submit("/language", {"language": "en"})
    page = workstation.browser.open("/").text
    assert "security module was revoked" in page
    assert "已註銷" not in page
    workstation.server.refusal = None
    workstation.browser.submit("/authenticate", {"from": "console"})
    assert workstation.browser.http.get("/status.json").json()["enrolled"] is True


def test_a_refusal_that_this_agent_has_no_words_for_is_told_in_the_servers(
    workstation: Workstation,
) -> None:
    workstation.server.refusal = (403, {"code": "WS-NEWER", "message": "新的原因", "detail": {}})
    workstation.browser.submit("/authenticate", {"from": "console"})
    assert "新的原因" in workstation.browser.open("/").text


@pytest.mark.parametrize("part", ["all", "0", "1", "2", "3"])
def test_restart_by_form_and_by_program(workstation: Workstation, part: str) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    workstation.agent.standing.prove_card(None, fast_for=100)
    answer = workstation.browser.submit("/restart", {"type": part})
    assert answer.headers["location"] == "/?restarted=1"
    assert (workstation.agent.standing.fast_left == 0) is (part in {"all", "2"})
    assert workstation.agent.standing.authenticated
    assert workstation.browser.http.post("/restart", json={"type": part}).json() == {"type": part}


def test_a_restart_of_something_else_is_refused(workstation: Workstation) -> None:
    answer = workstation.browser.submit("/restart", {"type": "9"})
    assert workstation.browser.follow(answer).status_code == 400
    assert workstation.browser.http.post("/restart", json=["x"]).status_code == 400


@pytest.mark.parametrize(
    "path", ["/settings", "/restart", "/close", "/open", "/authenticate", "/reader-test"]
)
def test_02_no_other_site_works_the_console(workstation: Workstation, path: str) -> None:
    answer = workstation.browser.submit(path, {"type": "all"}, Origin="https://evil.test")
    assert answer.status_code == 403
    assert workstation.agent.life.open


def test_a_restart_during_a_card_request_does_not_lose_it(workstation: Workstation) -> None:
    asked = workstation.server.start(cards=["NHI"], reading=True)
    workstation.browser.open_card(asked)
    workstation.browser.submit("/restart", {"type": "all"})
    workstation.browser.insert("nhi-wang")
    assert workstation.browser.open_card(asked).status_code == 303


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("card of A123456789 read", "card of … read"),
        ("resident AB12345678", "resident …"),
        ("card 000012345678", "card …"),
        ("PIN 123456 typed", "PIN … typed"),
        ("GET /card 303", "GET /card 303"),
        ("port 24777", "port 24777"),
    ],
)
def test_12_the_log_holds_no_number_of_a_person(line: str, shown: str) -> None:
    assert blank(line) == shown
    logger = logging.getLogger("agent.test")
    logger.addHandler(LOGBOOK)
    logger.warning(line)
    logger.removeHandler(LOGBOOK)
    assert LOGBOOK.lines()[0].endswith(f"WARNING agent.test {shown}")


def test_the_log_page_shows_it(workstation: Workstation) -> None:
    logging.getLogger("agent").addHandler(LOGBOOK)
    try:
        workstation.browser.open("/settings")
        page = workstation.browser.open("/log")
    finally:
        logging.getLogger("agent").removeHandler(LOGBOOK)
    assert page_of(page) == "log"
    assert "GET /settings 200" in page.text


def test_restart_and_diagnosis_by_command(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENT_PORT", str(workstation.agent.settings.port))
    assert main(["restart", "--type", "0"]) == 0
    assert main(["diagnose"]) == 0
    assert "[程式與版本]" in capsys.readouterr().out
    monkeypatch.setenv("AGENT_PORT", "1")
    assert main(["restart"]) == 2
    assert main(["diagnose"]) == 2
