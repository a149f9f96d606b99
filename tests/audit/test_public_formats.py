"""Our proofs, checkpoints, cosignatures and tiles, read by a verifier that knows the public texts only.

`outsider` is written from RFC 6962, RFC 9162 and C2SP; nothing of apps.audit is in it.
"""

import base64
import json
import os
import subprocess
import sys

import pytest
from cryptography.exceptions import InvalidSignature

from apps.audit.merkle import consistency_path
from apps.audit.notes import Signer
from apps.audit.proofs import as_tlog_proof, make_proof
from apps.audit.publishing import publish_tiles, tile_path
from apps.audit.tiles import Tiles
from apps.audit.witness import Witness
from tests.audit import outsider
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER

pytestmark = pytest.mark.django_db
LOG_KEY, WITNESS_KEY = str(LOG_SIGNER.verifier), str(WITNESS_SIGNER.verifier)
BATCHES = (1, 2, 61, 192, 1, 255, 300)  # checkpoints at 1, 3, 64, 256, 257, 512 and 812


@pytest.fixture
def sealed(log):
    for count in BATCHES:
        log.connect("ankang_app").execute(
            "SELECT audit.append(jsonb_build_object('action', 'log_in', 'result_count', n)) "
            "FROM generate_series(1, %s) AS n",
            [count],
        )
        log.sealer().seal()
        cosign(log)
    return log


def cosign(log):
    Witness(
        log.reuse("ankang_witness"),
        signer=WITNESS_SIGNER,
        log=LOG_SIGNER.verifier,
        memory=log.memory,
    ).look()


def checkpoints(log):
    found = log.reuse("postgres").execute(
        "SELECT note || string_agg(line, '') FROM audit.checkpoint "
        "JOIN audit.cosignature USING (shard, size) GROUP BY note, size ORDER BY size"
    )
    return [note for (note,) in found.fetchall()]


def test_every_checkpoint_is_a_signed_note_with_a_cosignature(sealed):
    notes = checkpoints(sealed)
    assert [outsider.parse_checkpoint(note)[1] for note in notes] == [1, 3, 64, 256, 257, 512, 812]
    for note in notes:
        assert outsider.verify_note(note, LOG_KEY) is None
        assert outsider.verify_note(note, WITNESS_KEY) > 1_700_000_000
        with pytest.raises(InvalidSignature):
            outsider.verify_note(note.replace("ankang/1", "ankang/2", 1), LOG_KEY)


def test_every_pair_of_checkpoints_is_consistent(sealed):
    heads = [outsider.parse_checkpoint(note) for note in checkpoints(sealed)]
    for _, first, first_root in heads:
        for _, second, second_root in heads:
            if first < second:
                path = consistency_path(first, second, Tiles(sealed.reuse("postgres"), 1).subtree)
                outsider.verify_consistency(first, second, first_root, second_root, path)
                with pytest.raises(AssertionError):
                    outsider.verify_consistency(first, second, first_root, bytes(32), path)


@pytest.mark.parametrize("number", [1, 2, 64, 256, 257, 258, 512, 513, 811, 812])
def test_a_proof_is_a_tlog_proof(sealed, number):
    bundle = make_proof(sealed.reuse("ankang_app"), number=number)
    text = as_tlog_proof(bundle)
    entry, index, (origin, size, _root) = outsider.verify_tlog_proof(text, LOG_KEY, [WITNESS_KEY])
    assert (origin, size, index) == ("ankang/1", 812, number - 1)
    assert json.loads(entry[:-16]) == bundle["event"]
    assert entry[-16:].hex() == bundle["salt"]
    forged = text.replace(text.split("\n")[1], f"extra {base64.b64encode(entry + b'x').decode()}")
    with pytest.raises(AssertionError):
        outsider.verify_tlog_proof(forged, LOG_KEY, [WITNESS_KEY])


def test_our_json_bundle_holds_the_same(sealed):
    """What docs/reference/audit-proof.md says of its members, word by word."""
    bundle = make_proof(sealed.reuse("ankang_app"), number=300)
    text = json.dumps(
        bundle["event"], ensure_ascii=False, sort_keys=True, separators=(",", ":")
    ).encode()
    _, size, root = outsider.parse_checkpoint(bundle["checkpoint"])
    outsider.verify_inclusion(
        outsider.leaf_hash(text + bytes.fromhex(bundle["salt"])),
        bundle["index"],
        size,
        [base64.b64decode(each) for each in bundle["path"]],
        root,
    )


def test_the_published_tiles_are_a_tiled_log(sealed, tmp_path):
    assert publish_tiles(sealed.reuse("ankang_app"), folder=tmp_path) == 6
    log = outsider.TiledLog(tmp_path / "1")
    outsider.verify_note(log.note, LOG_KEY)
    outsider.verify_note(log.note, WITNESS_KEY)
    leaves = log.verify()
    bundle = make_proof(sealed.reuse("ankang_app"), number=513)
    assert leaves[512] == outsider.leaf_hash(
        json.dumps(bundle["event"], ensure_ascii=False, separators=(",", ":")).encode()
        + bytes.fromhex(bundle["salt"])
    )
    assert sorted(each.name for each in (tmp_path / "1" / "tile" / "0").glob("*")) == [
        *("000", "001", "002", "003.p")
    ]


def test_publishing_again_writes_what_is_new_only(sealed, tmp_path):
    publish_tiles(sealed.reuse("ankang_app"), folder=tmp_path)
    assert publish_tiles(sealed.reuse("ankang_app"), folder=tmp_path) == 0
    before = outsider.TiledLog(tmp_path / "1")
    sealed.append(300)
    sealed.sealer().seal()
    cosign(sealed)
    assert publish_tiles(sealed.reuse("ankang_app"), folder=tmp_path) == 4
    after = outsider.TiledLog(tmp_path / "1")
    assert after.verify()[: before.size] == before.level(0)
    assert (before.size, after.size) == (812, 1112)


@pytest.mark.parametrize(
    ("level", "number", "width", "path"),
    [
        (0, 0, 256, "tile/0/000"),
        (0, 1234067, 256, "tile/0/x001/x234/067"),
        (1, 999, 256, "tile/1/999"),
        (1, 1000, 17, "tile/1/x001/000.p/17"),
    ],
)
def test_paths_are_those_of_the_text(level, number, width, path):
    assert tile_path(level, number, width) == path


def test_signatures_of_unknown_keys_are_left_alone(sealed):
    """signed-note: verifiers MUST ignore them, whatever their length; a post-quantum one is 2,428 bytes."""
    note = checkpoints(sealed)[-1]
    others = [
        f"\u2014 {name} {base64.b64encode(bytes(length)).decode()}\n"
        for name, length in (("else.example", 4 + 8 + 2420), ("ankang", 68), ("x", 5))
    ]
    for more in (note + "".join(others), note.replace("\n\n", "\n\n" + "".join(others))):
        LOG_SIGNER.verifier.check(more)
        WITNESS_SIGNER.verifier.check(more)
        outsider.verify_note(more, LOG_KEY)


def test_a_key_of_the_same_name_is_another_key(sealed):
    other = str(Signer("ankang", bytes(32)).verifier)
    with pytest.raises(ValueError, match="not enough values"):
        outsider.verify_note(checkpoints(sealed)[-1], other)


def test_the_commands_write_both(sealed, tmp_path):
    def run(*command):
        done = subprocess.run(
            [sys.executable, "manage.py", *command],
            env={**os.environ, **sealed.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert done.returncode == 0, done.stderr
        return done.stdout

    outsider.verify_tlog_proof(run("audit_proof", "7", "--tlog"), LOG_KEY, [WITNESS_KEY])
    assert "6 files" in run("audit_tiles", str(tmp_path))
    outsider.TiledLog(tmp_path / "1").verify()
