"""The console's tools in a running agent: settings, reader test, log, diagnosis, lights, restart, end."""

import logging
import threading
from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.__main__ import main
from agent.diagnosis import Facts, Item, diagnose, faults_of
from agent.logbook import LOGBOOK, blank
from agent.machine import bits_of_library, bits_of_python, usb_readers
from agent.options import OptionsFile
from agent.readers.none import NoReaders
from agent.servers import Server
from agent.settings import Settings
from agent.standing import ModuleStanding
from tests.agent.browser import code_of, page_of
from tests.agent.card_folder import nhi_card, write_card
from tests.agent.conftest import Workstation
from tests.agent.waiting import wait_until

ON, OFF = "ENABLE", "DISABLE"
DEFAULTS = {"HPCFASTAUTH": OFF, "CSWATCH": OFF, "CSREMOTE": OFF, "CLSCSFSIM": ON}
READER = "Virtual reader 1"


# --- settings -------------------------------------------------------------------------------------


def test_the_settings_are_saved_under_the_manuals_names(workstation: Workstation) -> None:
    page = workstation.browser.open("/settings")
    assert page_of(page) == "settings"
    for name in DEFAULTS:
        assert f'name="{name}"' in page.text
    chosen = DEFAULTS | {"HPCFASTAUTH": ON, "READER_NHI": READER, "READER_HPC": ""}
    saved = workstation.browser.submit("/settings", chosen)
    assert saved.headers["location"] == "/settings?saved=1"
    assert workstation.agent.options.read().hpcfastauth
    assert workstation.agent.options.read().reader_nhi == READER
    assert "data-saved" in workstation.browser.open("/settings?saved=1").text


def test_fast_authentication_and_remote_mode_together_are_refused_and_nothing_is_lost(
    workstation: Workstation,
) -> None:
    both = DEFAULTS | {"HPCFASTAUTH": ON, "CSREMOTE": ON, "CSWATCH": ON}
    page = workstation.browser.submit("/settings", both)
    assert (page.status_code, code_of(page)) == (422, "options_conflict")
    assert page.text.count('value="ENABLE" checked') == 4
    assert not workstation.agent.options.path.exists()


@pytest.mark.parametrize("name", DEFAULTS)
@pytest.mark.parametrize("value", ["", "YES"])
def test_a_setting_that_cannot_be_meant_saves_nothing(
    workstation: Workstation, name: str, value: str
) -> None:
    answer = workstation.browser.submit("/settings", DEFAULTS | {name: value})
    assert answer.status_code == 400
    assert not workstation.agent.options.path.exists()


def test_a_line_of_the_file_that_cannot_be_meant_is_shown(workstation: Workstation) -> None:
    (workstation.agent.settings.home / "csdll.ini").write_text("CSWATCH=YES\n")
    assert 'data-code="option_mistake"' in workstation.browser.open("/settings").text


def test_cswatch_opens_and_closes_the_window_with_the_lights(workstation: Workstation) -> None:
    assert code_of(workstation.browser.open("/lights")) == "watch_off"
    assert 'data-action="open_lights"' not in workstation.browser.open("/").text
    workstation.browser.submit("/settings", DEFAULTS | {"CSWATCH": ON})
    workstation.browser.insert("nhi-wang")
    lights = workstation.browser.open("/lights")
    assert page_of(lights) == "lights"
    assert 'data-light="nhi" data-state="0"' not in lights.text
    assert 'data-action="open_lights"' in workstation.browser.open("/").text


def test_csremote_decides_whether_a_remote_session_may_use_cards(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Virtual cards stand for real ones here: those are no readers of a computer far away."""
    monkeypatch.setenv("XRDP_SESSION", "1")
    monkeypatch.setattr(type(workstation.agent.backend), "virtual", False)
    workstation.browser.insert("nhi-wang")
    asked = workstation.server.start(cards=["NHI"], reading=True)
    refused = workstation.browser.open_card(asked)
    assert (refused.status_code, code_of(refused)) == (409, "remote_session_off")
    workstation.browser.submit("/settings", DEFAULTS | {"CSREMOTE": ON})
    assert workstation.browser.open_card(asked).status_code == 303


@pytest.mark.parametrize(("clscsfsim", "ends"), [(ON, False), (OFF, True)])
def test_clscsfsim_decides_what_closing_the_console_leaves(
    workstation: Workstation, clscsfsim: str, ends: bool
) -> None:
    stopped = threading.Event()
    workstation.agent.life.stop = stopped.set
    workstation.browser.submit("/settings", DEFAULTS | {"CLSCSFSIM": clscsfsim})
    assert code_of(workstation.browser.submit("/close", {"from": "console"})) == "console_closed"
    assert stopped.is_set() is ends
    for path in ("/", "/settings", "/card?transaction=" + "x" * 43):
        assert workstation.browser.open(path).status_code == 503
    his = workstation.browser.http.post(
        "/his/hisGetBasicData",
        json={},
        headers={"Authorization": f"Bearer {workstation.agent.his_token}"},
    )
    assert his.status_code == 200
    assert workstation.browser.submit("/open", {"from": "closed"}).status_code == 303
    assert workstation.browser.open("/").status_code == 200


# --- reader test ------------------------------------------------------------------------------------


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
    assert start(workstation, "Reader of somebody else").status_code == 404


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


# --- lights, SAM authentication, restart ------------------------------------------------------------


def test_the_console_shows_both_codes_of_the_security_module(workstation: Workstation) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    page = workstation.browser.open("/").text
    assert 'data-authenticated="yes"' in page
    assert "5931234567" in page
    assert "000000000001" in page


def test_sam_authentication_on_request_says_why_not(workstation: Workstation) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    workstation.server.refusal = (403, {"code": "WS-REVOKED", "message": "已註銷", "detail": {}})
    assert (
        workstation.browser.submit("/authenticate", {"from": "console"}).headers["location"]
        == "/#sam"
    )
    page = workstation.browser.open("/").text
    assert 'data-authenticated="no" data-code="WS-REVOKED"' in page
    assert "已註銷" in page


@pytest.mark.parametrize("part", ["all", "0", "1", "2", "3"])
def test_restart_by_form_and_by_program(workstation: Workstation, part: str) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    workstation.agent.standing.prove_card(None, fast_for=100)
    answer = workstation.browser.submit("/restart", {"type": part})
    assert answer.headers["location"] == "/?restarted=1"
    assert (workstation.agent.standing.fast_left == 0) is (part in {"all", "2"})
    assert workstation.agent.standing.authenticated
    assert workstation.browser.http.post("/restart", json={"type": part}).json() == {"type": part}


def test_a_restart_of_something_else_is_refused(workstation: Workstation) -> None:
    assert workstation.browser.submit("/restart", {"type": "9"}).status_code == 400
    assert workstation.browser.http.post("/restart", json=["x"]).status_code == 400


@pytest.mark.parametrize(
    "path", ["/settings", "/restart", "/close", "/open", "/authenticate", "/reader-test"]
)
def test_02_no_other_site_works_the_console(workstation: Workstation, path: str) -> None:
    answer = workstation.browser.submit(path, {"type": "all"}, Origin="https://evil.test")
    assert answer.status_code == 403
    assert workstation.agent.life.open


def test_a_restart_during_a_card_request_does_not_lose_it(workstation: Workstation) -> None:
    asked = workstation.server.start(cards=["NHI"], reading=True)
    workstation.browser.open_card(asked)
    workstation.browser.submit("/restart", {"type": "all"})
    workstation.browser.insert("nhi-wang")
    assert workstation.browser.open_card(asked).status_code == 303


# --- log ------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("line", "shown"),
    [
        ("card of A123456789 read", "card of … read"),
        ("resident AB12345678", "resident …"),
        ("card 000012345678", "card …"),
        ("PIN 123456 typed", "PIN … typed"),
        ("GET /card 303", "GET /card 303"),
        ("port 24777", "port 24777"),
    ],
)
def test_12_the_log_holds_no_number_of_a_person(line: str, shown: str) -> None:
    assert blank(line) == shown
    logger = logging.getLogger("agent.test")
    logger.addHandler(LOGBOOK)
    logger.warning(line)
    logger.removeHandler(LOGBOOK)
    assert LOGBOOK.lines()[0].endswith(f"WARNING agent.test {shown}")


def test_the_log_page_shows_it(workstation: Workstation) -> None:
    logging.getLogger("agent").addHandler(LOGBOOK)
    try:
        workstation.browser.open("/settings")
        page = workstation.browser.open("/log")
    finally:
        logging.getLogger("agent").removeHandler(LOGBOOK)
    assert page_of(page) == "log"
    assert "GET /settings 200" in page.text


# --- diagnosis --------------------------------------------------------------------------------------


@pytest.fixture
def facts(tmp_path: Path) -> Callable[..., Facts]:
    server = Server("vpn.test", "https://vpn.test")

    def make(**changes: Any) -> Facts:
        settings = {"home": tmp_path, "port": 24777, "virtual_cards": None, "virtual_readers": 2}
        options = OptionsFile(tmp_path)
        (tmp_path / "csdll.ini").write_text(changes.pop("ini", ""))
        values: dict[str, Any] = {
            "settings": Settings(**(settings | changes.pop("settings", {}))),
            "options": options,
            "backend": Backend(changes.pop("service", "running")),
            "seen": [Seen("Reader A")],
            "servers": [server],
            "standings": {server.origin: ModuleStanding(clock_off_by=1, newest_version="0.1.0")},
            "signer": "piv",
            "remote_session": False,
            "now": datetime(2026, 11, 24, tzinfo=UTC),
            "usb": list,
        }
        return Facts(**(values | changes))

    return make


class Backend(NoReaders):
    def __init__(self, service: str) -> None:
        super().__init__()
        self.service = service


class Seen:
    """As much of a SeenCard as a diagnosis looks at."""

    def __init__(self, name: str, fault: str = "", mute: bool = False) -> None:
        self.reader, self.label, self.fault, self.mute = self, None, fault, mute
        self.name = name


def told(facts: Facts) -> list[Item]:
    return faults_of(diagnose(facts))


def test_where_all_is_well_nothing_is_to_be_done(facts: Callable[..., Facts]) -> None:
    assert told(facts()) == []


def library(folder: Path, head: bytes) -> dict[str, Any]:
    path = folder / "module.so"
    path.write_bytes(head)
    return {"pkcs11_module": path}


OTHER_BITS = b"\x7fELF" + bytes([1 if bits_of_python() == 64 else 2])
CALLS: dict[str, tuple[dict[str, Any], str, str]] = {
    "the service is stopped": ({"service": "stopped", "seen": []}, "service", "service_stopped"),
    "no reader is plugged in": ({"seen": []}, "reader", "reader_missing"),
    "the reader has no driver": (
        {"seen": [], "usb": lambda: usb_readers(Path("/nonexistent")) or [object_named("EZ100PU")]},
        "driver",
        "",
    ),
    "the card lies the wrong way": ({"seen": [Seen("Reader A", mute=True)]}, "reader", "card_mute"),
    "the reader is used by the HIS": (
        {"seen": [Seen("Reader A", fault="reader_busy")]},
        "reader",
        "reader_busy",
    ),
    "the network is down": (
        {"standings": {"https://vpn.test": ModuleStanding("server_unreachable")}},
        "server",
        "server_unreachable",
    ),
    "a proxy reads along": (
        {"standings": {"https://vpn.test": ModuleStanding("server_untrusted")}},
        "server",
        "server_untrusted",
    ),
    "the module was revoked": (
        {"standings": {"https://vpn.test": ModuleStanding("WS-REVOKED")}},
        "server",
        "WS-REVOKED",
    ),
    "no module was loaded": (
        {"standings": {"https://vpn.test": ModuleStanding("WS-UNKNOWN")}},
        "server",
        "WS-UNKNOWN",
    ),
    "no server is listed": ({"servers": [], "standings": {}}, "server", ""),
    "the clock is wrong": (
        {"standings": {"https://vpn.test": ModuleStanding(clock_off_by=-86_400)}},
        "clock",
        "",
    ),
    "the agent is old": (
        {"standings": {"https://vpn.test": ModuleStanding(newest_version="0.10.0")}},
        "version",
        "",
    ),
    "a remote session": ({"remote_session": True}, "remote", "remote_session_off"),
    "settings that exclude each other": (
        {"ini": "HPCFASTAUTH=ENABLE\nCSREMOTE=ENABLE\n"},
        "conflict",
        "options_conflict",
    ),
    "a setting misspelt": ({"ini": "CSWATCH=ENABEL\n"}, "mistake", ""),
    "the chosen reader is unplugged": ({"ini": "READER_NHI=Reader B\n"}, "chosen_reader", ""),
    "the reader sleeps": (
        {"usb": lambda: [object_named("EZ100PU", saves_power=True)]},
        "power",
        "",
    ),
}


def object_named(name: str, *, saves_power: bool = False) -> Any:
    from agent.machine import UsbReader

    return UsbReader(name, saves_power)


@pytest.mark.parametrize(("changes", "item", "problem"), CALLS.values(), ids=CALLS.keys())
def test_it_does_not_work(
    facts: Callable[..., Facts], changes: dict[str, Any], item: str, problem: str
) -> None:
    """A call to the help desk: the first line says what it is, with something to do."""
    first = told(facts(**changes))[0]
    assert (first.code, first.problem) == (item, problem)
    assert first.problem or first.advice


@pytest.mark.parametrize(
    ("head", "fine"),
    [(OTHER_BITS, False), (b"#!/bin/sh", False), (None, False), (b"\x7fELF\x02", True)],
    ids=["other bits", "no library", "not there", "the same bits"],
)
def test_the_card_module_must_be_of_the_same_kind(
    facts: Callable[..., Facts], tmp_path: Path, head: bytes | None, fine: bool
) -> None:
    settings = library(tmp_path, head) if head else {"pkcs11_module": tmp_path / "none.so"}
    found = told(facts(settings=settings))
    assert [item.code for item in found] == ([] if fine and bits_of_python() == 64 else ["pkcs11"])


PE = b"MZ" + b"\0" * 58 + (64).to_bytes(4, "little") + b"PE\0\0"


@pytest.mark.parametrize(
    ("head", "bits"),
    [
        (b"\x7fELF\x01", 32),
        (b"\x7fELF\x02", 64),
        (PE + b"\x4c\x01", 32),
        (PE + b"\x64\x86", 64),
        (PE + b"\x64\xaa", 64),
        (b"\xcf\xfa\xed\xfe", 64),
        (b"MZ", None),
        (b"", None),
    ],
)
def test_the_bits_of_a_library_by_its_head(tmp_path: Path, head: bytes, bits: int | None) -> None:
    path = tmp_path / "library"
    path.write_bytes(head)
    assert bits_of_library(path) == bits


def test_usb_readers_by_their_class(tmp_path: Path) -> None:
    device, interface = tmp_path / "1-2", tmp_path / "1-2:1.0"
    (device / "power").mkdir(parents=True)
    interface.mkdir()
    (interface / "bInterfaceClass").write_text("0b\n")
    (device / "product").write_text("EZ100PU\n")
    (device / "power" / "control").write_text("auto\n")
    (tmp_path / "1-3:1.0").mkdir()
    (tmp_path / "1-3:1.0" / "bInterfaceClass").write_text("03\n")
    assert usb_readers(tmp_path) == [object_named("EZ100PU", saves_power=True)]


def test_the_page_and_the_text_for_the_help_desk(workstation: Workstation) -> None:
    wait_until(lambda: workstation.agent.standing.authenticated, "SAM authentication")
    workstation.browser.insert("nhi-wang")
    page = workstation.browser.open("/diagnosis")
    assert page_of(page) == "diagnosis"
    for section in (
        "program",
        "service",
        "readers",
        "module",
        "network",
        "clock",
        "remote",
        "power",
    ):
        assert f'data-section="{section}"' in page.text
    text = workstation.browser.open("/diagnosis.txt")
    assert 'filename="ankang-agent-' in text.headers["content-disposition"]
    assert "[讀卡機與驅動程式]" in text.text
    assert "王小明" not in text.text + page.text


# --- command line -----------------------------------------------------------------------------------


def test_restart_and_diagnosis_by_command(
    workstation: Workstation, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setenv("AGENT_PORT", str(workstation.agent.settings.port))
    assert main(["restart", "--type", "0"]) == 0
    assert main(["diagnose"]) == 0
    assert "[程式與版本]" in capsys.readouterr().out
    monkeypatch.setenv("AGENT_PORT", "1")
    assert main(["restart"]) == 2
    assert main(["diagnose"]) == 2
