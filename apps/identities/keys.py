"""The keys of identities: outside the database and apart from SECRET_KEY (DESIGN section 5).

The file of settings.IDENTITY_KEYS, each key 32 bytes:
{"current": "k1", "keys": {"k1": {"lookup": "<base64>", "seal": "<base64>"}}}
To rotate: add the new key everywhere, then make it current everywhere, rotate every identifier,
then remove the old one.
"""

import base64
import binascii
import json
from dataclasses import dataclass, field
from functools import lru_cache
from pathlib import Path

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32
LONGEST_KEY_ID = 16


@dataclass(frozen=True)
class Key:
    """One generation: `lookup` for HMAC-SHA256, `seal` for AES-256-GCM-SIV."""

    id: str
    lookup: bytes = field(repr=False)
    seal: bytes = field(repr=False)


@dataclass(frozen=True)
class KeyRing:
    """All keys in use. New digests and seals are made under `current`; the others are on their way out."""

    current: Key
    live: tuple[Key, ...]

    def find(self, key_id: str) -> Key | None:
        return next((key for key in self.live if key.id == key_id), None)


def key_ring() -> KeyRing:
    """The keys of this process; ImproperlyConfigured when the file is missing or wrong."""
    return _load(settings.IDENTITY_KEYS)


@lru_cache
def _load(path: str) -> KeyRing:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        live = tuple(_key(name, parts) for name, parts in sorted(content["keys"].items()))
        current = next(key for key in live if key.id == content["current"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        # Without the cause: its text may quote the file.
        raise ImproperlyConfigured(
            f"The identity keys cannot be read ({type(error).__name__}); "
            "apps/identities/keys.py describes the file."
        ) from None
    return KeyRing(current=current, live=live)


def _key(name: str, parts: dict[str, str]) -> Key:
    if not 0 < len(name) <= LONGEST_KEY_ID:
        raise ValueError("key id")
    return Key(id=name, lookup=_secret(parts["lookup"]), seal=_secret(parts["seal"]))


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
    if len(secret) != KEY_BYTES:
        raise ValueError("length")
    return secret
