"""`audit_verify`: recomputes the whole log and names the first bad index of each shard.

Nothing that is stored is believed: leaves come from the events, roots from the leaves, and the
checkpoints, cosignatures and the witness's memory have to agree with those.
"""

from collections.abc import Generator, Iterator
from contextlib import closing
from dataclasses import dataclass, field
from pathlib import Path

from psycopg import Connection, IsolationLevel

from apps.audit.archives import ArchiveWrong, check_retired
from apps.audit.kept import check_kept
from apps.audit.leaves import (
    Events,
    Finding,
    Found,
    Retired,
    Row,
    UpperRows,
    check_leaf,
    leaves,
)
from apps.audit.memory import Memory
from apps.audit.merkle import CompactRange
from apps.audit.notes import Checkpoint, InvalidNote, Verifier, checkpoint_of
from apps.audit.structure import check_structure
from apps.audit.tiles import LogDamaged, Tiles


@dataclass
class Report:
    """What was looked at and what was found."""

    sealed: int = 0  # events
    unsealed: int = 0  # events that wait for the sealer
    retired: int = 0  # sealed events whose months have left the log
    kept: int = 0  # events of a downtime that wait in a journal, or are missing
    checkpoints: int = 0
    cosignatures: int = 0
    findings: list[Finding] = field(default_factory=list)


@dataclass(frozen=True)
class _Stored:
    size: int
    root: bytes
    note: str
    lines: list[str]


class Verification:
    """One look at the whole log, in one snapshot. `memory` None: the witness's file is elsewhere."""

    def __init__(
        self,
        connection: Connection,
        *,
        log: Verifier,
        witness: Verifier | None,
        memory: Memory | None,
        archives: Path | None = None,
    ) -> None:
        self.connection = connection
        self.log = log
        self.witness = witness
        self.memory = memory
        self.archives = archives
        self.report = Report()
        self._strays: dict[int, Row] = {}

    def run(self) -> Report:
        """May take minutes; the connection is any one that reads the log, in autocommit."""
        # A reader holds no writer up, so the role's limits are not meant for it.
        for limit in ("transaction_timeout", "idle_in_transaction_session_timeout"):
            self.connection.execute(f"SET {limit} = 0")
        self.connection.isolation_level = IsolationLevel.REPEATABLE_READ
        self.connection.read_only = True
        with self.connection.transaction():
            current = self._current_shard()
            self._retired = Retired.read(self.connection)
            for shard in range(1, current + 1):
                self._check_shard(shard, closed=shard < current)
            self._check_strays(current)
            self._check_nothing_vanished(current)
            self._check_archives()
            self.report.findings += check_structure(self.connection)
            self._check_downtimes()
        return self.report

    def _check_archives(self) -> None:
        """The months that have left, where their files are at hand."""
        if self.archives is None:
            return
        for month, sha256 in self.connection.execute(
            "SELECT month, sha256 FROM audit.retired ORDER BY month"
        ).fetchall():
            try:
                check_retired(self.connection, self.archives, month, sha256)
            except ArchiveWrong as error:
                what = f"the archive of {month:%Y-%m}: {error}"
                self.report.findings.append(Finding(error.shard, error.index, what))
            except (OSError, LogDamaged) as error:
                self.report.findings.append(Finding(0, 0, f"the archive of {month:%Y-%m}: {error}"))

    def _check_downtimes(self) -> None:
        for count, finding in check_kept(self.connection):
            self.report.kept += count
            if finding is not None:
                self.report.findings.append(finding)

    def _current_shard(self) -> int:
        row = self.connection.execute(
            "SELECT greatest(shard.number, max(checkpoint.shard)) "
            "FROM audit.shard LEFT JOIN audit.checkpoint ON true GROUP BY shard.number"
        ).fetchone()
        return int(row[0]) if row else 1

    def _check_shard(self, shard: int, *, closed: bool) -> None:
        tree = CompactRange()
        events = Events(
            self.connection, shard, closed=closed, strays=self._strays, retired=self._retired
        )
        try:
            self._go_through(shard, tree, events)
            self.report.unsealed += events.rest()
        except Found as found:
            self.report.findings.append(found.finding)
            events.collect_strays()
        except LogDamaged as error:
            self.report.findings.append(Finding(shard, tree.size, str(error)))
            events.collect_strays()
        finally:
            events.close()
        self.report.sealed += tree.size

    def _go_through(self, shard: int, tree: CompactRange, events: Events) -> None:
        # Closed here and not by the garbage collector: that would close their cursors in the midst of
        # another statement, which holds the connection's lock, and wait for itself.
        with (
            closing(self._checkpoints(shard)) as checkpoints,
            closing(leaves(self.connection, shard)) as sealed,
        ):
            self._compare(tree, events, checkpoints, sealed)

    def _compare(
        self,
        tree: CompactRange,
        events: Events,
        checkpoints: Iterator[_Stored],
        sealed: Iterator[tuple[int, int, bytes]],
    ) -> None:
        shard = events.shard
        rows = UpperRows(Tiles(self.connection, shard))
        seen = self.memory.of(self.log.origin(shard)) if self.memory else None
        expected = next(checkpoints, None)
        for index, number, leaf in sealed:
            row = events.take(number, index)
            if row is None:
                self.report.retired += 1
            else:
                check_leaf(shard, index, row, leaf)
            rows.append(leaf, index)
            tree.append(leaf)
            if expected is not None and expected.size == tree.size:
                self._check_checkpoint(shard, expected, tree.root())
                expected = next(checkpoints, None)
            if seen is not None and seen.size == tree.size and seen.root != tree.root():
                raise Found(Finding(shard, tree.size, "the witness has seen another tree"))
        self._check_end(shard, tree.size, expected, seen)

    def _check_end(
        self, shard: int, size: int, expected: _Stored | None, seen: Checkpoint | None
    ) -> None:
        if expected is not None:
            what = f"there is no leaf, but a checkpoint of {expected.size} leaves"
            raise Found(Finding(shard, size, what))
        if size != self._last_size(shard):
            raise Found(Finding(shard, self._last_size(shard), "leaves without a checkpoint"))
        if seen is not None and seen.size > size:
            raise Found(Finding(shard, size, f"the witness has seen {seen.size} events"))

    def _check_checkpoint(self, shard: int, stored: _Stored, root: bytes) -> None:
        self.report.checkpoints += 1
        try:
            self.log.check(stored.note)
            signed = checkpoint_of(stored.note)
            for line in stored.lines if self.witness else []:
                assert self.witness is not None
                self.witness.check(stored.note + line)
                self.report.cosignatures += 1
        except InvalidNote as error:
            what = f"the checkpoint of {stored.size} leaves: {error}"
            raise Found(Finding(shard, stored.size, what)) from error
        if signed != Checkpoint(self.log.origin(shard), stored.size, root) or stored.root != root:
            what = f"the checkpoint of {stored.size} leaves has another root"
            raise Found(Finding(shard, stored.size, what))

    def _checkpoints(self, shard: int) -> Generator[_Stored, None, None]:
        with self.connection.cursor(f"checkpoints_{shard}") as cursor:
            cursor.itersize = 500
            cursor.execute(
                "SELECT size, root, note, coalesce(array_agg(line) FILTER (WHERE witness = %s), '{}') "
                "FROM audit.checkpoint LEFT JOIN audit.cosignature USING (shard, size) "
                "WHERE shard = %s GROUP BY shard, size, root, note ORDER BY size",
                [self.witness.name if self.witness else "", shard],
            )
            for row in cursor:
                yield _Stored(*row)

    def _last_size(self, shard: int) -> int:
        query = "SELECT coalesce(max(size), 0) FROM audit.checkpoint WHERE shard = %s"
        row = self.connection.execute(query, [shard]).fetchone()
        return int(row[0]) if row else 0

    def _check_strays(self, current: int) -> None:
        """An event of a closed shard that no tree holds."""
        if self._strays:
            numbers = ", ".join(map(str, sorted(self._strays)[:10]))
            what = f"sealed by no shard: events {numbers}"
            self.report.findings.append(Finding(current, self._last_size(current), what))

    def _check_nothing_vanished(self, current: int) -> None:
        known = {self.log.origin(shard) for shard in range(1, current + 1)}
        for origin in self.memory.origins() if self.memory else []:
            if origin not in known and origin.startswith(f"{self.log.name}/"):
                shard = int(origin.rpartition("/")[2])
                self.report.findings.append(Finding(shard, 0, "the whole shard is missing"))
