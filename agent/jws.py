"""Compact JSON Web Signatures (RFC 7515): with the agent's key, or around a card's signature."""

import base64
import hashlib
import json
from collections.abc import Callable, Mapping, Sequence
from typing import Protocol

from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

AGENT_TYPE = "ankang-agent+jwt"
CARD_TYPE = "ankang-card+jwt"


class SigningKey(Protocol):
    """What `sign_by_agent` needs of the agent's key."""

    @property
    def jwk(self) -> dict[str, str]: ...

    def sign(self, message: bytes) -> bytes: ...


def base64url(data: bytes) -> str:
    """Unpadded URL-safe base64, as JOSE writes it."""
    return base64.urlsafe_b64encode(data).rstrip(b"=").decode("ascii")


def canonical(value: object) -> bytes:
    """UTF-8 JSON with sorted keys, no spaces and no ASCII escapes: the same bytes on both sides."""
    text = json.dumps(value, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return text.encode("utf-8")


def reading_digest(reading: Mapping[str, object] | None) -> str:
    """The digest that both signatures carry for a reading; "" without one."""
    return base64url(hashlib.sha256(canonical(reading)).digest()) if reading is not None else ""


def sign_by_agent(key: SigningKey, payload: Mapping[str, object]) -> str:
    """A compact EdDSA JWS whose header names the agent's public key."""
    header = {"alg": "EdDSA", "typ": AGENT_TYPE, "jwk": key.jwk}
    signing_input = _signing_input(header, payload)
    return _assemble(signing_input, key.sign(signing_input))


def sign_by_card(
    payload: Mapping[str, object],
    *,
    algorithm: str,
    chain: Sequence[Certificate],
    sign: Callable[[bytes], bytes],
) -> str:
    """A compact JWS around a signature made on a card.

    `chain` goes into x5c, leaf first; `sign` gets the signing input and answers the JOSE form of
    the signature (RS256: PKCS #1 v1.5; ES256, ES384: r and s side by side, RFC 7518 section 3.4).
    """
    x5c = [base64.b64encode(c.public_bytes(Encoding.DER)).decode("ascii") for c in chain]
    signing_input = _signing_input({"alg": algorithm, "typ": CARD_TYPE, "x5c": x5c}, payload)
    return _assemble(signing_input, sign(signing_input))


def _signing_input(header: Mapping[str, object], payload: Mapping[str, object]) -> bytes:
    return f"{base64url(canonical(header))}.{base64url(canonical(payload))}".encode("ascii")


def _assemble(signing_input: bytes, signature: bytes) -> str:
    return f"{signing_input.decode('ascii')}.{base64url(signature)}"
