"""Checks the proof that an access event stands, unchanged, in a sealed log.

    python verify_proof.py proof.json --log-key 'NAME+HASH+KEY' [--witness-key 'NAME+HASH+KEY']

This one file needs Python 3.11 or newer and the package `cryptography`, and nothing of the system that
keeps the log. Take the keys from where the log's operator publishes them, never from whoever
gave you the proof. The format is described in audit-proof.md. Exit code: 0 proven, 1 not proven.
"""

import argparse
import base64
import hashlib
import json
import re
import sys
from datetime import UTC, datetime
from pathlib import Path
from typing import Any

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "ankang-proof/1"
LOG, WITNESS = 0x01, 0x04  # kinds of keys: C2SP signed-note
PARTS = {"format", "event", "salt", "index", "path", "checkpoint"}
LONGEST_PATH = 64


class NotProven(Exception):
    """Why the proof proves nothing."""


def need(condition: object, why: str) -> None:
    if not condition:
        raise NotProven(why)


def decode(text: object, why: str) -> bytes:
    """Base64, written the one way it can be written."""
    try:
        value = base64.b64decode(str(text), validate=True)
    except ValueError:
        raise NotProven(why) from None
    need(base64.b64encode(value).decode() == text, why)
    return value


def load(text: str) -> Any:
    """The bundle as a dictionary; a name that stands twice would let two readers see two events."""

    def once(pairs: list[tuple[str, Any]]) -> dict[str, Any]:
        need(len(dict(pairs)) == len(pairs), "a name stands twice in the file")
        return dict(pairs)

    try:
        bundle: Any = json.loads(text, object_pairs_hook=once)
    except (ValueError, RecursionError):
        raise NotProven("the file is not JSON") from None
    need(isinstance(bundle, dict) and set(bundle) == PARTS, "the file is not a proof bundle")
    need(bundle["format"] == FORMAT, "the format is not " + FORMAT)
    return bundle


def parse_key(word: str, kind: int) -> tuple[str, bytes, Ed25519PublicKey]:
    """A verifier key NAME+HASH+KEY, as (name, key hash, public key)."""
    name, _, rest = word.partition("+")
    key_hash, _, key = rest.partition("+")
    raw = decode(key, "a key is not base64")
    need(name and len(raw) == 33 and raw[0] == kind, "a key is not of the right kind")
    expected = hashlib.sha256(name.encode() + b"\n" + raw).digest()[:4]
    need(key_hash == expected.hex(), "a key has another hash than it says")
    return name, expected, Ed25519PublicKey.from_public_bytes(raw[1:])


def leaf_hash(event: Any, salt: Any) -> bytes:
    """SHA-256 over 0x00, the event's canonical JSON (RFC 8785) and its 16 bytes of salt."""
    need(isinstance(event, dict) and event, "there is no event")
    for name, value in event.items():
        need(re.fullmatch("[a-z_]+", name), "a part of the event has a strange name")
        need(
            isinstance(value, str) or (isinstance(value, int) and not isinstance(value, bool)),
            "a part of the event is neither text nor a whole number",
        )
    need(isinstance(salt, str) and re.fullmatch("[0-9a-f]{32}", salt), "the salt is not 16 bytes")
    text = json.dumps(event, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    try:
        data = text.encode()
    except UnicodeEncodeError:
        raise NotProven("the event holds half a character") from None
    return hashlib.sha256(b"\x00" + data + bytes.fromhex(salt)).digest()


def root_of(leaf: bytes, index: Any, size: int, path: Any) -> bytes:
    """Where the audit path leads (RFC 9162, 2.1.3.2)."""
    whole = isinstance(index, int) and not isinstance(index, bool)
    need(whole and 0 <= index < size, "the index is not inside the tree")
    need(isinstance(path, list) and len(path) <= LONGEST_PATH, "the path is not a list of hashes")
    reached, here, last = leaf, index, size - 1
    for text in path:
        sibling = decode(text, "the path holds something else than hashes")
        need(len(sibling) == 32 and last > 0, "the path has the wrong length")
        on_the_left = here & 1 or here == last
        pair = sibling + reached if on_the_left else reached + sibling
        reached = hashlib.sha256(b"\x01" + pair).digest()
        while on_the_left and here and not here & 1:
            here, last = here >> 1, last >> 1
        here, last = here >> 1, last >> 1
    need(last == 0, "the path has the wrong length")
    return reached


def parse_checkpoint(note: Any) -> tuple[str, str, int, bytes, list[tuple[str, bytes]]]:
    """A signed note as (text, origin, size, root, signatures by name)."""
    need(isinstance(note, str) and note.endswith("\n"), "the checkpoint is not a signed note")
    text, gap, lines = note.rpartition("\n\n")
    parts = text.split("\n")
    need(gap and len(parts) == 3, "the checkpoint is not a signed note")
    origin, size, root = parts
    need(re.fullmatch("0|[1-9][0-9]{0,18}", size, re.ASCII), "the checkpoint has no size")
    signatures = []
    for line in lines[:-1].split("\n"):
        dash, _, rest = line.partition(" ")
        name, _, value = rest.partition(" ")
        need(dash == "\u2014" and name and value, "a signature line is malformed")
        signatures.append((name, decode(value, "a signature is not base64")))
    return text + "\n", origin, int(size), decode(root, "the root is not base64"), signatures


def check_signature(text: str, signatures: list[tuple[str, bytes]], word: str, kind: int) -> int:
    """Returns the moment of a witness's signature (seconds since 1970), 0 for a log's."""
    name, key_hash, key = parse_key(word, kind)
    for signer, value in signatures:
        if signer == name and value[:4] == key_hash:
            signature, moment, signed = value[4:], 0, text
            if kind == WITNESS:
                moment, signature = int.from_bytes(signature[:8], "big"), signature[8:]
                signed = f"cosignature/v1\ntime {moment}\n{text}"
            try:
                key.verify(signature, signed.encode())
            except InvalidSignature:
                raise NotProven(f"the signature of {name} is not good") from None
            return moment
    raise NotProven(f"{name} did not sign the checkpoint")


def verify(bundle: dict[str, Any], log_key: str, witness_key: str | None = None) -> list[str]:
    """Raises NotProven; returns lines that say what is proven."""
    text, origin, size, root, signatures = parse_checkpoint(bundle["checkpoint"])
    check_signature(text, signatures, log_key, LOG)
    shard = re.escape(log_key.partition("+")[0]) + "/[1-9][0-9]*"
    need(re.fullmatch(shard, origin, re.ASCII), "the checkpoint is of another log")
    leaf = leaf_hash(bundle["event"], bundle["salt"])
    reached = root_of(leaf, bundle["index"], size, bundle["path"])
    need(reached == root, "the event is not the one that was sealed")
    lines = [
        # As JSON, so that no value can print a line of its own.
        f"{name}: {json.dumps(value, ensure_ascii=False)}"
        for name, value in sorted(bundle["event"].items())
    ]
    lines.append(f"Proven: index {bundle['index']} of {size} entries in the log {origin}.")
    if witness_key:
        moment = check_signature(text, signatures, witness_key, WITNESS)
        seen = datetime.fromtimestamp(moment, UTC).isoformat()
        lines.append(f"Witnessed by {witness_key.partition('+')[0]} at {seen}.")
    return lines


def main(arguments: list[str] | None = None) -> int:
    parser = argparse.ArgumentParser(description=(__doc__ or "").partition("\n")[0])
    parser.add_argument("bundle", help="the proof bundle, a JSON file")
    parser.add_argument("--log-key", required=True, help="the log's published key")
    parser.add_argument("--witness-key", help="the witness's published key")
    given = parser.parse_args(arguments)
    try:
        bundle = load(Path(given.bundle).read_text(encoding="utf-8"))
        lines = verify(bundle, given.log_key, given.witness_key)
    except (NotProven, OSError, ValueError) as error:
        sys.stderr.write(f"NOT PROVEN: {error}\n")
        return 1
    sys.stdout.write("\n".join(lines) + "\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
