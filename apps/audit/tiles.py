"""The tree of a shard as it lies in the database: tiles of 256 hashes, read and written in pieces."""

from collections import defaultdict
from collections.abc import Iterator, Sequence
from typing import Any, Self

from psycopg import Connection

from apps.audit.merkle import HASH_BYTES, CompactRange, perfect_root

WIDTH = 256
LEVELS_IN_TILE = 8  # 2**8 == WIDTH


class LogDamaged(Exception):
    """What is stored contradicts itself: somebody changed it past the sealer."""


class Tiles:
    """Reads the tree of one shard; each tile once, so keep an instance for one task only."""

    def __init__(self, connection: Connection, shard: int) -> None:
        self.connection = connection
        self.shard = shard
        self._known: dict[tuple[int, int], list[bytes]] = {}

    def subtree(self, level: int, index: int) -> bytes:
        """The root of a complete subtree (merkle.Subtree); LogDamaged when its hashes are missing."""
        row, rest = divmod(level, LEVELS_IN_TILE)
        tile, begin = divmod(index << rest, WIDTH)
        hashes = self.entries(row, tile)[begin : begin + (1 << rest)]
        if len(hashes) != 1 << rest:
            raise LogDamaged(f"shard {self.shard}: tile {tile} of level {row} is not complete")
        return perfect_root(hashes)

    def entries(self, level: int, tile: int) -> list[bytes]:
        """The hashes of a tile, as far as there are any."""
        if (level, tile) not in self._known:
            self._known[level, tile] = self._read(level, tile)
        return self._known[level, tile]

    def range(self, size: int) -> CompactRange:
        """The tree over the first `size` leaves."""
        return CompactRange.of(size, self.subtree)

    def _read(self, level: int, tile: int) -> list[bytes]:
        found = self.connection.execute(
            "SELECT first, hashes FROM audit.tile "
            "WHERE shard = %s AND level = %s AND first >= %s AND first < %s ORDER BY first",
            [self.shard, level, tile * WIDTH, (tile + 1) * WIDTH],
        )
        entries: list[bytes] = []
        for first, hashes in found:
            if first != tile * WIDTH + len(entries):
                raise LogDamaged(f"shard {self.shard}: a gap in level {level} before {first}")
            entries += cut(hashes)
        return entries


class GrowingTree:
    """The end of a shard's tree in memory, and what was added to it since it was last stored."""

    def __init__(self, size: int, leaves: CompactRange, rows: list[list[bytes]]) -> None:
        self.stored = size
        self.leaves = leaves
        self._rows = rows  # of each level, the entries of its last, unfinished tile
        self._added: dict[int, list[bytes]] = defaultdict(list)
        self._events: list[int] = []

    @classmethod
    def load(cls, tiles: Tiles, size: int) -> Self:
        """Raises LogDamaged when the tiles hold fewer or more than `size` leaves."""
        rows = []
        for level in range((size.bit_length() + LEVELS_IN_TILE - 1) // LEVELS_IN_TILE):
            count = size >> (level * LEVELS_IN_TILE)
            rows.append(list(tiles.entries(level, count // WIDTH)))
            if len(rows[level]) != count % WIDTH:
                raise LogDamaged(f"shard {tiles.shard}: level {level} does not end at {count}")
        return cls(size, tiles.range(size), rows)

    @property
    def size(self) -> int:
        return self.leaves.size

    def append(self, leaf: bytes, event: int) -> None:
        """Adds the leaf of the event with this number."""
        self.leaves.append(leaf)
        self._events.append(event)
        level, entry = 0, leaf
        while True:
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(entry)
            self._added[level].append(entry)
            if len(self._rows[level]) < WIDTH:
                return
            entry, self._rows[level] = perfect_root(self._rows[level]), []
            level += 1

    def pieces(self) -> Iterator[tuple[int, int, bytes, list[int]]]:
        """What to store, as (level, first, hashes, events): cut where tiles end."""
        for level, hashes in sorted(self._added.items()):
            begin = self.stored >> (level * LEVELS_IN_TILE)
            for first, some in _cut_at_tiles(begin, hashes):
                at = first - begin
                events = self._events[at : at + len(some)] if level == 0 else []
                yield level, first, b"".join(some), events

    def mark_stored(self) -> None:
        """What `pieces` gave is safe."""
        self.stored = self.size
        self._added.clear()
        self._events.clear()


def cut(hashes: bytes) -> list[bytes]:
    """The single hashes of a piece."""
    return [hashes[at : at + HASH_BYTES] for at in range(0, len(hashes), HASH_BYTES)]


def leaf_count(connection: Connection, shard: int) -> int:
    """How many leaves the tiles of the shard hold."""
    row = connection.execute(
        "SELECT first + octet_length(hashes) / %s FROM audit.tile "
        "WHERE shard = %s AND level = 0 ORDER BY first DESC LIMIT 1",
        [HASH_BYTES, shard],
    ).fetchone()
    return int(row[0]) if row else 0


def find_leaf(connection: Connection, event: int, *, after: int = -1) -> tuple[int, int] | None:
    """Shard and index of the leaf that stands for this event, in a shard `after` that one; reads every
    tile, so not for pages.
    """
    row = connection.execute(
        "SELECT shard, first + array_position(events, %(event)s) - 1 FROM audit.tile "
        "WHERE level = 0 AND shard > %(after)s AND events @> ARRAY[%(event)s::bigint] LIMIT 1",
        {"event": event, "after": after},
    ).fetchone()
    return (int(row[0]), int(row[1])) if row else None


def _cut_at_tiles(begin: int, values: Sequence[Any]) -> Iterator[tuple[int, Sequence[Any]]]:
    at = 0
    while at < len(values):
        room = WIDTH - (begin + at) % WIDTH
        yield begin + at, values[at : at + room]
        at += room
