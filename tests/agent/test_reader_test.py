"""The reader test (讀卡機檢測程式): in and out, twice, and what is wrong (manual 4)."""

import threading
from typing import Any

import pytest

from tests.agent.browser import code_of
from tests.agent.card_folder import nhi_card, write_card
from tests.agent.conftest import Workstation

READER = "Virtual reader 1"


def step_of(workstation: Workstation) -> tuple[str, str]:
    """The step, and what is wrong at it."""
    page = workstation.browser.open("/reader-test")
    return page.text.partition('data-step="')[2].partition('"')[0], code_of(page)


def start(workstation: Workstation, reader: str = READER) -> Any:
    return workstation.browser.submit("/reader-test", {"reader": reader})


def test_it_leads_through_inserting_and_removing_twice(workstation: Workstation) -> None:
    assert 'data-action="start_reader_test"' in workstation.browser.open("/reader-test").text
    start(workstation)
    seen = []
    for card_is_in in (False, True, False, True, False, True):
        if card_is_in:
            workstation.browser.insert("nhi-wang")
        else:
            workstation.browser.remove()
        seen.append(step_of(workstation))
    steps = ["insert", "remove", "insert_again", "remove_again", "insert_last", "done"]
    assert seen == [(step, "") for step in steps]
    page = workstation.browser.open("/reader-test").text
    assert "完成測試，這台讀卡機測試OK" in page
    assert "王小明" not in page


@pytest.mark.parametrize(
    ("card", "step", "code"),
    [
        ({"faults": {"mute": True}}, "insert", "card_mute"),
        ({"faults": {"pulled_after": 3}}, "insert", "reader_test_too_early"),
        ({"profile": None, "profile_hex": "00" * 57}, "failed", "card_unreadable"),
    ],
    ids=["mute", "pulled too early", "unreadable"],
)
def test_it_says_what_is_wrong(
    workstation: Workstation, card: dict[str, Any], step: str, code: str
) -> None:
    write_card(workstation.cards, "nhi-bad", nhi_card(**card))
    start(workstation)
    workstation.browser.insert("nhi-bad")
    assert step_of(workstation) == (step, code)
    start(workstation)
    workstation.browser.insert("nhi-wang")
    assert step_of(workstation) == ("remove", "")


def test_another_kind_of_card_waits_for_the_right_one(workstation: Workstation) -> None:
    start(workstation)
    workstation.browser.insert("hpc-chen")
    assert step_of(workstation) == ("insert", "reader_test_other_card")
    workstation.browser.insert("nhi-wang")
    assert step_of(workstation) == ("remove", "")


def test_a_service_that_stops_and_a_reader_that_leaves_end_it(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    start(workstation)
    with monkeypatch.context() as patch:
        patch.setattr(type(workstation.agent.backend), "service", "stopped")
        assert step_of(workstation) == ("failed", "service_stopped")
    start(workstation)
    with monkeypatch.context() as patch:
        patch.setattr(type(workstation.agent.backend), "readers", lambda self: [])
        assert step_of(workstation) == ("failed", "reader_gone")


def test_a_reader_that_is_not_there_cannot_be_tested(workstation: Workstation) -> None:
    answer = start(workstation, "Reader of somebody else")
    assert workstation.browser.follow(answer).status_code == 404


def test_the_page_waits_for_the_card(workstation: Workstation) -> None:
    start(workstation)
    answers: list[dict[str, bool]] = []

    def wait() -> None:
        answer = workstation.browser.http.get("/reader-test/wait?seen=-.-")
        answers.append(answer.json())

    waiting = threading.Thread(target=wait)
    waiting.start()
    workstation.browser.insert("nhi-wang")
    waiting.join()
    assert answers == [{"look": True}]
