"""Virtual cards in a real pcscd, and the agent's PC/SC backend on top."""

import os
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest

from agent.readers.base import Reader
from agent.readers.pcsc.backend import PcscReaders
from agent.readers.virtual.card_files import PkiContent
from agent.readers.virtual.tray import build_card
from tests.agent.conftest import _chinese, ca, citizen, pharmacist, server  # noqa: F401
from tests.agent.waiting import wait_until
from tests.pcsc.daemon import PORTS, Daemon, what_is_missing
from tests.pcsc.vpcd import InsertedCard, card_of, make_atr

NHI_HISTORY, PIV_HISTORY = b"NHI", b"PIV"


@pytest.fixture(scope="module")  # not the session: test runs beside each other take turns
def daemon(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Daemon]:
    missing = what_is_missing()
    if missing and os.geteuid() != 0:
        pytest.skip(missing)  # without root nobody can install it; CI runs as root
    assert not missing, missing
    with Daemon.running(tmp_path_factory.mktemp("pcscd")) as running:
        yield running


class Rack:
    """The two readers of the daemon, and the agent's view of them."""

    def __init__(self, daemon: Daemon, backend: PcscReaders) -> None:
        self.daemon = daemon
        self.backend = backend
        self.watching = [
            backend
        ]  # every backend that has to have seen a change before a test goes on
        self._inside: dict[str, InsertedCard] = {}
        self._counters: dict[Any, Any] = {}

    def reader(self, name: str = "ONE") -> Reader:
        wanted = self.daemon.reader(name)
        return next(reader for reader in self.backend.readers() if reader.name == wanted)

    def insert(
        self,
        content: dict[str, Any],
        name: str = "ONE",
        *,
        byte_wise: bool = False,
        seen: bool = True,
    ) -> InsertedCard:
        """Put a card of that content in, and wait until the agent sees it."""
        card_file = card_of(content)
        history = PIV_HISTORY if isinstance(card_file.content, PkiContent) else NHI_HISTORY
        self._inside[name] = InsertedCard(
            build_card(card_file, self._counters),
            port=PORTS[name],
            atr=make_atr(history, byte_wise=byte_wise),
            pulled_after=card_file.faults.pulled_after,
        )
        if seen:
            wait_until(lambda: self._seen(name, inside=True), "the card is seen")
        return self._inside[name]

    def inside(self, name: str = "ONE") -> InsertedCard:
        return self._inside[name]

    def pull(self, name: str = "ONE") -> None:
        self._inside.pop(name).pull()
        wait_until(lambda: self._seen(name, inside=False), "the removal is seen")

    def _seen(self, name: str, *, inside: bool) -> bool:
        wanted = self.daemon.reader(name)
        states = [
            reader.insertion is not None
            for backend in self.watching
            for reader in backend.readers()
            if reader.name == wanted
        ]
        return states == [inside] * len(self.watching)

    def clear(self) -> None:
        for card in self._inside.values():
            card.pull()
        self._inside.clear()


def _empty(backend: PcscReaders) -> bool:
    slots = backend.snapshot()
    return len(slots) == 2 * len(PORTS) and not any(slots)


@pytest.fixture
def backend(daemon: Daemon) -> Iterator[PcscReaders]:
    made = PcscReaders()
    wait_until(lambda: _empty(made), "all readers are there and empty")
    yield made
    made.close()


@pytest.fixture
def rack(daemon: Daemon, backend: PcscReaders) -> Iterator[Rack]:
    made = Rack(daemon, backend)
    yield made
    made.clear()


@pytest.fixture
def home(tmp_path: Path) -> Path:
    return tmp_path / "home"
