"""PKCS#11 modules other than OpenSC's: SoftHSM2, a PIN pad, and modules that misbehave."""

import os
import subprocess
import time
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest

from agent.cards.errors import (
    CardModuleFailed,
    CardModuleMissing,
    CardRemoved,
    PinPadCancelled,
    PinWrong,
)
from agent.cards.kinds import CardKind
from agent.signers.card_kinds import CardRulesError, read_card_kinds
from agent.signers.pkcs11 import process, signer
from agent.signers.pkcs11.signer import Pkcs11Signer, same_reader
from tests.agent.pki import Issued
from tests.pcsc.signatures import MESSAGE, check_signature, typed
from tests.pcsc.vendor_modules import (
    OPENSC,
    PIN,
    SOFTHSM,
    compile_module,
    make_token,
    what_modules_lack,
)

READER = "Reader with a card"


@dataclass
class StandInReader:
    """A reader whose card only the module can see: SoftHSM2 has neither reader nor insertion."""

    index: int = 0
    name: str = READER
    insertion: int | None = 1
    atr: bytes = b""
    resets: int = 0

    def pki_kind(self) -> CardKind | None:
        return None

    @contextmanager
    def reserve(self) -> Iterator[None]:
        yield

    def connect(self) -> Any:
        raise AssertionError("a module's card is not connected to by ourselves")

    def reset(self) -> None:
        self.resets += 1


@pytest.fixture(scope="session", autouse=True)
def _installed() -> None:
    missing = what_modules_lack()
    if missing and os.geteuid() != 0:
        pytest.skip(missing)
    assert not missing, missing


@pytest.fixture
def use(monkeypatch: pytest.MonkeyPatch) -> Any:
    def _use(module: Path, environment: dict[str, str] | None = None) -> Pkcs11Signer:
        for name, value in (environment or {}).items():
            monkeypatch.setenv(name, value)
        kinds = read_card_kinds(Path("/nonexistent"))
        return Pkcs11Signer(module, kinds, reader_names=lambda: [READER])

    return _use


@pytest.fixture(params=[False, True], ids=["RSA", "EC"])
def issued(request: pytest.FixtureRequest, pharmacist: Issued, citizen: Issued) -> Issued:
    return citizen if request.param else pharmacist


def test_a_token_signs_with_the_vendors_key_and_hands_out_its_intermediate(
    tmp_path: Path, use: Any, issued: Issued, ca: Issued
) -> None:
    signing = use(SOFTHSM, make_token(tmp_path, issued, ca))
    reader = StandInReader()
    assert signing.kind(reader) is CardKind.HPC
    with signing.open(reader) as session:
        assert session.chain == (issued.certificate, ca.certificate)
        assert session.tries_left() is None
        check_signature(session, session.sign(MESSAGE, pin=typed(PIN)))
    assert reader.resets == 1


def test_a_look_alone_does_not_reset_the_card(
    tmp_path: Path, use: Any, pharmacist: Issued, ca: Issued
) -> None:
    reader = StandInReader()
    with use(SOFTHSM, make_token(tmp_path, pharmacist, ca)).open(reader) as session:
        assert session.certificate == pharmacist.certificate
    assert reader.resets == 0


def test_a_wrong_pin_of_a_token_that_counts_nothing_is_wrong_without_a_number(
    tmp_path: Path, use: Any, pharmacist: Issued, ca: Issued
) -> None:
    signing = use(SOFTHSM, make_token(tmp_path, pharmacist, ca))
    with signing.open(StandInReader()) as session, pytest.raises(PinWrong) as wrong:
        session.sign(MESSAGE, pin=typed("999999"))
    assert wrong.value.tries_left is None


@pytest.fixture
def pad(tmp_path: Path, use: Any, pharmacist: Issued, ca: Issued) -> tuple[Pkcs11Signer, Path]:
    """A token with a PIN pad, and the file that plays its keys."""
    keys = tmp_path / "keys"
    token = make_token(tmp_path, pharmacist, ca)
    environment = token | {"PAD_MODULE": str(SOFTHSM), "PAD_KEYS": str(keys)}
    return use(compile_module("pin_pad", tmp_path), environment), keys


def test_the_pin_typed_on_the_reader_signs_and_none_is_taken_from_the_page(
    pad: tuple[Pkcs11Signer, Path],
) -> None:
    signing, keys = pad
    keys.write_text(PIN)
    with signing.open(StandInReader()) as session:
        assert session.pin_pad
        check_signature(session, session.sign(MESSAGE, pin=typed("")))
        check_signature(session, session.sign(MESSAGE, pin=typed("999999")))


def test_a_wrong_pin_and_the_cancel_key_of_the_pad_are_told_apart(
    pad: tuple[Pkcs11Signer, Path],
) -> None:
    signing, keys = pad
    with signing.open(StandInReader()) as session:
        keys.write_text("999999")
        with pytest.raises(PinWrong):
            session.sign(MESSAGE, pin=typed(""))
        keys.write_text("")
        with pytest.raises(PinPadCancelled):
            session.sign(MESSAGE, pin=typed(""))


@pytest.mark.parametrize("content", [None, "no library"])
def test_a_module_that_cannot_be_loaded_is_missing(
    tmp_path: Path, use: Any, content: str | None
) -> None:
    module = tmp_path / "module.so"
    if content is not None:
        module.write_text(content)
    with pytest.raises(CardModuleMissing):
        use(module).kind(StandInReader())


def test_a_module_that_crashes_takes_only_its_own_process_along(tmp_path: Path, use: Any) -> None:
    with pytest.raises(CardModuleFailed):
        use(compile_module("crashing", tmp_path)).kind(StandInReader())


def test_a_module_that_hangs_is_ended(
    tmp_path: Path, use: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    module = compile_module("hanging", tmp_path)
    monkeypatch.setattr(signer, "LOOK_SECONDS", 1.0)
    started = []
    popen = subprocess.Popen

    def noting(*args: Any, **kwargs: Any) -> Any:
        started.append(popen(*args, **kwargs))
        return started[-1]

    monkeypatch.setattr(process.subprocess, "Popen", noting)
    began = time.monotonic()
    with pytest.raises(CardModuleFailed):
        use(module).kind(StandInReader())
    assert time.monotonic() - began < 10
    assert [child.poll() for child in started] == [-9]


def test_the_pin_stands_neither_in_the_arguments_nor_in_the_environment_of_the_child(
    tmp_path: Path, use: Any, pharmacist: Issued, ca: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    seen: list[bytes] = []
    popen = subprocess.Popen

    def looking(*args: Any, **kwargs: Any) -> Any:
        child = popen(*args, **kwargs)
        told = Path(f"/proc/{child.pid}")
        seen.extend((told / file).read_bytes() for file in ("cmdline", "environ"))
        return child

    signing = use(SOFTHSM, make_token(tmp_path, pharmacist, ca))
    monkeypatch.setattr(process.subprocess, "Popen", looking)
    pin = typed(PIN)
    with pin, signing.open(StandInReader()) as session:
        session.sign(MESSAGE, pin=pin)
    assert len(seen) == 4
    assert not [text for text in seen if PIN.encode() in text]
    assert not pin.well_formed  # wiped


def test_a_slot_without_a_token_is_an_empty_reader(tmp_path: Path, use: Any) -> None:
    configuration = tmp_path / "softhsm2.conf"
    (tmp_path / "tokens").mkdir()
    configuration.write_text(f"directories.tokendir = {tmp_path / 'tokens'}\n")
    signing = use(SOFTHSM, {"SOFTHSM2_CONF": str(configuration)})
    assert signing.kind(StandInReader()) is None


def test_a_token_gone_between_look_and_signature_is_a_removal(
    tmp_path: Path, use: Any, pharmacist: Issued, ca: Issued, monkeypatch: pytest.MonkeyPatch
) -> None:
    signing = use(SOFTHSM, make_token(tmp_path, pharmacist, ca))
    with signing.open(StandInReader()) as session:
        other = tmp_path / "other.conf"
        (tmp_path / "none").mkdir()
        other.write_text(f"directories.tokendir = {tmp_path / 'none'}\n")
        monkeypatch.setenv("SOFTHSM2_CONF", str(other))
        with pytest.raises(CardRemoved):
            session.sign(MESSAGE, pin=typed(PIN))


@pytest.mark.parametrize(
    ("slot", "reader", "same"),
    [
        ("ACS ACR39U 00 00", "ACS ACR39U 00 00", True),
        ("A reader whose name is longer than the sixty-four bytes of a slot", None, True),
        (
            "Slot 0: Alcor Micro USB Smart Card Reader 0",
            "Alcor Micro USB Smart Card Reader 0",
            True,
        ),
        ("ACS ACR39U 00 00", "ACS ACR39U 01 00", False),
        ("", "ACS ACR39U 00 00", False),
    ],
)
def test_slots_are_matched_with_readers_by_their_names(
    slot: str, reader: str | None, same: bool
) -> None:
    assert same_reader(slot, reader or f"{slot} and goes on") is same


def test_a_workstations_own_rules_for_card_kinds_come_first(
    tmp_path: Path, pharmacist: Issued
) -> None:
    assert read_card_kinds(tmp_path).of(pharmacist.certificate) is CardKind.HPC
    own = tmp_path / "issuers.json"
    own.write_text('[{"issuer": "測試醫事", "kind": "GOVERNMENT"}]')
    assert read_card_kinds(tmp_path).of(pharmacist.certificate) is CardKind.GOVERNMENT
    for broken in ("{", '[{"issuer": "("}]', '[{"issuer": "x", "kind": "BUS"}]', "[1]"):
        own.write_text(broken)
        with pytest.raises(CardRulesError):
            read_card_kinds(tmp_path)


def test_opensc_without_a_card_knows_no_token(use: Any, tmp_path: Path) -> None:
    """And without the smart-card service: the one of other tests may be starting or ending just now."""
    nobody = {"PCSCLITE_CSOCK_NAME": str(tmp_path / "no-service")}
    assert use(OPENSC, nobody).kind(StandInReader()) is None
