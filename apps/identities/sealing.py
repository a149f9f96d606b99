"""Sealing what must be readable again, and digests of what must only be found.

AES-256-GCM-SIV (RFC 8452) survives a repeated nonce; the associated data binds a sealed value to
its row, so that nobody with write access can move one person's number to another's row.
"""

import hashlib
import hmac
import os

from cryptography.exceptions import InvalidTag
from cryptography.hazmat.primitives.ciphers.aead import AESGCMSIV

from apps.identities.keys import Key, key_ring

NONCE_BYTES = 12


class SealError(Exception):
    """A sealed value does not belong where it stands, was changed, or its key is gone."""


def seal(plain: bytes, *, bound_to: bytes) -> tuple[str, bytes]:
    """The id of the current key, and nonce + ciphertext + tag.

    `bound_to` names the kind of row and the row; unsealing needs the same.
    """
    key = key_ring().current
    nonce = os.urandom(NONCE_BYTES)
    return key.id, nonce + AESGCMSIV(key.seal).encrypt(nonce, plain, bound_to)


def unseal(sealed: bytes, *, key_id: str, bound_to: bytes) -> bytes:
    """What `seal` was given; raises SealError."""
    key = key_ring().find(key_id)
    if key is None:
        raise SealError(f"there is no key {key_id!r}")
    try:
        return AESGCMSIV(key.seal).decrypt(sealed[:NONCE_BYTES], sealed[NONCE_BYTES:], bound_to)
    except (InvalidTag, ValueError) as error:
        raise SealError("the sealed value was changed or moved") from error


def keyed_digest(key: Key, kind: str, value: str) -> bytes:
    """HMAC-SHA256 over kind, a zero byte and the normalized value, under the look-up key. 32 bytes."""
    return hmac.digest(key.lookup, f"{kind}\0{value}".encode(), hashlib.sha256)
