"""The component check: one button, and what its result says (FEATURES B8)."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.core import clock
from apps.workstations.models import Workstation
from tests.support.cards import FakeAgent, path_of, refusal_code, show, transaction_of
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db


def report(**changes: Any) -> dict[str, Any]:
    return {
        "version": "0.1.0",
        "platform": "Windows 11",
        "smart_card_service": "running",
        "readers": [{"name": "EZ100PU 0", "card": "NHI"}],
        "module": {"institution": "5901012345", "module_code": "000000000001"},
        "clock": clock.now().isoformat(),
        "remote_session": False,
        "signer": "pkcs11",
        "messages": ["一切正常"],
    } | changes


def check(browser: Client, agent: FakeAgent, told: dict[str, Any]) -> Any:
    back = show(browser, agent, transaction_of(browser.post("/check/")), reading=told)
    return browser.get(back["Location"])


@pytest.fixture
def browser() -> Client:
    return Client()


def failed(page: Any) -> set[str]:
    return {item.code for item in page.context["items"] if not item.passed}


def enrolled() -> FakeAgent:
    agent = FakeAgent()
    agent.enrol(make_institution(code="5901012345"))
    return agent


def test_everything_in_order(browser, events) -> None:
    page = check(browser, enrolled(), report())
    html = page.content.decode()
    assert "檢查結果：安裝完成" in html
    assert failed(page) == set()
    assert "EZ100PU 0" in html
    assert f"5901012345 {Workstation.objects.get().module_code}" in html
    assert [event["action"] for event in events()] == ["check_components"]


@pytest.mark.parametrize(
    ("changes", "item"),
    [
        ({"readers": []}, "readers"),
        ({"smart_card_service": "stopped"}, "service"),
        ({"version": "0.0.9"}, "component"),
    ],
)
def test_a_required_item_fails_the_check_and_says_what_to_do(browser, changes, item) -> None:
    page = check(browser, enrolled(), report(**changes))
    assert "檢查結果：安裝失敗" in page.content.decode()
    assert failed(page) == {item}
    (line,) = [each for each in page.context["items"] if each.code == item]
    assert str(line.advice) in page.content.decode()


@pytest.mark.parametrize(
    ("changes", "item"),
    [
        ({"remote_session": True}, "remote"),
        ({"clock": (clock.now() - timedelta(days=1)).isoformat()}, "clock"),
    ],
)
def test_a_helpful_item_gives_advice_without_failing_the_check(browser, changes, item) -> None:
    page = check(browser, enrolled(), report(**changes))
    assert "檢查結果：安裝完成" in page.content.decode()
    assert failed(page) == {item}


def test_a_module_that_the_server_does_not_know_is_none(browser) -> None:
    """Whatever the agent believes: a revoked one reads no cards either."""
    page = check(browser, FakeAgent(), report())
    assert "檢查結果：安裝完成" in page.content.decode()
    assert failed(page) == {"module"}


def test_a_check_needs_no_login_no_card_and_no_enrolment(browser) -> None:
    job = FakeAgent().claim(transaction_of(browser.post("/check/"))).json()
    assert (job["purpose"], job["cards"], job["reading"]) == ("check", [], False)
    assert job["pin"] == "none"


def test_no_agent_is_a_failed_installation(browser) -> None:
    browser.post("/check/")
    html = browser.get("/check/").content.decode()
    assert "檢查結果：安裝失敗" in html
    assert "AGENT-MISSING" in html


@pytest.mark.parametrize(
    "told",
    [
        None,
        {},
        report(clock="yesterday"),
        report(readers="none"),
        report(readers=[{"name": "x\ny", "card": ""}]),
        report(version="9" * 21),
        report(module={"institution": 5}),
        report(readers=[{"name": "x", "card": "LIBRARY"}]),
    ],
)
def test_a_report_of_another_shape_is_refused(browser, told) -> None:
    agent = FakeAgent()
    job = agent.claim(transaction_of(browser.post("/check/"))).json()
    answer = agent.result(job, reading=told)
    assert (answer.status_code, refusal_code(answer)) == (400, "CHECK-DATA")


def test_the_result_is_shown_in_the_browser_that_asked_only(browser) -> None:
    page = check(browser, FakeAgent(), report())
    assert Client().get(page.request["PATH_INFO"]).status_code == 403


def test_a_check_that_has_not_come_back_shows_nothing(browser) -> None:
    transaction = transaction_of(browser.post("/check/"))
    assert browser.get(f"/cards/{transaction}/check").status_code == 410


def test_what_the_agent_tells_is_not_taken_as_markup(browser) -> None:
    page = check(browser, FakeAgent(), report(messages=["<script>alert(1)</script>"]))
    assert b"<script>alert(1)</script>" not in page.content


def test_a_check_result_logs_nobody_in(browser) -> None:
    agent = FakeAgent()
    job = agent.claim(transaction_of(browser.post("/check/"))).json()
    url = agent.result(job, reading=report()).json()["return_url"]
    browser.get(path_of(url))
    assert browser.get("/my/").status_code == 302
