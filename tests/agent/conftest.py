"""A running agent with virtual cards, and a running server that speaks the card protocol."""

from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

import pytest

from agent.readers.virtual.tray import VirtualTray
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from agent.web.context import Agent
from agent.web.language import CATALOGUE, translations
from agent.web.render import environment
from tests.agent.browser import Browser
from tests.agent.card_folder import nhi_card, pki_card, write_card
from tests.agent.fake_server import FakeServer
from tests.agent.pki import Issued, make_ca, make_leaf
from tests.agent.running import listening, serving


@pytest.fixture(scope="session", autouse=True)
def _chinese() -> None:
    """The catalogue is compiled at set-up; where that was not run, the tests do it."""
    from babel.messages.mofile import write_mo
    from babel.messages.pofile import read_po

    with (CATALOGUE / "agent.po").open("rb") as source:
        catalogue = read_po(source, locale="zh_Hant")
    with (CATALOGUE / "agent.mo").open("wb") as compiled:
        write_mo(compiled, catalogue)
    translations.cache_clear()
    environment.cache_clear()


@pytest.fixture(scope="session")
def ca() -> Issued:
    return make_ca()


@pytest.fixture(scope="session")
def pharmacist(ca: Issued) -> Issued:
    return make_leaf(ca, holder="陳怡君", serial_number="A234567893")


@pytest.fixture(scope="session")
def citizen(ca: Issued) -> Issued:
    return make_leaf(ca, holder="林稽核", serial_number="B123456780", curve=True)


@pytest.fixture
def cards(tmp_path: Path, ca: Issued, pharmacist: Issued, citizen: Issued) -> Path:
    """A folder with an HPC (RSA), a citizen certificate (P-256) and two NHI cards."""
    folder = tmp_path / "cards"
    write_card(folder, "hpc-chen", pki_card(pharmacist, ca, holder="陳怡君"))
    write_card(folder, "citizen-lin", pki_card(citizen, ca, holder="林稽核", kind="CITIZEN"))
    write_card(folder, "nhi-wang", nhi_card())
    write_card(folder, "nhi-new", nhi_card(generation=2, faults={"cold_read": True}))
    return folder


@dataclass
class Workstation:
    """A running agent, its browser, and the server it trusts."""

    agent: Agent
    browser: Browser
    server: FakeServer
    cards: Path

    @property
    def tray(self) -> VirtualTray:
        assert self.agent.tray is not None
        return self.agent.tray


@pytest.fixture
def server() -> Iterator[FakeServer]:
    fake = FakeServer()
    with listening() as (bound, port):
        fake.origin = f"http://localhost:{port}"
        with serving(fake.app(), bound):
            yield fake


@pytest.fixture
def workstation(tmp_path: Path, cards: Path, server: FakeServer) -> Iterator[Workstation]:
    with listening() as (bound, port):
        settings = Settings(
            home=tmp_path / "home", port=port, virtual_cards=cards, virtual_readers=2
        )
        agent = build_agent(settings)
        agent.servers.trust(server.origin)
        browser = Browser(settings.origin)
        with browser.http, serving(build_app(agent), bound):
            yield Workstation(agent, browser, server, cards)
