"""Files with generations of keys, outside the database (DESIGN section 5).

{"current": "k1", "keys": {"k1": {"<part>": "<base64 of 32 bytes>", …}}}. Whoever owns such a file
says what its parts are; a process reads it once.
"""

import base64
import binascii
import json
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path
from typing import Any, Generic, Protocol, TypeVar

from django.core.exceptions import ImproperlyConfigured

KEY_BYTES = 32


class Generation(Protocol):
    @property
    def id(self) -> str: ...


K = TypeVar("K", bound=Generation)


@dataclass(frozen=True)
class KeyRing(Generic[K]):
    """All keys in use. What is new is made under `current`; the others are on their way out."""

    current: K
    live: tuple[K, ...]

    def find(self, key_id: str) -> K | None:
        return next((key for key in self.live if key.id == key_id), None)


@dataclass(frozen=True)
class KeyFile(Generic[K]):
    """One kind of file. `make` builds a generation out of its id and the bytes of each part in order.

    `accepts` says whether a text may be an id; `what` and `described_in` stand in the fault.
    """

    what: str
    described_in: str
    parts: Sequence[str]
    make: Callable[..., K]
    accepts: Callable[[str], bool]

    def read(self, path: str) -> KeyRing[K]:
        """The keys of this process; ImproperlyConfigured when the file is missing or wrong."""
        return _load(self, path)


@lru_cache
def _load(kind: KeyFile[Any], path: str) -> KeyRing[Any]:
    try:
        content = json.loads(Path(path).read_text(encoding="utf-8"))
        live = tuple(_key(kind, name, parts) for name, parts in sorted(content["keys"].items()))
        current = next(key for key in live if key.id == content["current"])
    except (OSError, ValueError, KeyError, TypeError, AttributeError, StopIteration) as error:
        # Without the cause: its text may quote the file.
        raise ImproperlyConfigured(
            f"{kind.what} cannot be read ({type(error).__name__}); "
            f"{kind.described_in} describes the file."
        ) from None
    return KeyRing(current, live)


def _key(kind: KeyFile[K], name: str, parts: dict[str, str]) -> K:
    if not kind.accepts(name):
        raise ValueError("key id")
    return kind.make(name, *(_secret(parts[part]) for part in kind.parts))


def _secret(text: str) -> bytes:
    try:
        secret = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError("base64") from error
    if len(secret) != KEY_BYTES:
        raise ValueError("length")
    return secret
