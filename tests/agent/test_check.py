"""The component check: the agent's word on itself, without a card."""

from datetime import datetime

import pytest

from agent.cards.kinds import CardKind
from agent.modules import SecurityModule
from agent.report import in_remote_session
from tests.agent.card_folder import PIN
from tests.agent.conftest import Workstation


def check(workstation: Workstation, **changes: object) -> str:
    return workstation.server.start(cards=[], purpose="check", pin="none", **changes)


def test_a_check_is_answered_at_once_and_names_no_person(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang")
    workstation.browser.insert("hpc-chen", 1)
    transaction = check(workstation)

    answer = workstation.browser.open_card(transaction)

    assert answer.status_code == 303
    (result,) = workstation.server.orders[transaction].results
    report = result["reading"]
    assert set(report) == {
        "version", "platform", "smart_card_service", "readers", "module", "clock",
        "remote_session", "signer", "messages",
    }  # fmt: skip
    assert report["readers"] == [
        {"name": "Virtual reader 1", "card": "NHI"},
        {"name": "Virtual reader 2", "card": "HPC"},
    ]
    assert (report["version"], report["signer"]) == ("0.1.0", "virtual")
    assert report["smart_card_service"] == "virtual"
    assert report["module"] is None
    assert report["messages"] == []
    assert datetime.fromisoformat(report["clock"]).utcoffset() is not None
    for private in ("王小明", "陳怡君", "A123456789", "000012345678"):
        assert private not in str(report)


def test_a_check_names_the_module_of_the_server_that_asks_and_no_others(
    workstation: Workstation,
) -> None:
    for origin, code in (("https://elsewhere.example", "X1"), (workstation.server.origin, "M1")):
        workstation.agent.modules.save(SecurityModule(origin, "5901012345", "健全藥局", code))
    transaction = check(workstation)
    workstation.browser.open_card(transaction)
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["module"] == {"institution": "5901012345", "module_code": "M1"}


def test_a_check_repeated_sends_once(workstation: Workstation) -> None:
    transaction = check(workstation)
    first = workstation.browser.open_card(transaction)
    again = workstation.browser.open_card(transaction)
    assert first.headers["location"] == again.headers["location"]
    assert len(workstation.server.orders[transaction].results) == 1


@pytest.mark.parametrize(
    ("language", "said"), [("zh-hant", "智慧卡服務沒有回應"), ("en", "does not answer")]
)
def test_what_is_wrong_is_said_in_the_persons_language(
    workstation: Workstation, language: str, said: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(type(workstation.agent.backend), "service", "stopped")
    transaction = check(workstation, language=language)
    workstation.browser.open_card(transaction)
    (result,) = workstation.server.orders[transaction].results
    assert said in result["reading"]["messages"][0]


def test_a_login_with_no_card_kind_at_all_is_not_taken_for_a_check(
    workstation: Workstation,
) -> None:
    transaction = workstation.server.start(cards=[])
    assert workstation.browser.open_card(transaction).status_code == 502
    assert workstation.server.orders[transaction].results == []


def test_a_remote_session_is_known_by_its_traces() -> None:
    assert not in_remote_session({"SSH_CONNECTION": "192.0.2.1 1 192.0.2.2 22"})
    assert in_remote_session({"XRDP_SESSION": "1"})
    assert not in_remote_session({"SESSIONNAME": "RDP-Tcp#1"})


def test_the_kinds_in_the_report_are_the_protocols(workstation: Workstation) -> None:
    workstation.browser.insert("citizen-lin")
    transaction = check(workstation)
    workstation.browser.open_card(transaction)
    (result,) = workstation.server.orders[transaction].results
    assert [reader["card"] for reader in result["reading"]["readers"]] == [CardKind.CITIZEN, ""]


def test_a_step_up_names_the_person_whose_card_is_wanted(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen")
    transaction = workstation.server.start(cards=["HPC"], purpose="step_up", person="張志豪")
    page = workstation.browser.open_card(transaction)
    assert "張志豪" in page.text
    assert "陳怡君" in page.text
    assert workstation.browser.type_pin(page, PIN).status_code == 303
    (result,) = workstation.server.orders[transaction].results
    assert result["card"]
