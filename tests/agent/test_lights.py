"""The lights of manual 4 as a truth table, and what moves them in a running agent."""

from dataclasses import dataclass
from typing import Any

import pytest

from agent.cards.kinds import CardKind
from agent.lights import Lights, lights_of
from agent.standing import ModuleStanding, Standing
from tests.agent.browser import page_of
from tests.agent.card_folder import PIN
from tests.agent.conftest import Workstation
from tests.agent.waiting import wait_until


@dataclass
class Seen:
    """As much of a SeenCard as the lights look at."""

    kind: CardKind | None
    insertion: int | None = 1


NHI, HPC = Seen(CardKind.NHI, 1), Seen(CardKind.HPC, 2)
OTHER, EMPTY = Seen(None, 3), Seen(None, None)


class Clock:
    now = 1000.0

    def __call__(self) -> float:
        return self.now


@pytest.mark.parametrize(
    ("cards", "module", "proved", "lights"),
    [
        ([], False, False, (0, 0)),
        ([EMPTY, OTHER], True, False, (0, 0)),
        ([NHI], False, False, (1, 0)),
        ([HPC], False, False, (0, 1)),
        ([NHI, HPC], False, False, (1, 1)),
        ([NHI, HPC], False, True, (1, 1)),  # without a security module nothing is authenticated
        ([NHI], True, False, (2, 0)),
        ([HPC], True, False, (0, 2)),
        ([NHI, HPC], True, False, (2, 2)),
        ([HPC], True, True, (0, 3)),
        ([NHI, HPC], True, True, (3, 3)),
    ],
)
def test_what_each_light_shows(
    cards: list[Any], module: bool, proved: bool, lights: tuple[int, int]
) -> None:
    standing = Standing()
    standing.note_module("http://localhost", ModuleStanding("" if module else "WS-UNKNOWN"))
    if proved:
        standing.prove_card(HPC.insertion, fast_for=0)
    assert lights_of(cards, standing) == Lights(*lights)


def test_the_colours_are_the_manuals() -> None:
    assert [Lights(n, n).colour("nhi") for n in range(4)] == ["white", "brown", "green", "purple"]
    assert [Lights(n, n).colour("hpc") for n in range(4)] == ["white", "brown", "orange", "purple"]


def test_pulling_the_card_ends_what_its_pin_proved() -> None:
    standing: Standing = Standing()
    standing.note_module("http://localhost", ModuleStanding())
    standing.prove_card(HPC.insertion, fast_for=0)
    assert lights_of([HPC], standing).hpc == 3  # type: ignore[list-item]
    assert lights_of([EMPTY], standing).hpc == 0  # type: ignore[list-item]
    assert lights_of([HPC], standing).hpc == 2  # type: ignore[list-item]


def test_fast_authentication_keeps_the_light_for_its_time_only() -> None:
    clock = Clock()
    standing = Standing(clock)
    standing.note_module("http://localhost", ModuleStanding())
    standing.prove_card(HPC.insertion, fast_for=28_800)
    assert lights_of([NHI], standing) == Lights(3, 3)  # type: ignore[list-item]
    clock.now += 28_799
    assert standing.fast_left == 1
    clock.now += 1
    assert lights_of([NHI], standing) == Lights(2, 0)  # type: ignore[list-item]


@pytest.mark.parametrize("code", ["WS-REVOKED", "WS-UNKNOWN", "SAM-REVOKED"])
def test_a_revoked_workstation_has_no_fast_authentication(code: str) -> None:
    standing = Standing()
    standing.prove_card(1, fast_for=28_800)
    standing.note_module("http://localhost", ModuleStanding(code))
    assert standing.fast_left == 0


def enrolled(workstation: Workstation) -> None:
    """SAM authentication runs at the start of the agent."""
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")


def log_in_with_pin(workstation: Workstation) -> None:
    page = workstation.browser.open_card(workstation.server.start(cards=["HPC"]))
    assert workstation.browser.type_pin(page, PIN).status_code == 303


def status(workstation: Workstation) -> dict[str, Any]:
    found: dict[str, Any] = workstation.browser.http.get("/status.json").json()
    return found


def test_from_the_start_to_the_medical_mode(workstation: Workstation) -> None:
    """0 to 3, by SAM authentication at the start and the PIN of a login."""
    enrolled(workstation)
    assert status(workstation)["lights"] == {"nhi": 0, "hpc": 0}
    workstation.browser.insert("nhi-wang", 1)
    workstation.browser.insert("hpc-chen", 0)
    assert status(workstation)["lights"] == {"nhi": 2, "hpc": 2}
    log_in_with_pin(workstation)
    assert status(workstation)["lights"] == {"nhi": 3, "hpc": 3}
    workstation.browser.remove(0)
    assert status(workstation)["lights"] == {"nhi": 2, "hpc": 0}


def test_fast_authentication_is_said_to_the_server_and_shown(workstation: Workstation) -> None:
    enrolled(workstation)
    (workstation.agent.settings.home / "csdll.ini").write_text("HPCFASTAUTH=ENABLE\n")
    workstation.server.fast_for = 28_800
    workstation.browser.insert("hpc-chen", 0)
    log_in_with_pin(workstation)
    assert workstation.server.modes == {"fast_authentication": True, "remote_session": False}
    workstation.browser.insert("nhi-wang", 0)  # one reader
    assert status(workstation)["lights"] == {"nhi": 3, "hpc": 3}
    assert 28_700 < status(workstation)["fast_for"] <= 28_800


def test_it_is_off_by_default_and_in_a_remote_session(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    workstation.browser.insert("hpc-chen", 0)
    log_in_with_pin(workstation)
    assert workstation.server.modes == {"fast_authentication": False, "remote_session": False}
    (workstation.agent.settings.home / "csdll.ini").write_text("HPCFASTAUTH=ENABLE\n")
    monkeypatch.setenv("XRDP_SESSION", "1")
    log_in_with_pin(workstation)
    assert workstation.server.modes == {"fast_authentication": False, "remote_session": True}


def test_a_server_that_says_revoked_turns_the_lights_off(workstation: Workstation) -> None:
    enrolled(workstation)
    workstation.browser.insert("hpc-chen", 0)
    assert status(workstation)["lights"]["hpc"] == 2
    workstation.server.refusal = (403, {"code": "WS-REVOKED", "message": "已註銷", "detail": {}})
    page = workstation.browser.open_card(workstation.server.start(cards=["HPC"]))
    assert page_of(page) == "problem"
    assert status(workstation)["lights"]["hpc"] == 1


def test_the_reader_chosen_for_a_kind_decides_between_two_cards(workstation: Workstation) -> None:
    workstation.browser.insert("nhi-wang", 0)
    workstation.browser.insert("nhi-new", 1)
    asked = workstation.server.start(cards=["NHI"], reading=True)
    assert page_of(workstation.browser.open_card(asked)) == "card_choose"
    ini = workstation.agent.settings.home / "csdll.ini"
    ini.write_text("READER_NHI=Virtual reader 2\n")
    assert workstation.browser.open_card(asked).status_code == 303
    ini.write_text("READER_NHI=unplugged\n")
    asked = workstation.server.start(cards=["NHI"], reading=True)
    assert page_of(workstation.browser.open_card(asked)) == "card_choose"
