"""The witness signs a log that grows, and no other."""

import pytest

from apps.audit.memory import Memory
from apps.audit.notes import Checkpoint, InvalidNote, Signer
from apps.audit.witness import Refused, Witness
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER

pytestmark = pytest.mark.django_db


def witness_of(log, **options):
    defaults = {"signer": WITNESS_SIGNER, "log": LOG_SIGNER.verifier, "memory": log.memory}
    return Witness(log.connect("ankang_witness"), **defaults | options)


def lines(log):
    return log.ask("SELECT array_agg(line ORDER BY shard, size) FROM audit.cosignature")


@pytest.fixture
def sealed(log):
    log.append(3)
    log.sealer().seal()
    return log


def newest(log):
    return log.ask("SELECT note FROM audit.checkpoint ORDER BY shard DESC, size DESC LIMIT 1")


def test_cosigns_what_grows_and_each_checkpoint_once(sealed):
    witness = witness_of(sealed)
    assert (witness.look(), witness.look()) == (1, 0)
    sealed.append(300)
    sealed.sealer().seal()
    assert witness.look() == 1
    first, second = lines(sealed)
    assert first != second
    moment = WITNESS_SIGNER.verifier.check(newest(sealed) + second)
    assert moment > 1_700_000_000
    with pytest.raises(InvalidNote):
        WITNESS_SIGNER.verifier.check(newest(sealed) + first)
    assert sealed.memory.of("ankang/1").size == 303


def test_looks_at_each_shard(sealed):
    sealed.sealer().open_shard(current=1, reason="test")
    sealed.sealer().seal()
    assert witness_of(sealed).look() == 2


def test_signs_after_it_died_between_remembering_and_signing(sealed):
    size, root = 3, sealed.ask("SELECT root FROM audit.checkpoint")
    sealed.memory.keep(Checkpoint("ankang/1", size, root))
    assert witness_of(sealed).look() == 1


def test_remembers_before_it_signs(sealed):
    class Full(Memory):
        def keep(self, checkpoint):
            raise OSError("no space left on device")

    with pytest.raises(OSError, match="no space"):
        witness_of(sealed, memory=Full(sealed.memory.path)).look()
    assert lines(sealed) is None


def test_refuses_a_log_that_shrank(sealed):
    witness_of(sealed).look()
    sealed.memory.keep(Checkpoint("ankang/1", 9, bytes(32)))
    with pytest.raises(Refused, match="shrank from 9 to 3"):
        witness_of(sealed).look()


def test_refuses_a_second_history_even_with_the_logs_own_key(sealed):
    """Somebody has the database and the sealing key, and writes the whole log anew."""
    witness_of(sealed).look()
    sealed.tamper("DELETE FROM audit.tile")
    sealed.tamper("DELETE FROM audit.checkpoint")
    sealed.tamper("UPDATE audit.event SET reason = 'another' WHERE id = 2")
    sealed.append()
    sealed.sealer(memory=Memory(sealed.folder / "none.json")).seal()
    with pytest.raises(Refused, match="do not begin with the 3 seen"):
        witness_of(sealed).look()
    assert len(lines(sealed)) == 1


def test_refuses_another_tree_of_the_same_size(sealed):
    witness_of(sealed).look()
    sealed.memory.keep(Checkpoint("ankang/1", 3, bytes(32)))
    with pytest.raises(Refused):
        witness_of(sealed).look()


@pytest.mark.parametrize(
    "note",
    [
        "nothing",
        LOG_SIGNER.sign(Checkpoint("ankang/2", 3, bytes(32))),
        LOG_SIGNER.sign(Checkpoint("ankang/1", 4, bytes(32))),
        Signer("ankang", bytes(32)).sign(Checkpoint("ankang/1", 3, bytes(32))),
    ],
)
def test_refuses_a_note_that_is_not_the_logs(sealed, note):
    sealed.tamper("UPDATE audit.checkpoint SET note = %s", note)
    with pytest.raises(Refused):
        witness_of(sealed).look()
    assert lines(sealed) is None
    assert sealed.memory.of("ankang/1") is None


def test_one_bad_shard_does_not_keep_the_others_waiting(sealed):
    sealed.sealer().open_shard(current=1, reason="test")
    sealed.sealer().seal()
    sealed.tamper("UPDATE audit.checkpoint SET note = 'x' WHERE shard = 1")
    with pytest.raises(Refused, match="shard 1"):
        witness_of(sealed).look()
    assert len(lines(sealed)) == 1


def test_without_its_memory_it_does_not_sign(sealed):
    sealed.memory.path.write_text("not JSON")
    with pytest.raises(ValueError, match="Expecting"):
        witness_of(sealed).look()
    assert lines(sealed) is None
