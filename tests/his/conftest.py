"""A running agent with virtual cards, and a HIS program that calls it."""

import base64
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import httpx
import pytest

from agent.his.token import TOKEN_FILE
from tests.agent.conftest import (  # noqa: F401
    Workstation,
    _chinese,
    ca,
    cards,
    citizen,
    pharmacist,
    workstation,
)
from tests.agent.running import listening, serving
from tests.his.fake_his_server import FakeHisServer


@pytest.fixture
def server() -> Iterator[FakeHisServer]:
    """In place of the card protocol's: only `/his/v1/` is asked."""
    with listening() as (bound, port):
        fake = FakeHisServer(f"http://localhost:{port}")
        with serving(fake.app(), bound):
            yield fake


@dataclass
class His:
    """A program of the same user: no browser, and it can read the token's file."""

    workstation: Workstation
    http: httpx.Client

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        answer = self.http.post(f"/his/{name}", json=arguments)
        assert answer.status_code == 200, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def buffer(self, name: str, **arguments: Any) -> bytes:
        told = self.call(name, **arguments)
        assert told["code"] == 0, told
        data = base64.b64decode(told["buffer"])
        assert len(data) == told["length"]
        return data


@pytest.fixture
def his(workstation: Workstation) -> Iterator[His]:  # noqa: F811
    home = workstation.agent.settings.home
    token = (home / TOKEN_FILE).read_text().strip()
    headers = {"Authorization": f"Bearer {token}"}
    origin = workstation.agent.settings.origin
    with httpx.Client(base_url=origin, headers=headers, timeout=30) as http:
        yield His(workstation, http)


@pytest.fixture
def inserted(his: His) -> His:
    """With a first-generation NHI card in the first reader."""
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    return his
