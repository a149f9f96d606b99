"""How soon SAM authentication is asked for again, and what a lost server changes (issue 7)."""

from contextlib import AbstractContextManager
from pathlib import Path
from typing import Any

import anyio
import pytest

from agent import authentication
from agent.authentication import Authentication
from agent.server import ServerRefused, ServerUnreachable
from agent.servers import Server, ServerList
from agent.standing import Standing

KNOWN: dict[str, object] = {"institution_code": "5931234567", "module_code": "000000000001"}
AWAY = ServerUnreachable("ConnectError")
UNKNOWN = ServerRefused("WS-UNKNOWN", "")
REVOKED = ServerRefused("WS-REVOKED", "")


class Enough(Exception):
    """The test has seen as many turns as it wants."""


class Client:
    """In place of the server: each turn the next answer."""

    def __init__(self, *answers: dict[str, object] | Exception) -> None:
        self._answers = list(answers)

    async def authenticate(self, *, server: Server) -> dict[str, object]:
        answer = self._answers.pop(0)
        if isinstance(answer, Exception):
            raise answer
        return answer


def pauses(
    folder: Path,
    monkeypatch: pytest.MonkeyPatch,
    *answers: dict[str, object] | Exception,
    standing: Standing | None = None,
) -> list[float]:
    """The seconds to the next turn after each of the answers."""
    servers, seen = ServerList(folder), []
    servers.trust("https://vpn.test")
    without_waiting = anyio.move_on_after

    def noted(seconds: float, *rest: Any) -> AbstractContextManager[Any]:
        seen.append(seconds)
        if len(seen) == len(answers):
            raise Enough
        return without_waiting(0, *rest)

    monkeypatch.setattr(authentication.anyio, "move_on_after", noted)
    asked: Any = Client(*answers)
    made = Authentication(servers=servers, client=asked, standing=standing or Standing())
    with pytest.raises(Enough):
        anyio.run(made.run)
    return seen


def test_a_server_that_is_away_is_asked_at_once_and_then_less_and_less(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pauses(tmp_path, monkeypatch, *[AWAY] * 7, KNOWN, AWAY) == [
        *(1, 2, 4, 8, 16, 30, 30),
        600,
        1,
    ]


def test_a_server_that_does_not_know_this_agent_is_not_pressed(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert pauses(tmp_path, monkeypatch, UNKNOWN, UNKNOWN, KNOWN) == [30, 30, 600]


@pytest.mark.parametrize(
    ("answers", "enrolled"),
    [
        ([AWAY], None),
        ([KNOWN], True),
        ([KNOWN, AWAY], True),
        ([KNOWN, REVOKED], False),
        ([KNOWN, REVOKED, AWAY], False),
        ([UNKNOWN, KNOWN], True),
    ],
)
def test_a_lost_server_says_nothing_about_the_enrolment(
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    answers: list[dict[str, object] | Exception],
    enrolled: bool | None,
) -> None:
    standing = Standing()
    pauses(tmp_path, monkeypatch, *answers, standing=standing)
    assert standing.enrolled is enrolled
