"""What signs visits and prescriptions: keys outside the database, in the file of settings.HIS_KEYS.

{"current": "k1", "keys": {"k1": {"visit": "<base64>", "prescription": "<base64>"}}}, 32 bytes each:
the seed of an Ed25519 key, and a key for HMAC-SHA256. To rotate, add a key and make it current; the
old ones stay in the file as long as their signatures are to be verified.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
LONGEST_KEY_ID = 8


@dataclass(frozen=True)
class Key:
    """One generation. `id` has at most 8 letters, digits and hyphens: it stands in each signature."""

    id: str
    visit: Ed25519PrivateKey = field(repr=False)
    prescription: bytes = field(repr=False)

    @property
    def public(self) -> bytes:
        """The 32 bytes of the public key."""
        return self.visit.public_key().public_bytes_raw()


@dataclass(frozen=True)
class KeyRing:
    current: Key
    all: tuple[Key, ...]

    def find(self, key_id: str) -> Key | None:
        return next((key for key in self.all if key.id == key_id), None)


def key_ring() -> KeyRing:
    """The keys of this process; ImproperlyConfigured when the file is missing or wrong."""
    return _load(settings.HIS_KEYS)


@lru_cache
def _load(path: str) -> KeyRing:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        keys = tuple(_key(name, parts) for name, parts in sorted(content["keys"].items()))
        current = next(key for key in keys if key.id == content["current"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        # Without the cause: its text may quote the file.
        raise ImproperlyConfigured(
            f"The keys of visits cannot be read ({type(error).__name__}); "
            "apps/visits/keys.py describes the file, ANKANG_HIS_KEYS names it."
        ) from None
    return KeyRing(current, keys)


def _key(name: str, parts: dict[str, str]) -> Key:
    if not (0 < len(name) <= LONGEST_KEY_ID and name.isascii() and name.isalnum()):
        raise ValueError("key id")
    seed, secret = _secret(parts["visit"]), _secret(parts["prescription"])
    return Key(name, Ed25519PrivateKey.from_private_bytes(seed), secret)


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
    if len(secret) != KEY_BYTES:
        raise ValueError("length")
    return secret
