"""The whole agent over a real pcscd: from the browser's navigation to the way back."""

import threading
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager, contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.readers.pcsc import backend as pcsc_backend
from agent.readers.pcsc.backend import PcscReaders
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from agent.web.context import Agent
from tests.agent.browser import Browser, code_of, page_of
from tests.agent.card_folder import PIN, nhi_card, pki_card
from tests.agent.fake_server import FakeServer
from tests.agent.pki import Issued
from tests.agent.running import listening, serving
from tests.agent.waiting import wait_until
from tests.pcsc.conftest import Rack
from tests.pcsc.other_programs import another_program
from tests.pcsc.vendor_modules import OPENSC, SOFTHSM, compile_module, make_token


@dataclass
class Workstation:
    agent: Agent
    browser: Browser
    server: FakeServer

    def login(self, *cards: str) -> str:
        return self.server.start(cards=list(cards or ("HPC",)))

    def reading(self) -> str:
        return self.server.start(cards=["NHI"], reading=True)


Start = Callable[..., AbstractContextManager[Workstation]]


@pytest.fixture
def start(home: Path, server: FakeServer, rack: Rack) -> Start:
    """Starts an agent on the rack's readers; it shares pcscd with the rack, as a HIS does."""
    server.demo = False

    @contextmanager
    def _start(module: Path | None = None) -> Iterator[Workstation]:
        with listening() as (bound, port):
            settings = Settings(home, port, None, 2, pkcs11_module=module)
            agent = build_agent(settings)
            agent.servers.trust(server.origin)
            browser = Browser(settings.origin)
            assert isinstance(agent.backend, PcscReaders)
            rack.watching.append(agent.backend)
            with browser.http, serving(build_app(agent), bound):
                yield Workstation(agent, browser, server)

    return _start


@pytest.fixture(params=[None, OPENSC], ids=["piv", "pkcs11"])
def workstation(start: Start, request: pytest.FixtureRequest) -> Iterator[Workstation]:
    with start(request.param) as running:
        yield running


@pytest.fixture
def hpc(ca: Issued, pharmacist: Issued) -> dict[str, Any]:
    return pki_card(pharmacist, ca, holder="陳怡君")


def test_an_nhi_card_is_read_and_sent_at_once(workstation: Workstation, rack: Rack) -> None:
    rack.insert(nhi_card(generation=2), byte_wise=True)
    transaction = workstation.reading()
    assert workstation.browser.open_card(transaction).status_code == 303
    (result,) = workstation.server.orders[transaction].results
    assert result["reading"]["name"] == "王小明"


def test_a_login_takes_the_pin_and_leads_back(
    workstation: Workstation, rack: Rack, hpc: dict[str, Any]
) -> None:
    rack.insert(nhi_card(), "ONE")
    rack.insert(hpc, "TWO")
    transaction = workstation.login()
    page = workstation.browser.open_card(transaction)
    assert page_of(page) == "card_pin"
    assert "陳怡君" in page.text
    assert workstation.browser.type_pin(page, PIN).status_code == 303
    assert len(workstation.server.orders[transaction].results) == 1


def test_wrong_pins_are_told_up_to_the_lock(
    workstation: Workstation, rack: Rack, hpc: dict[str, Any]
) -> None:
    rack.insert(hpc)
    page = workstation.browser.open_card(workstation.login())
    page = workstation.browser.type_pin(page, "999999")
    assert code_of(page) in {"pin_wrong", "pin_wrong_uncounted"}
    page = workstation.browser.type_pin(page, "999999")
    assert code_of(page) == "pin_wrong"
    assert "pin_last_try" in page.text
    page = workstation.browser.type_pin(page, "999999")
    assert code_of(page) == "pin_locked"
    assert "醫事憑證管理中心" in page.text


def test_one_reader_is_enough_for_login_and_reading_one_after_the_other(
    workstation: Workstation, rack: Rack, hpc: dict[str, Any]
) -> None:
    rack.insert(hpc)
    page = workstation.browser.open_card(workstation.login())
    assert workstation.browser.type_pin(page, PIN).status_code == 303
    reading = workstation.reading()
    assert code_of(workstation.browser.open_card(reading)) == "card_kind_wrong"
    rack.pull()
    rack.insert(nhi_card())
    assert workstation.browser.open_card(reading).status_code == 303


def test_the_waiting_page_goes_on_when_the_card_comes(workstation: Workstation, rack: Rack) -> None:
    transaction = workstation.reading()
    page = workstation.browser.open_card(transaction)
    assert code_of(page) == "card_missing"
    seen = page.text.partition('data-seen="')[2].partition('"')[0]
    query = {"transaction": transaction, "seen": seen}
    timer = threading.Timer(0.2, lambda: rack.insert(nhi_card(), seen=False))
    timer.start()
    answer = workstation.browser.http.get(
        "/card/wait", params=query, headers={"Sec-Fetch-Site": "same-origin"}
    )
    timer.join()
    assert answer.json() == {"look": True}
    assert workstation.browser.open_card(transaction).status_code == 303


def test_a_card_that_another_program_keeps_is_told_and_served_afterwards(
    workstation: Workstation, rack: Rack, monkeypatch: pytest.MonkeyPatch
) -> None:
    rack.insert(nhi_card())
    transaction = workstation.reading()
    with another_program(rack, exclusive=True):
        monkeypatch.setattr(pcsc_backend, "BUSY_AFTER", 0.3)
        page = workstation.browser.open_card(transaction)
        assert code_of(page) == "reader_busy"
        assert f"/card?transaction={transaction}" in page.text
    monkeypatch.undo()
    assert workstation.browser.open_card(transaction).status_code == 303


def test_a_stopped_service_is_told_and_its_return_is_enough(
    workstation: Workstation, rack: Rack
) -> None:
    transaction = workstation.reading()
    rack.daemon.stop()
    try:
        wait_until(lambda: workstation.agent.backend.service == "stopped", "its end is seen")
        page = workstation.browser.open_card(transaction)
        assert 'data-code="service_stopped"' in page.text
        assert 'data-code="service_stopped"' in workstation.browser.open("/").text
    finally:
        rack.daemon.start()
    for backend in rack.watching:
        wait_until(lambda seen=backend: len(seen.readers()) == 4, "the readers are back")
    rack.insert(nhi_card())
    assert workstation.browser.open_card(transaction).status_code == 303


def test_a_restart_by_program_is_survived_by_a_card_request(
    workstation: Workstation, rack: Rack
) -> None:
    transaction = workstation.reading()
    assert code_of(workstation.browser.open_card(transaction)) == "card_missing"
    assert workstation.browser.http.post("/restart", json={"type": "all"}).json() == {"type": "all"}
    rack.insert(nhi_card())
    assert workstation.browser.open_card(transaction).status_code == 303


def test_a_pulled_login_card_is_reported_to_its_server(
    workstation: Workstation, rack: Rack, hpc: dict[str, Any]
) -> None:
    rack.insert(nhi_card(), "ONE")
    rack.insert(hpc, "TWO")
    transaction = workstation.login()
    workstation.browser.type_pin(workstation.browser.open_card(transaction), PIN)
    rack.pull("ONE")
    assert workstation.server.removals == []
    rack.pull("TWO")
    wait_until(lambda: workstation.server.removals == [transaction], "the removal is reported")


def test_a_card_on_a_pin_pad_is_served_without_a_field_for_the_pin(
    start: Start,
    rack: Rack,
    tmp_path: Path,
    ca: Issued,
    pharmacist: Issued,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    from tests.agent.pki import issue_by_stranger

    keys = tmp_path / "keys"
    keys.write_text("")
    token = make_token(tmp_path, pharmacist, ca)
    for name, value in (token | {"PAD_MODULE": str(SOFTHSM), "PAD_KEYS": str(keys)}).items():
        monkeypatch.setenv(name, value)
    # SoftHSM2 is in no reader: a card that says nothing to us stands for it in the reader.
    stranger = issue_by_stranger("A. Stranger")
    rack.insert(pki_card(stranger, stranger, holder="A. Stranger"))
    with start(compile_module("pin_pad", tmp_path)) as workstation:
        wait_until(lambda: any(workstation.agent.backend.snapshot()), "the agent sees the card")
        transaction = workstation.login()
        page = workstation.browser.open_card(transaction)
        assert page_of(page) == "card_pin"
        assert 'name="pin"' not in page.text
        assert "請按「開始」" in page.text
        page = workstation.browser.type_pin(page, "")
        assert code_of(page) == "pin_pad_cancelled"
        keys.write_text(PIN)
        assert workstation.browser.type_pin(page, "").status_code == 303
        assert len(workstation.server.orders[transaction].chain) == 2


@pytest.mark.parametrize(
    ("module", "code"),
    [("crashing", "card_module_failed"), ("absent", "card_module_missing")],
)
def test_a_module_that_does_not_work_is_told_with_a_way_on(
    start: Start, rack: Rack, hpc: dict[str, Any], tmp_path: Path, module: str, code: str
) -> None:
    path = compile_module(module, tmp_path) if module == "crashing" else tmp_path / "absent.so"
    rack.insert(hpc)
    with start(path) as workstation:
        wait_until(lambda: any(workstation.agent.backend.snapshot()), "the agent sees the card")
        transaction = workstation.login()
        page = workstation.browser.open_card(transaction)
        assert code_of(page) == code
        assert f"/card?transaction={transaction}" in page.text


def test_a_broken_module_does_not_keep_nhi_cards_from_being_read(
    start: Start, rack: Rack, hpc: dict[str, Any], tmp_path: Path
) -> None:
    rack.insert(hpc, "TWO")
    with start(tmp_path / "absent.so") as workstation:
        wait_until(lambda: any(workstation.agent.backend.snapshot()), "the agent sees the card")
        transaction = workstation.reading()
        assert code_of(workstation.browser.open_card(transaction)) == "card_missing"
        rack.insert(nhi_card(), "ONE")
        assert workstation.browser.open_card(transaction).status_code == 303
