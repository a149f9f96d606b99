"""The card of a login leaves its reader: the server is told, once, whatever it takes."""

import pytest

from agent import removal
from tests.agent.card_folder import CITIZEN_PROFILE, PIN, nhi_card, write_card
from tests.agent.conftest import Workstation
from tests.agent.waiting import wait_until


@pytest.fixture(autouse=True)
def _no_long_pauses(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(removal, "FIRST_PAUSE", 0.05)


def log_in(workstation: Workstation, card: str = "hpc-chen", reader: int = 0) -> str:
    workstation.browser.insert(card, reader)
    transaction = workstation.server.start(cards=["HPC", "CITIZEN"])
    page = workstation.browser.open_card(transaction, reader=str(reader))
    assert workstation.browser.type_pin(page, PIN).status_code == 303
    return transaction


def test_threat_18_a_pulled_login_card_is_reported(workstation: Workstation) -> None:
    transaction = log_in(workstation)
    workstation.browser.remove()
    wait_until(lambda: workstation.server.removals == [transaction], "the removal is reported")


def test_a_swap_is_a_removal_too(workstation: Workstation) -> None:
    transaction = log_in(workstation)
    workstation.browser.insert("nhi-wang")
    wait_until(lambda: workstation.server.removals == [transaction], "the removal is reported")


def test_the_nhi_card_of_a_login_is_followed_as_well(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang")
    transaction = workstation.server.start(cards=["NHI"], reading=True, purpose="login")
    assert workstation.browser.open_card(transaction).status_code == 303
    workstation.browser.remove()
    wait_until(lambda: workstation.server.removals == [transaction], "the removal is reported")


def test_only_the_card_that_served_the_login_counts(workstation: Workstation) -> None:
    other = CITIZEN_PROFILE | {"national_id": "B223456789"}
    write_card(workstation.cards, "nhi-lee", nhi_card(profile=other))
    transaction = log_in(workstation)
    workstation.browser.insert("nhi-lee", 1)
    workstation.browser.open_card(workstation.server.start(cards=["NHI"], reading=True))
    workstation.browser.remove(1)
    workstation.browser.insert("citizen-lin", 1)
    workstation.browser.remove(1)
    assert workstation.server.removals == []
    workstation.browser.remove(0)
    wait_until(lambda: workstation.server.removals == [transaction], "the removal is reported")


def test_two_logins_with_two_cards_are_reported_each_for_itself(workstation: Workstation) -> None:
    first = log_in(workstation, "hpc-chen", 0)
    second = log_in(workstation, "citizen-lin", 1)
    workstation.browser.remove(1)
    wait_until(lambda: workstation.server.removals == [second], "the second is reported")
    workstation.browser.remove(0)
    wait_until(lambda: workstation.server.removals == [second, first], "then the first")


def test_a_server_that_does_not_answer_is_told_later(workstation: Workstation) -> None:
    transaction = log_in(workstation)
    workstation.server.removal_refusals = 3
    workstation.browser.remove()
    wait_until(lambda: workstation.server.removals == [transaction], "the removal is reported")
    assert workstation.server.removal_refusals == 0


def test_a_cancelled_login_is_not_followed(workstation: Workstation) -> None:
    workstation.browser.insert("hpc-chen")
    page = workstation.browser.open_card(workstation.server.start(cards=["HPC"]))
    assert page.status_code == 200
    workstation.browser.remove()
    followed = log_in(workstation, "citizen-lin")
    workstation.browser.remove()
    wait_until(lambda: workstation.server.removals != [], "the followed one is reported")
    assert workstation.server.removals == [followed]
