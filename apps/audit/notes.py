"""Checkpoints and their signatures: the C2SP formats signed-note, tlog-checkpoint, tlog-cosignature.

A note is text, an empty line, and one line for each signature. Keys travel as one word, the
*verifier key*: `<name>+<hash>+<base64>`. Everything is parsed by writing it again: what does not
come out the same is refused, so there is one way of writing each thing.
"""

import base64
import re
from binascii import Error as Base64Error
from dataclasses import dataclass
from hashlib import sha256
from typing import Self

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey, Ed25519PublicKey

ED25519 = 0x01
COSIGNATURE = 0x04  # Ed25519 over the checkpoint and the moment of signing
KEY_BYTES = 32
_HASH_BYTES = 4
_TIME_BYTES = 8
_DASH = "\u2014 "
_SIZE = re.compile(r"0|[1-9][0-9]{0,18}")
_NAME = re.compile(r"[^\s+\u0000-\u001f]+")


class InvalidNote(ValueError):
    """Not a note, not a key, or not signed by whom it should be."""


@dataclass(frozen=True)
class Checkpoint:
    """The state of one shard's tree: its origin, how many leaves, and their root (32 bytes)."""

    origin: str
    size: int
    root: bytes

    @property
    def root_text(self) -> str:
        return _encode(self.root)

    def text(self) -> str:
        return f"{self.origin}\n{self.size}\n{self.root_text}\n"

    @classmethod
    def parse(cls, text: str) -> Self:
        """Raises InvalidNote."""
        origin, size, root, *_rest = [*text.split("\n"), "", "", ""]
        if not _NAME.fullmatch(origin) or not _SIZE.fullmatch(size):
            raise InvalidNote("not a checkpoint")
        made = cls(origin, int(size), _decode(root))
        if len(made.root) != sha256().digest_size or made.text() != text:
            raise InvalidNote("not a checkpoint as we write it")
        return made


@dataclass(frozen=True)
class Verifier:
    """A public key with its name."""

    name: str
    kind: int
    public: bytes

    @property
    def key_hash(self) -> bytes:
        named = self.name.encode() + b"\n" + bytes([self.kind]) + self.public
        return sha256(named).digest()[:_HASH_BYTES]

    def __str__(self) -> str:
        return f"{self.name}+{self.key_hash.hex()}+{_encode(bytes([self.kind]) + self.public)}"

    def origin(self, shard: int) -> str:
        """How the world calls the tree of this shard of the log that the key signs."""
        return f"{self.name}/{shard}"

    @classmethod
    def parse(cls, word: str) -> Self:
        """From a verifier key; raises InvalidNote."""
        name, plus, rest = word.partition("+")
        _hash, second_plus, key = rest.partition("+")
        if not (plus and second_plus and _NAME.fullmatch(name)):
            raise InvalidNote("not a verifier key")
        kind, public = _decode(key)[:1], _decode(key)[1:]
        if kind not in {bytes([ED25519]), bytes([COSIGNATURE])} or len(public) != KEY_BYTES:
            raise InvalidNote("not a verifier key of a known kind")
        made = cls(name, kind[0], public)
        if str(made) != word:
            raise InvalidNote("the verifier key has another hash than it says")
        return made

    def check(self, note: str) -> int | None:
        """Raises InvalidNote unless this key signed `note`.

        Returns the moment of a cosignature in seconds since 1970, None for a plain signature.
        """
        text, signatures = split(note)
        for name, value in signatures:
            if name == self.name and value[:_HASH_BYTES] == self.key_hash:
                return self._check(text, value[_HASH_BYTES:])
        raise InvalidNote(f"not signed by {self.name}")

    def _check(self, text: str, signature: bytes) -> int | None:
        moment = None
        if self.kind == COSIGNATURE:
            moment = int.from_bytes(signature[:_TIME_BYTES])
            signature, text = signature[_TIME_BYTES:], _cosigned(text, moment)
        try:
            Ed25519PublicKey.from_public_bytes(self.public).verify(signature, text.encode())
        except InvalidSignature:
            raise InvalidNote(f"the signature of {self.name} is not good") from None
        return moment


class Signer:
    """A private key with its name: the log's, or with kind=COSIGNATURE a witness's."""

    def __init__(self, name: str, key: bytes, kind: int = ED25519) -> None:
        if not _NAME.fullmatch(name) or len(key) != KEY_BYTES:
            raise InvalidNote("a signer needs a name without spaces and a key of 32 bytes")
        self._key = Ed25519PrivateKey.from_private_bytes(key)
        self.verifier = Verifier(name, kind, self._key.public_key().public_bytes_raw())

    def sign(self, checkpoint: Checkpoint) -> str:
        """The signed note."""
        return f"{checkpoint.text()}\n{self._line(self._key.sign(checkpoint.text().encode()))}"

    def cosign(self, checkpoint: Checkpoint, moment: int) -> str:
        """One signature line for the note of this checkpoint, of `moment` (seconds since 1970)."""
        signed = self._key.sign(_cosigned(checkpoint.text(), moment).encode())
        return self._line(moment.to_bytes(_TIME_BYTES) + signed)

    def _line(self, signature: bytes) -> str:
        return f"{_DASH}{self.verifier.name} {_encode(self.verifier.key_hash + signature)}\n"


def split(note: str) -> tuple[str, list[tuple[str, bytes]]]:
    """A note's text and its signatures as (name, key hash + signature); raises InvalidNote."""
    text, gap, lines = note.rpartition("\n\n")
    if not gap or not lines.endswith("\n"):
        raise InvalidNote("not a signed note")
    return text + "\n", [_signature(line) for line in lines[:-1].split("\n")]


def checkpoint_of(note: str) -> Checkpoint:
    """The checkpoint inside a note, whoever signed it; raises InvalidNote."""
    return Checkpoint.parse(split(note)[0])


def _signature(line: str) -> tuple[str, bytes]:
    name, space, value = line.removeprefix(_DASH).partition(" ")
    decoded = _decode(value)
    # Signatures of kinds that are not known here are left alone, whatever their length (signed-note).
    if not line.startswith(_DASH) or not (name and space) or len(decoded) <= _HASH_BYTES:
        raise InvalidNote("not a signature line")
    return name, decoded


def _cosigned(text: str, moment: int) -> str:
    return f"cosignature/v1\ntime {moment}\n{text}"


def _encode(value: bytes) -> str:
    return base64.b64encode(value).decode()


def _decode(text: str) -> bytes:
    try:
        value = base64.b64decode(text, validate=True)
    except (Base64Error, ValueError):
        raise InvalidNote("not base64") from None
    if _encode(value) != text:
        raise InvalidNote("not base64 as it is written")
    return value
