"""The sealer: reads events in their order, grows the shard's tree, signs a checkpoint.

One batch is one transaction: tiles and checkpoint, both or neither. Only what lies below
`pg_snapshot_xmin` is read, where nothing can appear any more; docs/explanation/access-log.md says
why. Works on a psycopg connection of the role ankang_sealer in autocommit.
"""

import logging
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from apps.audit.canonical import COLUMNS, NUMBER_AT, SHARD_AT, XID_AT, leaf_of
from apps.audit.memory import Memory
from apps.audit.merkle import EMPTY_ROOT
from apps.audit.notes import Checkpoint, InvalidNote, Signer, checkpoint_of
from apps.audit.tiles import GrowingTree, LogDamaged, Tiles

BATCH = 5000  # events
# Advisory locks share one space in a database; this one is the sealer's (no meaning in the number).
LOCK = 0x5EA1

logger = logging.getLogger(__name__)


class WitnessDisagrees(Exception):
    """The witness has seen a tree that this database does not hold: restored, or rewritten."""

    def __init__(self, shard: int, reason: str) -> None:
        self.shard = shard
        self.reason = reason
        super().__init__(f"shard {shard}: {reason}")


@dataclass(frozen=True)
class Head:
    """How far the current shard is sealed."""

    shard: int
    size: int = 0
    last_xid: str = "0"
    last_event: int = 0
    root: bytes = EMPTY_ROOT
    note: str = ""


class Sealer:
    """Seals batch after batch. A second one on the same database finds the lock taken and waits."""

    def __init__(
        self, connection: Connection, *, signer: Signer, memory: Memory, batch: int = BATCH
    ) -> None:
        self.connection = connection
        self.signer = signer
        self.memory = memory
        self.batch = batch
        self._tree: GrowingTree | None = None
        self._shard = 0

    def seal(self) -> int:
        """One batch; returns how many events it sealed (0 also while another sealer is at work).

        Raises WitnessDisagrees and LogDamaged, and then has signed nothing.
        """
        try:
            with self.connection.transaction():
                if not self._take_lock():
                    return 0
                head = read_head(self.connection)
                tree = self._tree_at(head)
                rows = [*self._stragglers(head), *self._next(head)]
                if not rows:
                    return 0
                self._store(head, tree, rows)
            # Only here the transaction is committed: the tree in memory may count it as stored.
            tree.mark_stored()
            return len(rows)
        except BaseException:
            self._tree = None  # it may be ahead of the database: the next batch loads it again
            raise

    def open_shard(self, *, current: int, reason: str) -> int:
        """A new tree beside the old one, which stays as it is; the opening is an event itself."""
        row = self.connection.execute(
            "SELECT audit.open_shard(%s, %s)", [current, reason]
        ).fetchone()
        self._tree = None
        assert row is not None
        logger.error("shard %s was closed (%s); shard %s is open", current, reason, row[0])
        return int(row[0])

    def _take_lock(self) -> bool:
        row = self.connection.execute("SELECT pg_try_advisory_xact_lock(%s)", [LOCK]).fetchone()
        return bool(row and row[0])

    def _tree_at(self, head: Head) -> GrowingTree:
        """The tree in memory, else the one in the database once it has proven itself."""
        if self._tree is None or (self._shard, self._tree.size) != (head.shard, head.size):
            tiles = Tiles(self.connection, head.shard)
            self._tree, self._shard = GrowingTree.load(tiles, head.size), head.shard
            self._check_own_note(head, self._tree)
        self._check_witness(head)
        return self._tree

    def _check_own_note(self, head: Head, tree: GrowingTree) -> None:
        """The sealer continues only what it signed itself."""
        if head.size == 0:
            return
        try:
            self.signer.verifier.check(head.note)
            signed = checkpoint_of(head.note)
        except InvalidNote as error:
            raise LogDamaged(
                f"the checkpoint {head.size} of shard {head.shard}: {error}"
            ) from error
        if signed != Checkpoint(
            self.signer.verifier.origin(head.shard), head.size, tree.leaves.root()
        ):
            raise LogDamaged(
                f"the tiles of shard {head.shard} are not those of its last checkpoint"
            )

    def _check_witness(self, head: Head) -> None:
        """A restored or rewritten database is never signed on: that would be a fork."""
        seen = self.memory.of(self.signer.verifier.origin(head.shard))
        if seen is None:
            return
        if seen.size > head.size:
            raise WitnessDisagrees(head.shard, "behind_witness")
        known = head.root
        if seen.size < head.size:
            known = Tiles(self.connection, head.shard).range(seen.size).root()
        if known != seen.root:
            raise WitnessDisagrees(head.shard, "differs_from_witness")

    def _next(self, head: Head) -> list[tuple[Any, ...]]:
        # The table's name stands before the columns of ORDER BY: bare ones would mean the texts of
        # COLUMNS, and "10" sorts before "9".
        return self.connection.execute(
            f"SELECT {COLUMNS} FROM audit.event "
            "WHERE shard = %s AND (xid, id) > (%s::xid8, %s) "
            "AND xid < pg_snapshot_xmin(pg_current_snapshot()) "
            "ORDER BY event.xid, event.id LIMIT %s",
            [head.shard, head.last_xid, head.last_event, self.batch],
        ).fetchall()

    def _stragglers(self, head: Head) -> list[tuple[Any, ...]]:
        """Events of closed shards that no tree holds: the new one takes them first.

        They were written between a restore and the opening, or by a transaction that began before
        it, so they are looked for as long as such a transaction may live (roles.SETTINGS).
        """
        if head.shard == 1:
            return []
        return self.connection.execute(
            f"SELECT {COLUMNS} FROM audit.event LEFT JOIN "
            "(SELECT unnest(events) AS sealed FROM audit.tile WHERE level = 0) AS tile ON sealed = id "
            "WHERE sealed IS NULL AND shard < %s "
            "AND xid < pg_snapshot_xmin(pg_current_snapshot()) "
            "AND (SELECT opened_at > now() - interval '10 minutes' FROM audit.shard) "
            "ORDER BY event.shard, event.xid, event.id LIMIT %s",
            [head.shard, self.batch],
        ).fetchall()

    def _store(self, head: Head, tree: GrowingTree, rows: Iterable[Sequence[Any]]) -> None:
        last_xid, last_event = head.last_xid, head.last_event
        for row in rows:
            tree.append(leaf_of(row), row[NUMBER_AT])
            if row[SHARD_AT] == head.shard:
                last_xid, last_event = row[XID_AT], row[NUMBER_AT]
        root = tree.leaves.root()
        note = self.signer.sign(
            Checkpoint(self.signer.verifier.origin(head.shard), tree.size, root)
        )
        with self.connection.cursor() as cursor:
            cursor.executemany(
                "INSERT INTO audit.tile (shard, level, first, hashes, events) "
                "VALUES (%s, %s, %s, %s, %s)",
                [(head.shard, *piece) for piece in tree.pieces()],
            )
        self.connection.execute(
            "INSERT INTO audit.checkpoint (shard, size, last_xid, last_event, root, note) "
            "VALUES (%s, %s, %s::xid8, %s, %s, %s)",
            [head.shard, tree.size, last_xid, last_event, root, note],
        )


def read_head(connection: Connection) -> Head:
    """The newest checkpoint of the current shard."""
    row = connection.execute(
        "SELECT number, size, last_xid::text, last_event, root, note FROM audit.shard "
        "LEFT JOIN audit.checkpoint ON checkpoint.shard = shard.number "
        "ORDER BY size DESC LIMIT 1"
    ).fetchone()
    assert row is not None  # the table holds exactly one row
    shard, size, *rest = row
    return Head(shard) if size is None else Head(shard, size, *rest)
