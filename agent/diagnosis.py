"""Self-diagnosis (自我診斷): what the help desk would ask, section by section (FEATURES B11).

Each item says what was found and, when it is not as it should be, what to do. Nothing personal is in
it: it is meant to be sent to the help desk as a text.
"""

from collections.abc import Callable, Sequence
from dataclasses import dataclass, field
from datetime import datetime
from enum import StrEnum

from agent import __version__
from agent.machine import UsbReader, bits_of_library, bits_of_python, system, usb_readers
from agent.options import Options, OptionsFile
from agent.readers.base import ReaderBackend
from agent.readers.recognition import SeenCard
from agent.servers import Server
from agent.settings import Settings
from agent.standing import ModuleStanding
from agent.web.language import gettext_noop

YES, NO = gettext_noop("yes"), gettext_noop("no")
# How a smart-card service is: readers.base calls it so.
RUNNING, STOPPED = gettext_noop("running"), gettext_noop("stopped")
VIRTUAL = gettext_noop("virtual")  # this agent's own cards, no service
NONE = gettext_noop("none")
WORDS = frozenset({YES, NO, RUNNING, STOPPED, VIRTUAL, NONE})

CLOCK_TOLERANCE = 120  # seconds, as the server's component check


class State(StrEnum):
    OK = "ok"
    WARNING = "warning"
    FAULT = "fault"
    UNKNOWN = "unknown"


@dataclass(frozen=True)
class Item:
    """`name` and `advice` are source strings; so is `found` where it is one of WORDS, otherwise it is a
    fact and stays as it is.

    `problem` is the code whose wording says more than the advice.
    """

    code: str
    name: str
    state: State
    found: str
    advice: str = ""
    problem: str = ""


@dataclass(frozen=True)
class Section:
    code: str
    title: str
    items: list[Item] = field(default_factory=list)


@dataclass(frozen=True)
class Facts:
    """All that a diagnosis is made of, gathered before: making it asks nothing and cannot fail."""

    settings: Settings
    options: OptionsFile
    backend: ReaderBackend
    seen: Sequence[SeenCard]
    servers: Sequence[Server]
    standings: dict[str, ModuleStanding]
    signer: str
    remote_session: bool
    now: datetime
    usb: Callable[[], list[UsbReader] | None] = usb_readers


def diagnose(facts: Facts) -> list[Section]:
    return [
        Section("program", gettext_noop("Program and version"), _program(facts)),
        Section("service", gettext_noop("Smart-card service"), [_service(facts)]),
        Section("readers", gettext_noop("Readers and drivers"), _readers(facts)),
        Section("module", gettext_noop("Card software (PKCS#11)"), [_card_module(facts)]),
        Section("network", gettext_noop("Servers and security module"), _network(facts)),
        Section("clock", gettext_noop("Clock"), [_clock(facts)]),
        Section("remote", gettext_noop("Remote desktop"), [_remote(facts)]),
        Section("power", gettext_noop("USB power saving"), [_power(facts)]),
        Section("settings", gettext_noop("Settings"), _settings(facts)),
    ]


def faults_of(sections: Sequence[Section]) -> list[Item]:
    """What has to be done something about, the gravest first."""
    items = [item for section in sections for item in section.items]
    return [item for state in (State.FAULT, State.WARNING) for item in items if item.state is state]


def _program(facts: Facts) -> list[Item]:
    newest = max((each.newest_version for each in facts.standings.values()), default="")
    old = _numbers(newest) > _numbers(__version__)
    return [
        Item(
            "version",
            gettext_noop("Version"),
            State.WARNING if old else State.OK,
            f"{__version__} ({newest})" if old else __version__,
            gettext_noop("Install the newest version from the server's download page."),
        ),
        Item("bits", gettext_noop("Kind of program"), State.OK, f"{bits_of_python()}-bit"),
        Item("system", gettext_noop("System"), State.OK, system()),
        Item("home", gettext_noop("Folder"), State.OK, str(facts.settings.home)),
    ]


def _service(facts: Facts) -> Item:
    stopped = facts.backend.service == "stopped"
    return Item(
        "service",
        gettext_noop("Smart-card service"),
        State.FAULT if stopped else State.OK,
        facts.backend.service,
        problem="service_stopped" if stopped else "",
    )


def _readers(facts: Facts) -> list[Item]:
    usb = [] if facts.backend.virtual else facts.usb() or []
    items = [
        Item(
            "reader",
            gettext_noop("Reader"),
            State.FAULT if card.fault or card.mute else State.OK,
            card.reader.name if card.mute else f"{card.reader.name}: {card.label or '-'}",
            problem=card.fault or ("card_mute" if card.mute else ""),
        )
        for card in facts.seen
    ]
    if len(usb) > len(facts.seen):
        items.append(
            Item(
                "driver",
                gettext_noop("Plugged in, but without a driver"),
                State.FAULT,
                "、".join(reader.name for reader in usb),
                gettext_noop("Install the driver of the reader's maker, then plug it in again."),
            )
        )
    elif not facts.seen and facts.backend.service != "stopped":
        items.append(
            Item("reader", gettext_noop("Reader"), State.FAULT, NONE, problem="reader_missing")
        )
    return items


def _card_module(facts: Facts) -> Item:
    path, name = facts.settings.pkcs11_module, gettext_noop("Library of the card's issuer")
    if facts.backend.virtual or path is None:
        return Item("pkcs11", name, State.OK, facts.signer)
    try:
        bits = bits_of_library(path)
    except OSError:
        missing = gettext_noop("Install the issuer's card software, or correct the path.")
        return Item("pkcs11", name, State.FAULT, str(path), missing)
    if bits is None:
        no_library = gettext_noop("This file is no program library: correct the path.")
        return Item("pkcs11", name, State.FAULT, str(path), no_library)
    return Item(
        "pkcs11",
        name,
        State.OK if bits == bits_of_python() else State.FAULT,
        f"{path} ({bits}-bit)",
        gettext_noop(
            "Library and agent must be of the same kind: install the other one of either."
        ),
    )


def _network(facts: Facts) -> list[Item]:
    if not facts.servers:
        advice = gettext_noop("Load a security module, or add the server at the installation.")
        return [Item("server", gettext_noop("Server"), State.FAULT, NONE, advice)]
    return [_server(server, facts.standings.get(server.origin)) for server in facts.servers]


def _server(server: Server, standing: ModuleStanding | None) -> Item:
    name = gettext_noop("Server")
    if standing is None:
        return Item("server", name, State.UNKNOWN, server.origin)
    if standing.ok:
        codes = f"{standing.institution_code} {standing.module_code}"
        return Item("server", name, State.OK, f"{server.origin} ({codes})")
    return Item(
        "server",
        name,
        # Cards with PIN work without a security module.
        State.WARNING if standing.code == "WS-UNKNOWN" else State.FAULT,
        f"{server.origin} ({standing.code})",
        problem=standing.code,
    )


def _clock(facts: Facts) -> Item:
    known = [
        each.clock_off_by for each in facts.standings.values() if each.clock_off_by is not None
    ]
    off_by = max(known, key=abs, default=None)
    shown = facts.now.isoformat(timespec="seconds")
    name = gettext_noop("Difference from the server's clock")
    if off_by is None:
        return Item("clock", name, State.UNKNOWN, shown)
    return Item(
        "clock",
        name,
        State.OK if abs(off_by) <= CLOCK_TOLERANCE else State.WARNING,
        f"{off_by:+d} s ({shown})",
        gettext_noop("Logging in works all the same. Switch on setting the time automatically."),
    )


def _remote(facts: Facts) -> Item:
    remote, options = facts.remote_session, facts.options.read()
    wrong = remote and not options.csremote and not facts.backend.virtual
    return Item(
        "remote",
        gettext_noop("Remote-desktop session"),
        State.FAULT if wrong else State.OK,
        YES if remote else NO,
        problem="remote_session_off" if wrong else "",
    )


def _power(facts: Facts) -> Item:
    name = gettext_noop("The system may switch the reader off")
    readers = [] if facts.backend.virtual else facts.usb()
    if readers is None:
        look = gettext_noop(
            "Look in the Device Manager, at the reader and at each USB root hub: “Allow the computer to "
            "turn off this device to save power” must not be ticked."
        )
        return Item("power", name, State.UNKNOWN, "?", look)
    saving = [reader.name for reader in readers if reader.saves_power]
    return Item(
        "power",
        name,
        State.WARNING if saving else State.OK,
        "、".join(saving) or NO,
        gettext_noop("Switch the power saving of this USB device off (power/control: on)."),
    )


def _settings(facts: Facts) -> list[Item]:
    options = facts.options.read()
    items = [
        Item(name, name, State.OK, "ENABLE" if getattr(options, name.lower()) else "DISABLE")
        for name in ("HPCFASTAUTH", "CSWATCH", "CSREMOTE", "CLSCSFSIM")
    ]
    if options.hpcfastauth and options.csremote:
        items.append(_conflict())
    items += [
        Item(
            "mistake",
            gettext_noop("Line that cannot be meant"),
            State.WARNING,
            line,
            gettext_noop("Write ENABLE or DISABLE; until then the default holds."),
        )
        for line in facts.options.mistakes()
    ]
    return items + _unplugged(facts, options)


def _conflict() -> Item:
    return Item(
        "conflict",
        gettext_noop("Settings that exclude each other"),
        State.WARNING,
        "HPCFASTAUTH=ENABLE, CSREMOTE=ENABLE",
        problem="options_conflict",
    )


def _unplugged(facts: Facts, options: Options) -> list[Item]:
    there = {card.reader.name for card in facts.seen}
    chosen = {name for name in (options.reader_nhi, options.reader_hpc) if name}
    return [
        Item(
            "chosen_reader",
            gettext_noop("Chosen reader that is not there"),
            State.WARNING,
            name,
            gettext_noop("Plug it in, or choose another reader in the settings."),
        )
        for name in sorted(chosen - there)
    ]


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".") if part.isdecimal()]
