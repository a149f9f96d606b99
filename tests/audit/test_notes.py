"""Signed notes: written one way, read one way, forged no way."""

import base64

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey
from hypothesis import given
from hypothesis import strategies as st

from apps.audit.notes import (
    COSIGNATURE,
    Checkpoint,
    InvalidNote,
    Signer,
    Verifier,
    checkpoint_of,
    split,
)

ROOT = bytes(range(32))
CHECKPOINT = Checkpoint("ankang/1", 7, ROOT)
LOG = Signer("ankang", bytes(32))
WITNESS = Signer("witness.example", bytes([1]) * 32, COSIGNATURE)


def test_a_checkpoint_is_written_as_c2sp_says():
    note = LOG.sign(CHECKPOINT)
    text, gap, line = note.partition("\n\n")
    assert text.split("\n") == ["ankang/1", "7", base64.b64encode(ROOT).decode()]
    assert gap
    assert line.startswith("\u2014 ankang ")
    raw = base64.b64decode(line.split(" ")[2])
    public = Ed25519PrivateKey.from_private_bytes(bytes(32)).public_key()
    public.verify(raw[4:], f"{text}\n".encode())


def test_a_note_carries_both_signatures():
    note = LOG.sign(CHECKPOINT) + WITNESS.cosign(CHECKPOINT, 1_795_000_000)
    assert LOG.verifier.check(note) is None
    assert WITNESS.verifier.check(note) == 1_795_000_000
    assert checkpoint_of(note) == CHECKPOINT
    assert [name for name, _value in split(note)[1]] == ["ankang", "witness.example"]


@pytest.mark.parametrize("signer", [LOG, WITNESS])
def test_a_verifier_key_is_one_word(signer):
    word = str(signer.verifier)
    assert Verifier.parse(word) == signer.verifier
    assert len(word.split()) == 1


def test_a_key_hash_depends_on_name_kind_and_key():
    hashes = {
        signer.verifier.key_hash
        for signer in (
            Signer("a", bytes(32)),
            Signer("b", bytes(32)),
            Signer("a", bytes(32), COSIGNATURE),
            Signer("a", bytes([1]) * 32),
        )
    }
    assert len(hashes) == 4


@pytest.mark.parametrize("word", ["", "a", "a+b", "a+b+c", "+00000000+AQ==", "a+00000000+AQ=="])
def test_what_is_no_verifier_key_is_refused(word):
    with pytest.raises(InvalidNote):
        Verifier.parse(word)


def test_a_verifier_key_with_one_wrong_character_is_refused():
    word = str(LOG.verifier)
    for place in range(len(word)):
        with pytest.raises(InvalidNote):
            Verifier.parse(word[:place] + "*" + word[place + 1 :])


@pytest.mark.parametrize(
    "origin", ["", "two words", "a+b", "line\nbreak", "tab\t", "a\u0000", "a\u2028b"]
)
def test_a_strange_origin_is_refused(origin):
    with pytest.raises(InvalidNote):
        Checkpoint.parse(Checkpoint(origin, 1, ROOT).text())


@pytest.mark.parametrize("size", ["", "-1", "01", "1.0", "\uff11", "1 ", "9" * 20, "x"])
def test_a_strange_size_is_refused(size):
    with pytest.raises(InvalidNote):
        Checkpoint.parse(f"ankang/1\n{size}\n{base64.b64encode(ROOT).decode()}\n")


@pytest.mark.parametrize("root", ["", "AAAA", base64.b64encode(bytes(33)).decode(), "=" * 44])
def test_a_strange_root_is_refused(root):
    with pytest.raises(InvalidNote):
        Checkpoint.parse(f"ankang/1\n7\n{root}\n")


def test_an_extension_line_is_refused():
    with pytest.raises(InvalidNote):
        Checkpoint.parse(CHECKPOINT.text() + "more\n")


def check_both(note):
    LOG.verifier.check(note)
    WITNESS.verifier.check(note)


def test_a_note_with_any_character_changed_is_refused():
    note = LOG.sign(CHECKPOINT) + WITNESS.cosign(CHECKPOINT, 1_795_000_000)
    for place in range(len(note)):
        changed = note[:place] + ("A" if note[place] != "A" else "B") + note[place + 1 :]
        with pytest.raises(InvalidNote):
            check_both(changed)


def test_a_cosignature_is_no_signature_of_the_log():
    with pytest.raises(InvalidNote, match="not signed by ankang"):
        LOG.verifier.check(CHECKPOINT.text() + "\n" + WITNESS.cosign(CHECKPOINT, 1))


@given(st.text())
def test_anything_else_is_refused(text):
    with pytest.raises(InvalidNote):
        checkpoint_of(text)


@pytest.mark.parametrize(("name", "key"), [("", bytes(32)), ("a b", bytes(32)), ("a", bytes(31))])
def test_a_signer_needs_a_plain_name_and_a_whole_key(name, key):
    with pytest.raises(InvalidNote):
        Signer(name, key)
