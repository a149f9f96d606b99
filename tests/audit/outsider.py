"""A verifier of transparency logs written from the public texts alone; it imports nothing of ours.

RFC 6962 (2.1: leaves, nodes, trees), RFC 9162 (2.1.3.2 and 2.1.4.2: the two proofs), and of C2SP
signed-note, tlog-checkpoint, tlog-cosignature, tlog-tiles, tlog-proof. Each function follows the words
of its section. `assert` is what refuses.
"""

import base64
import hashlib
from pathlib import Path

from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey


def sha256(data):
    return hashlib.sha256(data).digest()


# --- RFC 6962, 2.1 ------------------------------------------------------------------------------


def leaf_hash(entry):
    return sha256(b"\x00" + entry)


def node_hash(left, right):
    return sha256(b"\x01" + left + right)


def tree_hash(leaves):
    """MTH over leaf hashes."""
    if not leaves:
        return sha256(b"")
    if len(leaves) == 1:
        return leaves[0]
    k = 1
    while k * 2 < len(leaves):
        k *= 2
    return node_hash(tree_hash(leaves[:k]), tree_hash(leaves[k:]))


# --- RFC 9162 -----------------------------------------------------------------------------------


def verify_inclusion(leaf, leaf_index, tree_size, path, root):
    """2.1.3.2."""
    assert leaf_index < tree_size
    fn, sn, r = leaf_index, tree_size - 1, leaf
    for p in path:
        assert sn != 0
        if fn & 1 or fn == sn:
            r = node_hash(p, r)
            if not fn & 1:
                while fn != 0 and not fn & 1:
                    fn, sn = fn >> 1, sn >> 1
        else:
            r = node_hash(r, p)
        fn, sn = fn >> 1, sn >> 1
    assert sn == 0
    assert r == root


def verify_consistency(first, second, first_hash, second_hash, path):
    """2.1.4.2."""
    assert 0 < first < second
    assert path
    if first & (first - 1) == 0:
        path = [first_hash, *path]
    fn, sn = first - 1, second - 1
    while fn & 1:
        fn, sn = fn >> 1, sn >> 1
    fr = sr = path[0]
    for c in path[1:]:
        assert sn != 0
        if fn & 1 or fn == sn:
            fr, sr = node_hash(c, fr), node_hash(c, sr)
            if not fn & 1:
                while fn != 0 and not fn & 1:
                    fn, sn = fn >> 1, sn >> 1
        else:
            sr = node_hash(sr, c)
        fn, sn = fn >> 1, sn >> 1
    assert (fr, sr, sn) == (first_hash, second_hash, 0)


# --- C2SP signed-note and tlog-checkpoint ---------------------------------------------------------


def parse_vkey(vkey):
    """`<name>+<hex key id>+<base64 of type and key>`."""
    name, key_id, key = vkey.split("+", 2)
    raw = base64.b64decode(key, validate=True)
    assert sha256(name.encode() + b"\n" + raw)[:4].hex() == key_id
    return name, bytes.fromhex(key_id), raw[0], Ed25519PublicKey.from_public_bytes(raw[1:])


def open_note(note):
    """The text, and what each line signs with: (key name, key id, signature)."""
    assert not [c for c in note if c < " " and c != "\n"]
    text, signatures = note[: note.rindex("\n\n") + 1], note[note.rindex("\n\n") + 2 :]
    found = []
    for line in signatures.removesuffix("\n").split("\n"):
        dash, name, value = line.split(" ")
        assert dash == "\u2014"
        raw = base64.b64decode(value, validate=True)
        found.append((name, raw[:4], raw[4:]))
    return text, found


def verify_note(note, vkey):
    """Ed25519 (0x01) over the text, or a cosignature (0x04), whose time is returned."""
    name, key_id, kind, public = parse_vkey(vkey)
    text, signatures = open_note(note)
    (signature,) = [value for who, its_id, value in signatures if (who, its_id) == (name, key_id)]
    if kind == 0x01:
        public.verify(signature, text.encode())
        return None
    assert kind == 0x04
    timestamp = int.from_bytes(signature[:8], "big")
    public.verify(signature[8:], f"cosignature/v1\ntime {timestamp}\n{text}".encode())
    return timestamp


def parse_checkpoint(note):
    origin, size, root, *extensions = open_note(note)[0].removesuffix("\n").split("\n")
    assert origin
    assert str(int(size)) == size
    assert all(extensions)
    return origin, int(size), base64.b64decode(root, validate=True)


# --- C2SP tlog-proof ------------------------------------------------------------------------------


def verify_tlog_proof(proof, log_vkey, witness_vkeys):
    """Returns the entry (the extra data) that is proven, its index, and the checkpoint."""
    head, note = proof.split("\n\n", 1)
    version, extra, index, *path = head.split("\n")
    assert version == "c2sp.org/tlog-proof@v1"
    assert extra.startswith("extra ")
    assert index.startswith("index ")
    entry, number = base64.b64decode(extra[6:], validate=True), int(index[6:])
    verify_note(note, log_vkey)
    for vkey in witness_vkeys:
        assert verify_note(note, vkey)
    origin, size, root = parse_checkpoint(note)
    hashes = [base64.b64decode(each, validate=True) for each in path]
    verify_inclusion(leaf_hash(entry), number, size, hashes, root)
    return entry, number, (origin, size, root)


# --- C2SP tlog-tiles ------------------------------------------------------------------------------


class TiledLog:
    """A log as its files, read as the text says they are named."""

    def __init__(self, prefix: Path):
        self.prefix = prefix
        self.note = (prefix / "checkpoint").read_text(encoding="utf-8")
        self.origin, self.size, self.root = parse_checkpoint(self.note)

    def tile(self, level, number, width=256):
        digits = str(number)
        while len(digits) % 3:
            digits = "0" + digits
        parts = [digits[at : at + 3] for at in range(0, len(digits), 3)]
        path = "/".join(["x" + each for each in parts[:-1]] + [parts[-1]])
        raw = (self.prefix / "tile" / str(level) / path).with_name(
            parts[-1] + ("" if width == 256 else ".p")
        )
        raw = raw if width == 256 else raw / str(width)
        data = raw.read_bytes()
        assert len(data) == width * 32
        return [data[at : at + 32] for at in range(0, len(data), 32)]

    def level(self, level):
        """All hashes of a level: the full tiles and the partial one."""
        count = self.size // 256**level
        full = [each for n in range(count // 256) for each in self.tile(level, n)]
        return full + (self.tile(level, count // 256, count % 256) if count % 256 else [])

    def verify(self):
        """Each level follows from the one below; the leaves lead to the signed root."""
        leaves = below = self.level(0)
        assert tree_hash(leaves) == self.root
        level = 1
        while self.size // 256**level:
            here = self.level(level)
            assert here == [tree_hash(below[n * 256 : (n + 1) * 256]) for n in range(len(here))]
            below, level = here, level + 1
        return leaves
