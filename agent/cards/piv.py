"""A session with a PIV card (NIST SP 800-73-4): certificates, PIN, one signature.

It uses the authentication key (9A). Intermediates are looked for among the retired certificates
(5FC10D and following), the only place where such a card has room for them.
"""

import zlib
from dataclasses import dataclass
from functools import cached_property

from cryptography import x509
from cryptography.exceptions import UnsupportedAlgorithm
from cryptography.hazmat.primitives import hashes
from cryptography.hazmat.primitives.asymmetric import ec, rsa
from cryptography.hazmat.primitives.asymmetric.utils import decode_dss_signature

from agent.apdu import OK, Answer, Command, Transmitter, send
from agent.cards import tlv
from agent.cards.errors import CardUnreadable, PinLocked, PinMalformed, PinWrong
from agent.cards.pin import Pin, wipe

AID = bytes.fromhex("A000000308000010000100")
AUTHENTICATION_CERTIFICATE = "5fc105"
FIRST_INTERMEDIATE = 0x5FC10D
MOST_INTERMEDIATES = 3
AUTHENTICATION_KEY = 0x9A
PIN_REFERENCE = 0x80
BLOCKED = 0x6983
# Bits of a key and what PIV calls it: SP 800-78-5 table 9; 4096 is the vendors' (0x16). Whether a key is
# long enough is the server's to say, so that the person reads that and not that the card is broken.
RSA_ALGORITHMS = {1024: 0x06, 2048: 0x07, 3072: 0x05, 4096: 0x16}
# DigestInfo of SHA-256, RFC 8017 section 9.2 note 1
SHA256_DIGEST_INFO = bytes.fromhex("3031300d060960864801650304020105000420")


@dataclass(frozen=True)
class Curve:
    """How a curve signs: JOSE name and digest (RFC 7518 section 3.4), PIV's name, bytes of r and of s."""

    jose: str
    algorithm: int
    digest: hashes.HashAlgorithm
    coordinate: int


CURVES = {
    "secp256r1": Curve("ES256", 0x11, hashes.SHA256(), 32),
    "secp384r1": Curve("ES384", 0x14, hashes.SHA384(), 48),
}


class PivSession:
    """One connected card. Opening it selects the applet, or raises CardUnreadable."""

    def __init__(self, card: Transmitter) -> None:
        self._card = card
        if not send(card, Command(0x00, 0xA4, 0x04, 0x00, AID, le=256)).ok:
            raise CardUnreadable("the card has no PIV application")

    @cached_property
    def certificate(self) -> x509.Certificate:
        """The holder's certificate. Raises CardUnreadable."""
        certificate = self._certificate(AUTHENTICATION_CERTIFICATE)
        if certificate is None:
            raise CardUnreadable("the card holds no certificate")
        return certificate

    @cached_property
    def chain(self) -> list[x509.Certificate]:
        """The holder's certificate and the intermediates the card holds, leaf first."""
        chain = [self.certificate]
        for number in range(MOST_INTERMEDIATES):
            found = self._certificate(f"{FIRST_INTERMEDIATE + number:06x}")
            if found is None:
                break
            chain.append(found)
        return chain

    def tries_left(self) -> int | None:
        """How often the PIN may still be wrong; 0 when locked, None when already verified."""
        _, status = self._card.transmit(bytes([0x00, 0x20, 0x00, PIN_REFERENCE]))
        if status == OK:
            return None
        return _tries(status)

    def verify(self, pin: Pin) -> None:
        """Show the PIN to the card. Raises PinMalformed (not sent), PinWrong, PinLocked."""
        if not pin.well_formed:
            raise PinMalformed
        command = bytearray([0x00, 0x20, 0x00, PIN_REFERENCE, 8])
        padded = pin.padded()
        command += padded
        try:
            _, status = self._card.transmit(command)
        finally:
            wipe(command)
            wipe(padded)
        if status == OK:
            return
        left = _tries(status)
        if left:
            raise PinWrong(left)
        raise PinLocked

    def log_out(self) -> None:
        """Make the card forget that the PIN was shown, whoever uses the reader next."""
        self._card.transmit(bytes([0x00, 0x20, 0xFF, PIN_REFERENCE]))

    @property
    def algorithm(self) -> str:
        """The JOSE name of the signature this card makes. Raises CardUnreadable for other keys."""
        return jose_algorithm(self.certificate)

    def sign(self, message: bytes) -> bytes:
        """A signature over the digest of `message`, in JOSE form. The PIN must have been shown."""
        key = _key_of(self.certificate)
        if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_ALGORITHMS:
            block = _pkcs1_block(_digest(message, hashes.SHA256()), key.key_size // 8)
            return self._authenticate(RSA_ALGORITHMS[key.key_size], block)
        curve = _curve_of(self.certificate)
        challenge = _digest(message, curve.digest)
        try:
            r, s = decode_dss_signature(self._authenticate(curve.algorithm, challenge))
            return r.to_bytes(curve.coordinate, "big") + s.to_bytes(curve.coordinate, "big")
        except (ValueError, OverflowError) as error:
            raise CardUnreadable("the card's signature is not one") from error

    def _authenticate(self, algorithm: int, challenge: bytes) -> bytes:
        template = tlv.build("7c", tlv.build("82", b"") + tlv.build("81", challenge))
        command = Command(0x00, 0x87, algorithm, AUTHENTICATION_KEY, template, le=256)
        outer = _objects(_expect(send(self._card, command), "GENERAL AUTHENTICATE"))
        signature = _objects(outer.get("7c", b"")).get("82", b"")
        if not signature:
            raise CardUnreadable("the card answered without a signature")
        return signature

    def _certificate(self, tag: str) -> x509.Certificate | None:
        query = tlv.build("5c", bytes.fromhex(tag))
        answer = send(self._card, Command(0x00, 0xCB, 0x3F, 0xFF, query, le=256))
        if not answer.ok:
            return None
        fields = _objects(_objects(answer.data).get("53", b""))
        der, compressed = fields.get("70", b""), fields.get("71", b"\x00") == b"\x01"
        if not der:
            return None
        try:
            return x509.load_der_x509_certificate(_inflate(der) if compressed else der)
        except ValueError as error:
            raise CardUnreadable("the card's certificate cannot be read") from error


def jose_algorithm(certificate: x509.Certificate) -> str:
    """What a card with this certificate signs with. Raises CardUnreadable for keys that we do not know."""
    key = _key_of(certificate)
    if isinstance(key, rsa.RSAPublicKey) and key.key_size in RSA_ALGORITHMS:
        return "RS256"
    return _curve_of(certificate).jose


def _key_of(certificate: x509.Certificate) -> object:
    try:
        return certificate.public_key()
    except (ValueError, UnsupportedAlgorithm) as error:
        raise CardUnreadable("the card's key is of a kind that nobody knows") from error


def _curve_of(certificate: x509.Certificate) -> Curve:
    key = _key_of(certificate)
    if isinstance(key, ec.EllipticCurvePublicKey) and key.curve.name in CURVES:
        return CURVES[key.curve.name]
    raise CardUnreadable("the card's key is neither RSA nor on P-256 or P-384")


def _digest(message: bytes, algorithm: hashes.HashAlgorithm) -> bytes:
    digest = hashes.Hash(algorithm)
    digest.update(message)
    return digest.finalize()


def _tries(status: int) -> int:
    """Tries in a status word of VERIFY. Raises CardUnreadable when it speaks of none."""
    if status == BLOCKED:
        return 0
    if status & 0xFFF0 == 0x63C0:
        return status & 0x0F
    raise CardUnreadable(f"VERIFY answered {status:04X}")


def _pkcs1_block(digest: bytes, size: int) -> bytes:
    """EMSA-PKCS1-v1_5 for a key of `size` bytes: the card only does the bare RSA operation."""
    info = SHA256_DIGEST_INFO + digest
    return b"\x00\x01" + b"\xff" * (size - 3 - len(info)) + b"\x00" + info


def _inflate(data: bytes) -> bytes:
    """A gzip-compressed certificate, at most 64 kB of it."""
    try:
        return zlib.decompressobj(wbits=31).decompress(data, 64 * 1024)
    except zlib.error as error:
        raise ValueError("not gzip") from error


def _expect(answer: Answer, what: str) -> bytes:
    if not answer.ok:
        raise CardUnreadable(f"{what} answered {answer.status:04X}")
    return answer.data


def _objects(data: bytes) -> dict[str, bytes]:
    try:
        return tlv.parse(data)
    except ValueError as error:
        raise CardUnreadable("the card's answer is not BER-TLV") from error
