"""A running agent with virtual cards, a server, and a HIS program that calls the agent.

Agent and server run for a whole module; each test gets them as they were at their start.
"""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import httpx
import pytest

from agent.his.functions import find_function
from agent.his.openapi import codes_of
from agent.his.token import TOKEN_FILE
from agent.options import FILE as OPTIONS_FILE
from agent.readers.virtual.tray import VirtualTray
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from agent.web.context import Agent
from tests.agent.card_folder import nhi_card, pki_card, write_card
from tests.agent.conftest import _chinese, ca, pharmacist  # noqa: F401
from tests.agent.pki import Issued
from tests.agent.running import listening, serving
from tests.his.fake_his_server import FakeHisServer


@dataclass
class Workstation:
    agent: Agent
    cards: Path

    @property
    def tray(self) -> VirtualTray:
        assert self.agent.tray is not None
        return self.agent.tray


@dataclass
class His:
    """A program of the same user: no browser, and it can read the token's file."""

    workstation: Workstation
    http: httpx.Client

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        answer = self.http.post(f"/his/{name}", json=arguments)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        expect_documented(name, told["code"])
        return told

    def buffer(self, name: str, **arguments: Any) -> bytes:
        told = self.call(name, **arguments)
        assert told["code"] == 0, told
        data = base64.b64decode(told["buffer"])
        assert len(data) == told["length"]
        return data


def expect_documented(name: str, code: int) -> None:
    """Whatever a test does: no function answers a code that its description leaves out."""
    function = find_function(name)
    assert function is not None
    if not (function.status and 0 <= code <= 9):
        assert code in codes_of(function), f"{name} {code}"


@pytest.fixture(scope="module")
def running_server() -> Iterator[FakeHisServer]:
    """In place of the card protocol's: only `/his/v1/` is asked."""
    with listening() as (bound, port):
        fake = FakeHisServer(f"http://localhost:{port}")
        with serving(fake.app(), bound):
            yield fake


@pytest.fixture(scope="module")
def running(
    tmp_path_factory: pytest.TempPathFactory,
    running_server: FakeHisServer,
    ca: Issued,  # noqa: F811
    pharmacist: Issued,  # noqa: F811
) -> Iterator[His]:
    folder = tmp_path_factory.mktemp("his")
    cards = folder / "cards"
    write_card(cards, "hpc-chen", pki_card(pharmacist, ca, holder="陳怡君"))
    write_card(cards, "nhi-wang", nhi_card())
    write_card(cards, "nhi-new", nhi_card(generation=2, faults={"cold_read": True}))
    with listening() as (bound, port):
        agent = build_agent(Settings(folder / "home", port, cards, 2))
        agent.servers.trust(running_server.origin)
        token = (folder / "home" / TOKEN_FILE).read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        with (
            serving(build_app(agent), bound),
            httpx.Client(base_url=agent.settings.origin, headers=headers, timeout=30) as http,
        ):
            yield His(Workstation(agent, cards), http)


@pytest.fixture
def server(running_server: FakeHisServer) -> FakeHisServer:
    running_server.forget()
    return running_server


@pytest.fixture
def his(running: His, server: FakeHisServer) -> His:
    agent = running.workstation.agent
    for reader in running.workstation.tray.readers():
        reader.pull()
    (agent.settings.home / OPTIONS_FILE).unlink(missing_ok=True)
    (agent.settings.home / TOKEN_FILE).chmod(0o600)
    agent.servers.trust(server.origin)
    agent.standing.forget_card()
    agent.his.forget()
    return running


@pytest.fixture
def inserted(his: His) -> His:
    """With a first-generation NHI card in the first reader."""
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    return his
