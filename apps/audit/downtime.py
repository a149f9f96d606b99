"""Emergency downtime: a signed journal on this machine for what the log cannot take (FEATURES F9).

"No row, no data" would take the emergency query away from an emergency room when the log fails. So for
the services of settings.SEALING_EXEMPT, and for the logins that lead there, an event that the database
refuses is written here instead: signed, each line bound to the one before, on the disk before the
answer leaves. When the log is back every line is brought in, once, and the review queue shows it
(docs/how-to/downtime.md). That the end of the journal is there, apps.audit.marks tells.
"""

import base64
import fcntl
import hashlib
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from uuid import UUID, uuid4

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey
from cryptography.hazmat.primitives.hashes import SHA256
from cryptography.hazmat.primitives.kdf.hkdf import HKDF
from django.conf import settings

from apps.audit.memory import sync_folder
from apps.audit.terms import Action, Outcome
from apps.core import clock

# Of a downtime of hours: whoever's login ended gets back in, with the card as always, and nobody stays
# logged in because the log fails. None of these shows anything of a patient.
ON_THE_WAY = frozenset({Action.LOG_IN.value, Action.LOG_OUT.value, Action.REMOVE_CARD.value})
FIRST = "0" * 64  # what the first line names as the one before it
_PIECE = 4096  # bytes read at once from the end


class JournalDamaged(Exception):
    """A line was changed, taken out or put in; the message names the first bad one."""


@dataclass(frozen=True)
class Entry:
    """One event that waits: when it happened, what it says, and the digest that names it."""

    at: str
    event: dict[str, Any]
    digest: str


@dataclass(frozen=True)
class Journal:
    """Lines of JSON: `{"at", "event", "previous", "signature"}`. All processes of a machine share it."""

    folder: Path
    key: Ed25519PrivateKey

    @property
    def path(self) -> Path:
        return self.folder / "journal.jsonl"

    @property
    def waits(self) -> bool:
        """Whether there is anything to bring in; costs a look at the folder."""
        try:
            return self.path.stat().st_size > 0
        except FileNotFoundError:
            return False

    @property
    def was_ever_used(self) -> bool:
        return self.waits or self._place_file.exists()

    def place(self) -> UUID:
        """A random name of this folder, made once: whose lines a mark speaks of. Called when locked."""
        try:
            return UUID(self._place_file.read_text().strip())
        except (FileNotFoundError, ValueError):
            made = uuid4()
            self._place_file.write_text(f"{made}\n")
            return made

    def keep(self, event: dict[str, Any]) -> tuple[str, UUID]:
        """Safe on the disk when it returns the line's digest and its place; OSError when even that
        fails, and then nothing is shown.
        """
        with self.locked():
            place = self.place()
            self._set_torn_line_aside()
            body = {
                "at": clock.now().isoformat(),
                "event": event,
                "previous": self._last_digest(),
            }
            line = body | {"signature": base64.b64encode(self.key.sign(_bytes(body))).decode()}
            with self.path.open("ab") as file:
                self.path.chmod(0o600)
                file.write(_bytes(line) + b"\n")
                file.flush()
                os.fsync(file.fileno())
            sync_folder(self.folder)
        return _digest(_bytes(line)), place

    def entries(self) -> Iterator[Entry]:
        """What waits, in its order, each line checked; raises JournalDamaged."""
        previous, public = FIRST, self.key.public_key()
        for number, line in enumerate(self._lines(), start=1):
            body = _checked(line, previous, public, number)
            previous = _digest(line)
            yield Entry(body["at"], body["event"], previous)

    def put_away(self) -> Path:
        """The journal that was brought in stays on the disk under another name; called when locked."""
        moment = f"{clock.now():%Y%m%dT%H%M%S%f}"
        done = self.path.with_name(f"journal-{moment}.done.jsonl")
        self.path.rename(done)
        return done

    @contextmanager
    def locked(self) -> Iterator[None]:
        self.folder.mkdir(mode=0o700, parents=True, exist_ok=True)
        with (self.folder / "lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    @property
    def _place_file(self) -> Path:
        return self.folder / "place"

    def _lines(self) -> list[bytes]:
        """The whole lines. What follows the last line break was cut off by a power failure before it
        was safe, so its answer never left.
        """
        try:
            return self.path.read_bytes().split(b"\n")[:-1]
        except FileNotFoundError:
            return []

    def _last_digest(self) -> str:
        line = self._tail().rstrip(b"\n").rpartition(b"\n")[2]
        return _digest(line) if line else FIRST

    def _tail(self) -> bytes:
        """At least the last whole line, read from the end: a long downtime makes a long file."""
        if not self.waits:
            return b""
        with self.path.open("rb") as file:
            begin, tail = file.seek(0, os.SEEK_END), b""
            while begin and tail.count(b"\n") < 2:
                step = min(begin, _PIECE)
                begin = file.seek(begin - step)
                tail = file.read(step) + tail
        return tail

    def _set_torn_line_aside(self) -> None:
        torn = self._tail().rpartition(b"\n")[2]
        if torn:
            moment = f"{clock.now():%Y%m%dT%H%M%S%f}"
            self.path.with_name(f"journal-{moment}.torn").write_bytes(torn)
            with self.path.open("r+b") as file:
                file.truncate(self.path.stat().st_size - len(torn))


def journal() -> Journal:
    """This installation's. The key comes out of SECRET_KEY: a journal of another server says so."""
    derived = HKDF(SHA256(), 32, salt=None, info=b"ankang downtime journal")
    seed = derived.derive(settings.SECRET_KEY.encode())
    return Journal(settings.DOWNTIME, Ed25519PrivateKey.from_private_bytes(seed))


def may_be_kept(event: dict[str, Any]) -> bool:
    """Permitted uses of the few services that go on, and the way there; nothing else passes by the log."""
    goes_on = event.get("service") in settings.SEALING_EXEMPT or event["action"] in ON_THE_WAY
    return goes_on and event["outcome"] == Outcome.PERMITTED


def _checked(line: bytes, previous: str, public: Ed25519PublicKey, number: int) -> dict[str, Any]:
    try:
        body: dict[str, Any] = json.loads(line)
        signature = base64.b64decode(body.pop("signature"), validate=True)
        public.verify(signature, _bytes(body))
    except (ValueError, KeyError, TypeError, AttributeError, InvalidSignature) as error:
        raise JournalDamaged(f"line {number} is not what was written") from error
    if body["previous"] != previous:
        raise JournalDamaged(f"line {number} does not follow the one before it")
    return body


def _digest(line: bytes) -> str:
    return hashlib.sha256(_bytes(json.loads(line))).hexdigest()


def _bytes(body: dict[str, Any]) -> bytes:
    return json.dumps(body, ensure_ascii=False, sort_keys=True, separators=(",", ":")).encode()
