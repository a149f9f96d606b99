"""The 256 characters of a visit, and the 40 of a prescription (docs/reference/his.md).

A visit's signature is base64 of 192 bytes: a statement of 128 bytes and its Ed25519 signature of 64.
Whoever has the public key can read and verify it without us. A prescription's is HMAC-SHA256, the
first 240 bits in base64: only the server can tell whether it is right.
"""

import base64
import binascii
import hashlib
import hmac
import os
from dataclasses import dataclass
from typing import Self

from cryptography.exceptions import InvalidSignature

from apps.visits.keys import key_ring

MAGIC = b"AKV1"
STATEMENT_BYTES = 128
SALT_BYTES = 22
VISIT_LENGTH = 256
PRESCRIPTION_LENGTH = 40
_PATIENT = b"ankang-visit/1\n"
_PRESCRIPTION = b"ankang-prescription/1\n"
_WIDTHS = {
    "key_id": 8,
    "visited_at": 13,
    "sequence": 4,
    "institution": 10,
    "module": 12,
    "same_day": 1,
    "treat_item": 2,
    "identifier": 20,
}
_CUT = 30  # bytes: 240 bits are 40 characters of base64


@dataclass(frozen=True)
class Patient:
    """Whom a visit is about, as it stands on the card; `birth_date` is YYYMMDD of the Republic."""

    card_number: str
    national_id: str
    birth_date: str

    def digest(self, salt: bytes) -> bytes:
        told = f"{self.card_number}{self.national_id}{self.birth_date}".encode("ascii")
        return hashlib.sha256(_PATIENT + salt + told).digest()


@dataclass(frozen=True)
class Statement:
    """What a visit's signature says: MAGIC, the texts of _WIDTHS, 32 bytes of patient, 22 of salt."""

    key_id: str
    visited_at: str  # YYYMMDDhhmmss
    sequence: str
    institution: str
    module: str
    same_day: str  # Y or N
    treat_item: str
    identifier: str
    patient: bytes  # SHA-256 over prefix, salt, card number, national ID, birth date
    salt: bytes

    def encode(self) -> bytes:
        text = "".join(f"{getattr(self, name):<{width}}" for name, width in _WIDTHS.items())
        return MAGIC + text.encode("ascii") + self.patient + self.salt

    @classmethod
    def decode(cls, statement: bytes) -> Self:
        """Raises ValueError for anything that `encode` did not write."""
        if len(statement) != STATEMENT_BYTES or not statement.startswith(MAGIC):
            raise ValueError("not a visit's statement")
        fields, rest = {}, statement[4:74].decode("ascii")
        for name, width in _WIDTHS.items():
            fields[name], rest = rest[:width].rstrip(" "), rest[width:]
        return cls(**fields, patient=statement[74:106], salt=statement[106:])

    def is_about(self, patient: Patient) -> bool:
        return hmac.compare_digest(self.patient, patient.digest(self.salt))


def sign_visit(
    *,
    patient: Patient,
    visited_at: str,
    sequence: str,
    institution: str,
    module: str,
    same_day: str,
    treat_item: str,
    identifier: str,
) -> str:
    """256 ASCII characters under the current key."""
    key, salt = key_ring().current, os.urandom(SALT_BYTES)
    statement = Statement(
        key_id=key.id,
        visited_at=visited_at,
        sequence=sequence,
        institution=institution,
        module=module,
        same_day=same_day,
        treat_item=treat_item,
        identifier=identifier,
        patient=patient.digest(salt),
        salt=salt,
    ).encode()
    return base64.b64encode(statement + key.visit.sign(statement)).decode("ascii")


def read_signature(signature: str) -> Statement | None:
    """What a visit's signature says, when one of our keys made it; None otherwise."""
    try:
        signed = base64.b64decode(signature, validate=True)
        statement = Statement.decode(signed[:STATEMENT_BYTES])
        key = key_ring().find(statement.key_id)
        if key is None:
            return None
        key.visit.public_key().verify(signed[STATEMENT_BYTES:], signed[:STATEMENT_BYTES])
    except (binascii.Error, ValueError, InvalidSignature):
        return None
    return statement


def sign_order(*, identifier: str, national_id: str, order: bytes) -> str:
    """40 ASCII characters over a visit's identifier, its patient and the 61 bytes of an order."""
    return _mac(key_ring().current.prescription, identifier, national_id, order)


def is_order_signature(signature: str, *, identifier: str, national_id: str, order: bytes) -> bool:
    """Whether one of our keys made this signature over exactly these."""
    made = [_mac(key.prescription, identifier, national_id, order) for key in key_ring().live]
    return any(hmac.compare_digest(signature.encode(), each.encode()) for each in made)


def _mac(key: bytes, identifier: str, national_id: str, order: bytes) -> str:
    told = _PRESCRIPTION + identifier.encode() + national_id.encode() + order
    return base64.b64encode(hmac.digest(key, told, "sha256")[:_CUT]).decode("ascii")
