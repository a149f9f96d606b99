"""Cards with PIN behind a real pcscd: by plain commands, and by OpenSC's PKCS#11 module."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from agent.cards.errors import (
    CardError,
    CardRemoved,
    CardUnreadable,
    PinLocked,
    PinMalformed,
    PinWrong,
)
from agent.cards.kinds import CardKind
from agent.readers.recognition import Recogniser
from agent.signers.base import Signer
from agent.signers.card_kinds import read_card_kinds
from agent.signers.piv import PivSigner
from agent.signers.pkcs11.signer import Pkcs11Signer
from agent.work import common_name
from tests.agent.card_folder import PIN, nhi_card, pki_card
from tests.agent.pki import Issued
from tests.pcsc.conftest import Rack
from tests.pcsc.other_programs import another_program_connected
from tests.pcsc.signatures import MESSAGE, check_signature, typed
from tests.pcsc.vendor_modules import OPENSC

MakeSigner = Callable[[Rack], Signer]


def plain(rack: Rack) -> Signer:
    return PivSigner(read_card_kinds(Path("/nonexistent")))


def by_opensc(rack: Rack) -> Signer:
    return Pkcs11Signer(
        OPENSC,
        read_card_kinds(Path("/nonexistent")),
        reader_names=lambda: [reader.name for reader in rack.backend.readers()],
    )


both = pytest.mark.parametrize("make_signer", [plain, by_opensc])


@pytest.fixture
def hpc(ca: Issued, pharmacist: Issued) -> dict[str, Any]:
    return pki_card(pharmacist, ca, holder="陳怡君")


@pytest.fixture
def citizen_card(ca: Issued, citizen: Issued) -> dict[str, Any]:
    return pki_card(citizen, ca, holder="林稽核")


@both
@pytest.mark.parametrize(("card", "holder"), [("hpc", "陳怡君"), ("citizen_card", "林稽核")])
def test_rsa_and_ec_cards_sign_after_their_pin(
    rack: Rack, make_signer: MakeSigner, card: str, holder: str, request: pytest.FixtureRequest
) -> None:
    rack.insert(request.getfixturevalue(card))
    signer = make_signer(rack)
    with signer.open(rack.reader()) as session:
        assert common_name(session.certificate) == holder
        assert not session.pin_pad
        check_signature(session, session.sign(MESSAGE, pin=typed(PIN)))


@both
def test_13_wrong_pins_lock_the_card_and_the_right_one_does_not_help_then(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any]
) -> None:
    rack.insert(hpc)
    signer = make_signer(rack)
    told = []
    for _ in range(2):
        with signer.open(rack.reader()) as session, pytest.raises(PinWrong) as wrong:
            session.sign(MESSAGE, pin=typed("999999"))
        told.append(wrong.value.tries_left)
    assert told[0] in {2, None}  # a module's flags tell no number before the last try
    assert told[1] == 1
    with signer.open(rack.reader()) as session:
        assert session.tries_left() == 1
        with pytest.raises(PinLocked):
            session.sign(MESSAGE, pin=typed("999999"))
    rack.pull()
    rack.insert(hpc)
    with signer.open(rack.reader()) as session:
        assert session.tries_left() == 0
        with pytest.raises(PinLocked):
            session.sign(MESSAGE, pin=typed(PIN))


@both
@pytest.mark.parametrize("pin", ["", "12345", "123456789", "12a456"])
def test_a_pin_of_another_form_is_not_shown_to_the_card(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any], pin: str
) -> None:
    card = rack.insert(hpc)
    with make_signer(rack).open(rack.reader()) as session, pytest.raises(PinMalformed):
        session.sign(MESSAGE, pin=typed(pin))
    assert not [command for command in card.commands if command[1] == 0x20 and len(command) > 5]


@both
def test_the_pin_is_forgotten_by_the_card_after_the_signature(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any]
) -> None:
    rack.insert(hpc)
    inserted = rack.reader().insertion
    with another_program_connected(rack):  # else pcscd itself would cut the power after a while
        with make_signer(rack).open(rack.reader()) as session:
            session.sign(MESSAGE, pin=typed(PIN))
        assert tries_of(rack) == (b"", 0x63C3)
    assert rack.reader().insertion == inserted


def tries_of(rack: Rack) -> tuple[bytes, int]:
    """What the card answers to an empty VERIFY."""
    with rack.reader().connect() as connection:
        connection.transmit(bytes.fromhex("00A4040009A00000030800001000"))
        return connection.transmit(bytes.fromhex("00200080"))


@both
def test_a_card_pulled_before_the_pin_is_a_removal_and_works_when_put_back(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any]
) -> None:
    rack.insert(hpc)
    signer = make_signer(rack)
    with signer.open(rack.reader()) as session:
        rack.pull()
        with pytest.raises(CardRemoved):
            session.sign(MESSAGE, pin=typed(PIN))
    with pytest.raises(CardRemoved), signer.open(rack.reader()):
        raise AssertionError("an empty reader was opened")
    rack.insert(hpc)
    with signer.open(rack.reader()) as session:
        check_signature(session, session.sign(MESSAGE, pin=typed(PIN)))


@both
@pytest.mark.parametrize("commands", [1, 5, 9])
def test_a_card_pulled_in_the_middle_of_the_work_is_a_fault_of_the_card(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any], commands: int
) -> None:
    rack.insert(hpc | {"faults": {"pulled_after": commands}})

    def use() -> None:
        with make_signer(rack).open(rack.reader()) as session:
            assert session.chain
            session.sign(MESSAGE, pin=typed(PIN))

    with pytest.raises(CardError):
        use()


@both
def test_a_card_swapped_behind_the_page_never_sees_the_pin(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any], citizen_card: dict[str, Any]
) -> None:
    rack.insert(hpc)
    signer = make_signer(rack)

    def use() -> None:
        with signer.open(rack.reader()) as session:
            assert common_name(session.certificate) == "陳怡君"
            rack.pull()
            rack.insert(citizen_card)
            session.sign(MESSAGE, pin=typed(PIN))

    with pytest.raises(CardRemoved):
        use()
    other = rack.inside("ONE")
    assert not [command for command in other.commands if command[1] == 0x20 and len(command) > 5]


@both
def test_two_readers_hold_both_cards_of_a_pharmacy_and_each_is_recognised(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any]
) -> None:
    rack.insert(nhi_card(generation=2), "ONE")
    rack.insert(hpc, "TWO")
    recogniser = Recogniser(make_signer(rack))
    seen = recogniser.look(rack.backend.readers())
    by_name = {card.reader.name: card.kind for card in seen if card.insertion is not None}
    assert by_name == {
        rack.daemon.reader("ONE"): CardKind.NHI,
        rack.daemon.reader("TWO"): CardKind.HPC,
    }


@both
def test_one_reader_serves_both_cards_in_turn(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any]
) -> None:
    recogniser = Recogniser(make_signer(rack))
    kinds = []
    for content in (hpc, nhi_card(), hpc):
        rack.insert(content)
        kinds.append(recogniser.look([rack.reader()])[0].kind)
        rack.pull()
    assert kinds == [CardKind.HPC, CardKind.NHI, CardKind.HPC]


def test_a_card_known_to_be_no_nhi_card_is_not_asked_again_after_reinsertion(
    rack: Rack, hpc: dict[str, Any]
) -> None:
    recogniser = Recogniser(plain(rack))
    reads = []
    for _ in range(2):
        card = rack.insert(hpc)
        for _ in range(3):
            assert recogniser.look([rack.reader()])[0].kind is CardKind.HPC
        reads.append(len([command for command in card.commands if command[1] == 0xCA]))
        rack.pull()
    assert reads[0] >= 1
    assert reads[1] == 0


def test_an_inserted_nhi_card_is_asked_once_however_often_one_looks(rack: Rack) -> None:
    card = rack.insert(nhi_card(generation=2))
    recogniser = Recogniser(plain(rack))
    looks = [recogniser.look([rack.reader()])[0] for _ in range(3)]
    assert {seen.kind for seen in looks} == {CardKind.NHI}
    assert len(card.commands) == 2  # SELECT and READ


@both
def test_a_card_of_an_issuer_we_do_not_know_is_foreign(
    rack: Rack, make_signer: MakeSigner, hpc: dict[str, Any]
) -> None:
    from tests.agent.pki import issue_by_stranger

    stranger = issue_by_stranger("A. Stranger")
    rack.insert(pki_card(stranger, stranger, holder="A. Stranger"))
    seen = Recogniser(make_signer(rack)).look([rack.reader()])[0]
    assert (seen.kind, seen.label, seen.certain) == (None, "UNKNOWN", True)


@both
def test_an_nhi_card_has_nothing_to_sign_with(rack: Rack, make_signer: MakeSigner) -> None:
    rack.insert(nhi_card())
    with pytest.raises(CardUnreadable), make_signer(rack).open(rack.reader()):
        raise AssertionError("an NHI card was opened for signing")
