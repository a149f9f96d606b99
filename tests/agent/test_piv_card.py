"""PINs, locks and signatures of cards with a key, checked with the holder's public key."""

import gzip

import pytest
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, padding, rsa
from cryptography.hazmat.primitives.asymmetric.utils import encode_dss_signature
from cryptography.hazmat.primitives.serialization import Encoding

from agent.apdu import Command, send
from agent.cards import tlv
from agent.cards.errors import CardUnreadable, PinLocked, PinMalformed, PinWrong
from agent.cards.pin import Pin
from agent.cards.piv import PivSession
from agent.readers.virtual.card import VirtualCard
from agent.readers.virtual.piv_applet import PinCounter, PivApplet
from tests.agent.card_folder import PIN
from tests.agent.pki import Issued
from tests.agent.test_apdus import ScriptedCard


class Connected:
    def __init__(self, card: VirtualCard) -> None:
        self._card = card
        self.commands = 0

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        self.commands += 1
        return self._card.process(apdu)


def connect(issued: Issued, ca: Issued, tries: int = 3) -> Connected:
    applet = PivApplet(
        pin=PIN,
        counter=PinCounter(most=tries, left=tries),
        key=issued.key,
        chain=[issued.certificate, ca.certificate],
    )
    return Connected(VirtualCard(applet))


def pin(digits: str) -> Pin:
    return Pin(bytearray(digits.encode()))


def test_the_card_hands_out_the_holders_certificate_and_its_intermediate(
    pharmacist: Issued, ca: Issued
) -> None:
    session = PivSession(connect(pharmacist, ca))
    assert session.chain == [pharmacist.certificate, ca.certificate]


def test_an_rsa_card_signs_rs256(pharmacist: Issued, ca: Issued) -> None:
    session = PivSession(connect(pharmacist, ca))
    session.verify(pin(PIN))
    assert session.algorithm == "RS256"
    key = pharmacist.certificate.public_key()
    assert isinstance(key, rsa.RSAPublicKey)
    key.verify(session.sign(b"message"), b"message", padding.PKCS1v15(), hashes.SHA256())


def test_a_p256_card_signs_es256_with_two_bare_numbers(citizen: Issued, ca: Issued) -> None:
    session = PivSession(connect(citizen, ca))
    session.verify(pin(PIN))
    assert session.algorithm == "ES256"
    signature = session.sign(b"message")
    assert len(signature) == 64
    der = encode_dss_signature(
        int.from_bytes(signature[:32], "big"), int.from_bytes(signature[32:], "big")
    )
    key = citizen.certificate.public_key()
    assert isinstance(key, ec.EllipticCurvePublicKey)
    key.verify(der, b"message", ec.ECDSA(hashes.SHA256()))


def test_without_the_pin_and_after_logging_out_nothing_is_signed(
    pharmacist: Issued, ca: Issued
) -> None:
    session = PivSession(connect(pharmacist, ca))
    with pytest.raises(CardUnreadable, match="6982"):
        session.sign(b"message")
    session.verify(pin(PIN))
    session.log_out()
    with pytest.raises(CardUnreadable, match="6982"):
        session.sign(b"message")


def test_tries_count_down_to_the_lock_and_the_right_pin_refills_them(
    citizen: Issued, ca: Issued
) -> None:
    session = PivSession(connect(citizen, ca))
    for left in (2, 1):
        with pytest.raises(PinWrong) as wrong:
            session.verify(pin("000000"))
        assert wrong.value.tries_left == session.tries_left() == left
    session.verify(pin(PIN))
    assert session.tries_left() is None
    session.log_out()
    assert session.tries_left() == 3
    for expected in (PinWrong, PinWrong, PinLocked, PinLocked):
        with pytest.raises(expected):
            session.verify(pin("000000"))
    with pytest.raises(PinLocked):
        session.verify(pin(PIN))
    assert session.tries_left() == 0


@pytest.mark.parametrize("digits", ["", "12345", "123456789", "12345x", "１２３４５６"])
def test_a_malformed_pin_never_reaches_the_card(citizen: Issued, ca: Issued, digits: str) -> None:
    card = connect(citizen, ca)
    session = PivSession(card)
    before = card.commands
    with pytest.raises(PinMalformed):
        session.verify(pin(digits))
    assert card.commands == before
    assert session.tries_left() == 3


def test_a_pin_is_padded_shown_and_overwritten() -> None:
    digits = bytearray(b"123456")
    with Pin(digits) as typed:
        card = ScriptedCard(
            ("00a404000ba00000030800001000010000", "9000"),
            ("0020008008313233343536ffff", "9000"),
        )
        PivSession(card).verify(typed)
        assert "123456" not in repr(typed)
    assert digits == bytes(6)


def test_a_compressed_certificate_is_read(citizen: Issued, ca: Issued) -> None:
    der = gzip.compress(citizen.certificate.public_bytes(Encoding.DER))
    fields = tlv.build("70", der) + tlv.build("71", b"\x01") + tlv.build("fe", b"")

    class Card:
        def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
            return (tlv.build("53", fields) if apdu[1] == 0xCB else b""), 0x9000

    assert PivSession(Card()).certificate == citizen.certificate


@pytest.mark.parametrize("answer", ["", "5300", "5303700100", "7001", "53067004deadbeef"])
def test_nonsense_instead_of_a_certificate_is_unreadable(answer: str) -> None:
    class Card:
        def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
            return (bytes.fromhex(answer) if apdu[1] == 0xCB else b""), 0x9000

    with pytest.raises(CardUnreadable):
        _ = PivSession(Card()).certificate


def test_a_card_without_the_application_is_unreadable() -> None:
    with pytest.raises(CardUnreadable):
        PivSession(ScriptedCard(("00a404000ba00000030800001000010000", "6a82")))


@pytest.mark.parametrize(
    ("algorithm", "challenge", "status"),
    [(0x07, b"\xff" * 256, 0x6A80), (0x07, bytes(32), 0x6A80), (0x11, bytes(32), 0x6A80)],
)
def test_the_virtual_card_refuses_what_its_key_cannot_sign(
    pharmacist: Issued, ca: Issued, algorithm: int, challenge: bytes, status: int
) -> None:
    card = connect(pharmacist, ca)
    PivSession(card).verify(pin(PIN))
    template = tlv.build("7c", tlv.build("82", b"") + tlv.build("81", challenge))
    assert send(card, Command(0x00, 0x87, algorithm, 0x9A, template, le=256)).status == status
