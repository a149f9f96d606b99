"""The witness: somebody with a key of its own who has seen what the log signed, and remembers.

It signs a checkpoint only when the tree goes on from the one it remembers, and it remembers before
it signs (C2SP tlog-witness): so two histories of one log never both have its signature. Works on a
psycopg connection of the role ankang_witness in autocommit.
"""

import logging

from psycopg import Connection

from apps.audit.memory import Memory
from apps.audit.merkle import InvalidProof, consistency_path, verify_consistency
from apps.audit.notes import Checkpoint, InvalidNote, Signer, Verifier, checkpoint_of
from apps.audit.tiles import LogDamaged, Tiles
from apps.core import clock

logger = logging.getLogger(__name__)


class Refused(Exception):
    """The witness does not sign this checkpoint; the message says why."""


class Witness:
    """Looks at the newest checkpoint of each shard and cosigns it."""

    def __init__(
        self, connection: Connection, *, signer: Signer, log: Verifier, memory: Memory
    ) -> None:
        self.connection = connection
        self.signer = signer
        self.log = log
        self.memory = memory

    def look(self) -> int:
        """One round; returns how many checkpoints were cosigned.

        Raises Refused after the others were looked at.
        """
        cosigned, refusals = 0, []
        for shard, size, note in self._newest():
            try:
                cosigned += self._look_at(shard, size, note)
            except (Refused, LogDamaged) as error:
                refusals.append(str(error))
        if refusals:
            raise Refused("; ".join(refusals))
        return cosigned

    def _look_at(self, shard: int, size: int, note: str) -> bool:
        with self.memory.locked():
            checkpoint = self._checked(shard, size, note)
            seen = self.memory.of(checkpoint.origin)
            if seen == checkpoint and self._has_signed(shard, size):
                return False
            if seen is not None:
                self._check_goes_on(shard, seen, checkpoint)
            if seen != checkpoint:
                self.memory.keep(checkpoint)
        self._sign(shard, checkpoint)
        return True

    def _newest(self) -> list[tuple[int, int, str]]:
        return self.connection.execute(
            "SELECT DISTINCT ON (shard) shard, size, note FROM audit.checkpoint "
            "ORDER BY shard, size DESC"
        ).fetchall()

    def _checked(self, shard: int, size: int, note: str) -> Checkpoint:
        try:
            self.log.check(note)
            checkpoint = checkpoint_of(note)
        except InvalidNote as error:
            raise Refused(f"shard {shard}, checkpoint {size}: {error}") from error
        if (checkpoint.origin, checkpoint.size) != (self.log.origin(shard), size):
            raise Refused(f"shard {shard}, checkpoint {size}: the note is of another one")
        return checkpoint

    def _check_goes_on(self, shard: int, seen: Checkpoint, now: Checkpoint) -> None:
        """Proven from the tiles as they are now; whoever changed them cannot reach both roots."""
        if now.size < seen.size:
            raise Refused(f"shard {shard} shrank from {seen.size} to {now.size} events")
        tiles = Tiles(self.connection, shard)
        try:
            verify_consistency(
                old=seen.size,
                new=now.size,
                path=consistency_path(seen.size, now.size, tiles.subtree),
                old_root=seen.root,
                new_root=now.root,
            )
        except InvalidProof as error:
            raise Refused(
                f"shard {shard}: {now.size} events do not begin with the {seen.size} seen before"
            ) from error

    def _has_signed(self, shard: int, size: int) -> bool:
        row = self.connection.execute(
            "SELECT FROM audit.cosignature WHERE shard = %s AND size = %s AND witness = %s",
            [shard, size, self.signer.verifier.name],
        ).fetchone()
        return row is not None

    def _sign(self, shard: int, checkpoint: Checkpoint) -> None:
        line = self.signer.cosign(checkpoint, int(clock.now().timestamp()))
        self.connection.execute(
            "INSERT INTO audit.cosignature (shard, size, witness, line) VALUES (%s, %s, %s, %s) "
            "ON CONFLICT DO NOTHING",
            [shard, checkpoint.size, self.signer.verifier.name, line],
        )
        logger.info("cosigned %s events of shard %s", checkpoint.size, shard)
