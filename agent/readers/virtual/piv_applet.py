"""The application of a virtual card with key and PIN: the part of PIV that signing needs."""

import hmac
from collections.abc import Sequence
from dataclasses import dataclass

from cryptography import x509
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import Prehashed
from cryptography.hazmat.primitives.serialization import Encoding

from agent.cards import tlv
from agent.cards.pin import LONGEST, PAD
from agent.cards.piv import (
    AID,
    AUTHENTICATION_CERTIFICATE,
    AUTHENTICATION_KEY,
    BLOCKED,
    CURVES,
    FIRST_INTERMEDIATE,
    PIN_REFERENCE,
    RSA_ALGORITHMS,
)
from agent.readers.virtual.card import OK, Request

PrivateKey = rsa.RSAPrivateKey | ec.EllipticCurvePrivateKey
FORGET = 0xFF


@dataclass
class PinCounter:
    """The card's memory of wrong PINs. It outlives the insertion, as on a real card."""

    most: int
    left: int


class PivApplet:
    aid = AID

    def __init__(
        self,
        *,
        pin: str,
        counter: PinCounter,
        key: PrivateKey,
        chain: Sequence[x509.Certificate],
    ) -> None:
        self._pin = pin.encode("ascii").ljust(LONGEST, bytes([PAD]))
        self._counter = counter
        self._key = key
        self._verified = False
        tags = [AUTHENTICATION_CERTIFICATE]
        tags += [f"{FIRST_INTERMEDIATE + number:06x}" for number in range(len(chain) - 1)]
        self._objects = {
            tag: _container(certificate) for tag, certificate in zip(tags, chain, strict=True)
        }

    def reset(self) -> None:
        self._verified = False

    def select(self) -> tuple[bytes, int]:
        return tlv.build("61", tlv.build("4f", AID[5:]) + tlv.build("79", AID[:5])), OK

    def handle(self, request: Request) -> tuple[bytes, int]:
        match request.ins:
            case 0x20:
                return b"", self._verify(request)
            case 0x87:
                return self._authenticate(request)
            case 0xCB if (request.p1, request.p2) == (0x3F, 0xFF):
                return self._get_data(request)
        return b"", 0x6D00

    def _get_data(self, request: Request) -> tuple[bytes, int]:
        try:
            found = self._objects.get(tlv.parse(request.data).get("5c", b"").hex())
        except ValueError:
            return b"", 0x6A80
        return (found, OK) if found is not None else (b"", 0x6A82)

    def _verify(self, request: Request) -> int:
        if request.p2 != PIN_REFERENCE:
            return 0x6A88
        if request.p1 == FORGET:
            self._verified = False
            return OK
        if not request.data:
            return OK if self._verified else self._tries()
        if not self._counter.left:
            return BLOCKED
        if len(request.data) != LONGEST:
            return 0x6A80
        self._verified = hmac.compare_digest(request.data, self._pin)
        self._counter.left = self._counter.most if self._verified else self._counter.left - 1
        return OK if self._verified else self._tries()

    def _tries(self) -> int:
        return 0x63C0 | self._counter.left if self._counter.left else BLOCKED

    def _authenticate(self, request: Request) -> tuple[bytes, int]:
        if request.p2 != AUTHENTICATION_KEY:
            return b"", 0x6A88
        if not self._verified:
            return b"", 0x6982
        try:
            challenge = tlv.parse(tlv.parse(request.data)["7c"])["81"]
            signature = _sign(self._key, request.p1, challenge)
        except (ValueError, KeyError):
            return b"", 0x6A80
        return tlv.build("7c", tlv.build("82", signature)), OK


def _container(certificate: x509.Certificate) -> bytes:
    """A PIV certificate object: certificate, CertInfo (not compressed), error detection code."""
    fields = tlv.build("70", certificate.public_bytes(Encoding.DER))
    return tlv.build("53", fields + tlv.build("71", b"\x00") + tlv.build("fe", b""))


def _sign(key: PrivateKey, algorithm: int, challenge: bytes) -> bytes:
    """Raises ValueError when algorithm or length do not fit the key."""
    if isinstance(key, ec.EllipticCurvePrivateKey):
        curve = CURVES[key.curve.name]
        if algorithm != curve.algorithm or len(challenge) != curve.digest.digest_size:
            raise ValueError
        return key.sign(challenge, ec.ECDSA(Prehashed(curve.digest)))
    size = key.key_size // 8
    if algorithm != RSA_ALGORITHMS[key.key_size] or len(challenge) != size:
        raise ValueError
    return _bare_rsa(key.private_numbers(), int.from_bytes(challenge, "big")).to_bytes(size, "big")


def _bare_rsa(numbers: rsa.RSAPrivateNumbers, message: int) -> int:
    """The private operation without padding, as PIV has it (the host pads); by the two primes."""
    if message >= numbers.public_numbers.n:
        raise ValueError
    by_p = pow(message, numbers.dmp1, numbers.p)
    by_q = pow(message, numbers.dmq1, numbers.q)
    return by_q + numbers.q * ((by_p - by_q) * numbers.iqmp % numbers.p)
