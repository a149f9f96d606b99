"""Self-diagnosis: what a help desk is told for each fault, in both languages (issue 7)."""

from collections.abc import Callable
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

import pytest

from agent.diagnosis import Facts, Item, diagnose, faults_of
from agent.machine import bits_of_library, bits_of_python, usb_readers
from agent.options import OptionsFile
from agent.readers.none import NoReaders
from agent.servers import Server
from agent.settings import Settings
from agent.standing import ModuleStanding
from agent.web.language import CHINESE, ENGLISH
from agent.web.tools import as_text
from tests.agent.browser import page_of
from tests.agent.conftest import Workstation
from tests.agent.waiting import wait_until


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
    "the clock is so wrong that TLS fails": (
        {"standings": {"https://vpn.test": ModuleStanding("server_date")}},
        "server",
        "server_date",
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


@pytest.mark.parametrize("changes", [call[0] for call in CALLS.values()], ids=CALLS.keys())
def test_the_text_for_the_help_desk_has_a_way_on_in_either_language(
    facts: Callable[..., Facts], changes: dict[str, Any]
) -> None:
    sections = diagnose(facts(**changes))
    ways = []
    for language in (CHINESE, ENGLISH):
        lines = as_text(sections, language).splitlines()
        fault = next(number for number, line in enumerate(lines) if line.startswith("!"))
        ways.append(lines[fault + 1].removeprefix("   -> "))
        assert ways[-1] != lines[fault + 1]
        assert not any("Project-Id-Version" in line for line in lines)  # the catalogue's own head
    assert ways[0] != ways[1]
    assert ways[1].isascii() or "“" in ways[1]
    assert not ways[0].isascii()


def test_without_the_server_nothing_is_said_of_its_clock(facts: Callable[..., Facts]) -> None:
    """Where nothing is known and nothing can be advised, nothing stands below the line."""
    away = {"https://vpn.test": ModuleStanding("server_unreachable")}
    for language in (CHINESE, ENGLISH):
        lines = as_text(diagnose(facts(standings=away)), language).splitlines()
        clock = next(number for number, line in enumerate(lines) if "2026-11-24" in line)
        assert lines[clock].startswith("?")
        assert lines[clock + 1] == ""


@pytest.mark.parametrize(("language", "no"), [(CHINESE, "否"), (ENGLISH, "no")])
def test_what_was_found_is_said_in_the_readers_language(
    facts: Callable[..., Facts], language: str, no: str
) -> None:
    lines = as_text(diagnose(facts()), language).splitlines()
    assert [line for line in lines if line.endswith(f": {no}")]


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
