"""Whoever tampers as the owner of the log is found, with the first bad index."""

import gc

import pytest

from apps.audit.memory import Memory
from apps.audit.notes import Checkpoint, Signer
from apps.audit.tiles import LogDamaged
from apps.audit.verification import Verification
from apps.audit.witness import Witness
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER

pytestmark = pytest.mark.django_db


def verify(log, **options):
    defaults = {
        "log": LOG_SIGNER.verifier,
        "witness": WITNESS_SIGNER.verifier,
        "memory": log.memory,
    }
    return Verification(log.connect("ankang_app"), **defaults | options).run()


def cosign(log):
    return Witness(
        log.reuse("ankang_witness"),
        signer=WITNESS_SIGNER,
        log=LOG_SIGNER.verifier,
        memory=log.memory,
    ).look()


@pytest.fixture
def sealed(log):
    """700 events in batches of 100, checkpoints at every hundred, the one of 300 cosigned too."""
    writer = log.connect("ankang_app")
    for number in range(7):
        writer.execute(
            "SELECT audit.append(jsonb_build_object('action', 'log_in', 'result_count', n)) "
            "FROM generate_series(1, 100) AS n"
        )
        log.sealer().seal()
        if number in {2, 6}:
            cosign(log)
    return log


def found(log, **options):
    return [(each.shard, each.index) for each in verify(log, **options).findings]


def test_a_sealed_log_is_found_as_it_was(sealed):
    sealed.append(4)
    report = verify(sealed)
    assert report.findings == []
    assert (report.sealed, report.unsealed) == (700, 4)
    assert (report.checkpoints, report.cosignatures) == (7, 2)


def test_an_empty_log_is_fine(log):
    assert verify(log).findings == []


# As the owner, with the triggers off. Event n is leaf n - 1.
TAMPERING = {
    "edit": ("UPDATE audit.event SET reason = 'another' WHERE id = 260", 259),
    "edit the first": ("UPDATE audit.event SET actor = gen_random_uuid() WHERE id = 1", 0),
    "edit the last": ("UPDATE audit.event SET action = 'log_out' WHERE id = 700", 699),
    "backdate": (
        "UPDATE audit.event SET recorded_at = recorded_at - interval '1 s' WHERE id = 9",
        8,
    ),
    "edit the salt": ("UPDATE audit.event SET salt = uuid_send(gen_random_uuid()) WHERE id = 9", 8),
    "change the details only": (
        'UPDATE audit.event SET detail = \'{"note": "x"}\' WHERE id = 260',
        259,
    ),
    "swap two salts": (
        "UPDATE audit.event SET salt = (SELECT salt FROM audit.event AS other "
        "WHERE other.id = 50 - event.id) WHERE id IN (20, 30)",
        19,
    ),
    "rename who did it": (
        "UPDATE audit.event SET actor = gen_random_uuid() WHERE id BETWEEN 301 AND 310",
        300,
    ),
    "edit two": ("UPDATE audit.event SET reason = 'another' WHERE id IN (300, 555)", 299),
    "delete": ("DELETE FROM audit.event WHERE id = 260", 259),
    "delete the last": ("DELETE FROM audit.event WHERE id = 700", 699),
    "delete many": ("DELETE FROM audit.event WHERE id BETWEEN 400 AND 500", 399),
    "move to another place": ("UPDATE audit.event SET xid = '3' WHERE id = 260", 0),
    "move to the end": ("UPDATE audit.event SET xid = '99999999' WHERE id = 260", 259),
    "move to another shard": ("UPDATE audit.event SET shard = 2 WHERE id = 260", 259),
    "swap two patients' events": (
        "UPDATE audit.event SET result_count = CASE id WHEN 20 THEN 30 ELSE 20 END "
        "WHERE id IN (20, 30)",
        19,
    ),
    "truncate the months": ("TRUNCATE audit.event", 0),
    "insert": (
        "INSERT INTO audit.event (xid, recorded_at, shard, schema_version, salt, action, outcome, "
        "reason, role, card_kind, card_serial, service, object_type, object_id, purpose, consent, "
        "consent_reference, policy_version, detail) SELECT xid, recorded_at, 1, 1, salt, 'log_in', "
        "'permitted', '', '', '', '', '', '', '', '', '', '', '', '{}' FROM audit.event WHERE id = 50",
        100,
    ),
    "edit a leaf": (
        "UPDATE audit.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 33) "
        "WHERE level = 0 AND first = 300",
        301,
    ),
    "delete a tile": ("DELETE FROM audit.tile WHERE level = 0 AND first = 300", 300),
    "delete a whole tile": (
        "DELETE FROM audit.tile WHERE level = 0 AND first >= 256 AND first < 512",
        256,
    ),
    "delete the last tile": ("DELETE FROM audit.tile WHERE level = 0 AND first = 600", 600),
    "swap two event numbers in a tile": (
        "UPDATE audit.tile SET events = events[2:2] || events[1:1] || events[3:] "
        "WHERE level = 0 AND first = 300",
        300,
    ),
    "edit an upper tile": (
        "UPDATE audit.tile SET hashes = overlay(hashes PLACING '\\x00' FROM 1) "
        "WHERE level = 1 AND first = 1",
        511,
    ),
    "delete the upper tiles": ("DELETE FROM audit.tile WHERE level = 1", 255),
    "rewrite a checkpoint's root": ("UPDATE audit.checkpoint SET root = %s WHERE size = 300", 300),
    "rewrite a checkpoint's note": (
        "UPDATE audit.checkpoint SET note = (SELECT note FROM audit.checkpoint WHERE size = 200) "
        "WHERE size = 300",
        300,
    ),
    "replay a checkpoint as a newer one": (
        "INSERT INTO audit.checkpoint (size, last_xid, last_event, shard, root, note) "
        "SELECT 800, last_xid, last_event, shard, root, note FROM audit.checkpoint WHERE size = 700",
        700,
    ),
    "replay a checkpoint between two": (
        "INSERT INTO audit.checkpoint (size, last_xid, last_event, shard, root, note) "
        "SELECT 350, last_xid, last_event, shard, root, note FROM audit.checkpoint WHERE size = 300",
        350,
    ),
    "delete the first checkpoint and its leaves' numbers": (
        "UPDATE audit.tile SET events = array_fill(1::bigint, ARRAY[cardinality(events)]) "
        "WHERE level = 0 AND first = 100",
        100,
    ),
    "delete the last checkpoint": ("DELETE FROM audit.checkpoint WHERE size = 700", 600),
    "rewrite a cosignature": ("UPDATE audit.cosignature SET line = %s WHERE size = 300", 300),
}


@pytest.mark.parametrize("name", TAMPERING)
def test_f20_names_the_first_bad_index(sealed, name):
    statement, index = TAMPERING[name]
    filling = {"root": [bytes(32)], "cosignature": ["\u2014 ankang-witness AAAA\n"]}
    values = next((filling[word] for word in filling if "%s" in statement and word in name), [])
    sealed.tamper(statement, *values)
    assert found(sealed) == [(1, index)]


def test_f20_a_truncated_month_is_found(sealed):
    month = sealed.ask("SELECT tableoid::regclass::text FROM audit.event LIMIT 1")
    sealed.tamper(f"ALTER TABLE audit.event DETACH PARTITION {month}")
    assert found(sealed) == [(1, 0)]


def test_f20_a_partition_emptied_behind_the_parents_back_is_found(sealed):
    month = sealed.ask("SELECT tableoid::regclass::text FROM audit.event LIMIT 1")
    sealed.tamper(f"TRUNCATE ONLY {month}")
    assert found(sealed) == [(1, 0)]


def test_f20_a_month_exchanged_for_a_copy_without_one_event_is_found(sealed):
    month = sealed.ask("SELECT tableoid::regclass::text FROM audit.event LIMIT 1")
    bounds = sealed.ask(
        "SELECT pg_get_expr(relpartbound, oid) FROM pg_class WHERE oid = %s::regclass", month
    )
    sealed.tamper(f"ALTER TABLE audit.event DETACH PARTITION {month}")
    sealed.tamper(
        "CREATE TABLE audit.copy (LIKE audit.event INCLUDING DEFAULTS INCLUDING CONSTRAINTS)"
    )
    sealed.tamper(f"INSERT INTO audit.copy SELECT * FROM {month} WHERE id <> 260")
    sealed.tamper(f"ALTER TABLE audit.event ATTACH PARTITION audit.copy {bounds}")
    assert found(sealed) == [(1, 259)]


def test_f20_bounds_that_hide_events_from_searches_are_found(sealed):
    """The month is attached as another one; a constraint nobody checked stops PostgreSQL from looking."""
    month = sealed.ask("SELECT tableoid::regclass::text FROM audit.event LIMIT 1")
    sealed.tamper(f"ALTER TABLE audit.event DETACH PARTITION {month}")
    sealed.tamper(
        f"ALTER TABLE {month} ADD CONSTRAINT lie CHECK (recorded_at IS NOT NULL AND "
        "recorded_at >= '2001-01-01' AND recorded_at < '2001-02-01') NOT VALID"
    )
    sealed.tamper("UPDATE pg_constraint SET convalidated = true WHERE conname = 'lie'")
    sealed.tamper(
        f"ALTER TABLE audit.event ATTACH PARTITION {month} "
        "FOR VALUES FROM ('2001-01-01') TO ('2001-02-01')"
    )
    sealed.tamper(f"ALTER TABLE {month} DROP CONSTRAINT lie")
    assert found(sealed) == [(1, 0)]


def test_f20_triggers_that_were_taken_off_are_named(sealed):
    sealed.tamper("ALTER TABLE audit.event DISABLE TRIGGER append_only")
    sealed.tamper("DROP TRIGGER never_emptied ON audit.tile")
    said = [each.what for each in verify(sealed).findings]
    assert any("append_only of event" in each for each in said)
    assert any("never_emptied of tile" in each for each in said)


def test_f20_as_the_owner_with_the_triggers_off_for_a_moment(sealed):
    """No superuser: the role that owns the log, which a migration can become."""
    owner = sealed.connect("ankang_audit")
    owner.execute("ALTER TABLE audit.event DISABLE TRIGGER append_only")
    owner.execute("UPDATE audit.event SET reason = 'another' WHERE id = 260")
    owner.execute("ALTER TABLE audit.event ENABLE TRIGGER append_only")
    assert found(sealed) == [(1, 259)]


def test_f20_a_log_signed_anew_with_another_key_is_found(sealed):
    """The sealer re-keyed: every signature is good, and none of the published key."""
    other = Signer("ankang", bytes(32))
    rows = sealed.reuse("postgres").execute("SELECT size, root FROM audit.checkpoint").fetchall()
    for size, root in rows:
        note = other.sign(Checkpoint("ankang/1", size, root))
        sealed.tamper("UPDATE audit.checkpoint SET note = %s WHERE size = %s", note, size)
    assert found(sealed) == [(1, 100)]
    with pytest.raises(LogDamaged):
        sealed.sealer().seal()  # and the sealer with its own key does not go on


def test_f20_a_sealer_with_another_key_does_not_go_on(sealed):
    sealed.append()
    with pytest.raises(LogDamaged, match="not signed by ankang"):
        sealed.sealer(signer=Signer("ankang", bytes(32))).seal()


def test_f20_rolled_back_to_a_dump_and_gone_on_is_found_by_the_witness(sealed):
    """The dump of 500 events is put back and new events are sealed past the witness's 700."""
    cut_off(sealed, 500)
    sealed.append(300)
    sealed.sealer(memory=Memory(sealed.folder / "none.json")).seal()
    assert found(sealed, memory=None) == []
    assert found(sealed) == [(1, 700)]


def test_f20_a_checkpoint_rewritten_with_a_stolen_key_is_found(sealed):
    forged = LOG_SIGNER.sign(Checkpoint("ankang/1", 300, bytes(32)))
    sealed.tamper("UPDATE audit.checkpoint SET note = %s WHERE size = 300", forged)
    assert found(sealed) == [(1, 300)]


def test_a_checkpoint_signed_with_another_key_is_found(sealed):
    root = sealed.ask("SELECT root FROM audit.checkpoint WHERE size = 500")
    forged = Signer("ankang", bytes(32)).sign(Checkpoint("ankang/1", 500, root))
    sealed.tamper("UPDATE audit.checkpoint SET note = %s WHERE size = 500", forged)
    assert found(sealed) == [(1, 500)]


def cut_off(log, size):
    """Everything after the checkpoint of `size`, events included, as if it had never been."""
    log.tamper("DELETE FROM audit.event WHERE id > %s", size)
    log.tamper("DELETE FROM audit.tile WHERE level = 0 AND first >= %s", size)
    log.tamper("DELETE FROM audit.tile WHERE level = 1 AND (first + 1) * 256 > %s", size)
    log.tamper("DELETE FROM audit.checkpoint WHERE size > %s", size)
    log.tamper("DELETE FROM audit.cosignature WHERE size > %s", size)


def test_a_log_cut_off_at_a_checkpoint_is_found_by_the_witness_alone(sealed):
    cut_off(sealed, 500)
    assert found(sealed, memory=None) == []
    assert found(sealed) == [(1, 500)]


def test_a_log_rewritten_with_a_stolen_key_is_found_by_the_witness_alone(sealed):
    for table in ("tile", "checkpoint", "cosignature"):
        sealed.tamper(f"DELETE FROM audit.{table}")
    sealed.tamper("UPDATE audit.event SET reason = 'another' WHERE id = 2")
    sealed.sealer(memory=Memory(sealed.folder / "none.json")).seal()
    assert found(sealed, memory=None) == []
    assert found(sealed) == [(1, 700)]


class TestSeveralShards:
    @pytest.fixture
    def two(self, sealed):
        left = sealed.append(3)
        sealer = sealed.sealer()
        sealer.open_shard(current=1, reason="restored")
        sealed.append(2)
        assert sealer.seal() == 6
        cosign(sealed)
        return sealed, left

    def test_are_found_as_they_were(self, two):
        log, _left = two
        report = verify(log)
        assert (report.findings, report.sealed, report.unsealed) == ([], 706, 0)

    def test_each_names_its_own_first_index(self, two):
        log, left = two
        log.tamper("UPDATE audit.event SET reason = 'x' WHERE id IN (12, %s)", left)
        assert found(log) == [(1, 11), (2, 2)]

    @pytest.mark.timeout(60)
    def test_goes_on_whenever_garbage_is_collected(self, two):
        """A cursor closed in the midst of another statement would wait for itself."""
        log, _left = two
        log.tamper("UPDATE audit.event SET reason = 'x' WHERE id = 12")
        thresholds = gc.get_threshold()
        gc.set_threshold(1, 1, 1)
        try:
            assert found(log) == [(1, 11)]
        finally:
            gc.set_threshold(*thresholds)

    def test_what_was_slipped_into_a_closed_shard_is_found(self, two):
        log, _left = two
        log.tamper(TAMPERING["insert"][0])
        assert found(log) == [(2, 6)]

    def test_a_checkpoint_of_the_other_shard_is_found(self, two):
        log, _left = two
        log.tamper(
            "UPDATE audit.checkpoint SET (root, note) = (SELECT root, note FROM audit.checkpoint "
            "WHERE shard = 1 AND size = 100) WHERE shard = 2"
        )
        assert found(log) == [(2, 6)]

    def test_a_vanished_shard_is_found(self, two):
        log, _left = two
        for table in ("event", "tile", "checkpoint", "cosignature"):
            log.tamper(f"DELETE FROM audit.{table} WHERE shard = 2")
        log.tamper("UPDATE audit.shard SET number = 1")
        assert (2, 0) in found(log)
