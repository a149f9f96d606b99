"""Going through a sealed shard leaf by leaf, each with the event it stands for."""

from bisect import bisect_right
from collections.abc import Generator, Sequence
from dataclasses import dataclass
from typing import Any

from psycopg import Connection

from apps.audit.canonical import COLUMNS, NUMBER_AT, leaf_of
from apps.audit.merkle import perfect_root
from apps.audit.tiles import LEVELS_IN_TILE, WIDTH, Tiles, cut

Row = Sequence[Any]
AT_ONCE = 2000  # rows fetched with one trip; memory does not grow with the log


@dataclass(frozen=True)
class Finding:
    """Something is not as it was sealed: in which shard, from which leaf on, and what."""

    shard: int
    index: int
    what: str

    def __str__(self) -> str:
        return f"shard {self.shard}, index {self.index}: {self.what}"


class Found(Exception):
    """The first finding of a shard; what follows it proves nothing any more."""

    def __init__(self, finding: Finding) -> None:
        self.finding = finding
        super().__init__(str(finding))


@dataclass(frozen=True)
class Retired:
    """The numbers of the events whose months have left the log (audit.retired)."""

    first: list[int]
    after: list[int]  # of each stretch, the number after its last

    @classmethod
    def read(cls, connection: Connection) -> "Retired":
        found = connection.execute(
            "SELECT lower(stretch), upper(stretch) FROM audit.retired, unnest(numbers) AS stretch "
            "ORDER BY 1"
        ).fetchall()
        return cls([row[0] for row in found], [row[1] for row in found])

    def __contains__(self, number: int) -> bool:
        at = bisect_right(self.first, number) - 1
        return at >= 0 and number < self.after[at]


class Events:
    """The events of a shard in their order, asked for by number.

    `strays` are events of closed shards that their own tree does not hold; a later tree does.
    """

    def __init__(
        self,
        connection: Connection,
        shard: int,
        *,
        closed: bool,
        strays: dict[int, Row],
        retired: "Retired",
    ) -> None:
        self.connection = connection
        self.shard = shard
        self.closed = closed
        self.strays = strays
        self.retired = retired
        self._rows = self._read()

    def take(self, number: int, index: int) -> Row | None:
        """The event that leaf `index` stands for, None for one of a retired month.

        Raises Found when it is not in its place.
        """
        if number in self.retired:
            return None
        if number in self.strays:
            return self.strays.pop(number)
        for row in self._rows:
            if row[NUMBER_AT] == number:
                return row
            if self._is_sealed(row[NUMBER_AT]):
                break
            self._not_in_the_tree(row, index)
        raise Found(Finding(self.shard, index, f"event {number} {self._where(number)}"))

    def rest(self) -> int:
        """How many events follow the last leaf; in a closed shard they are strays."""
        count = 0
        for row in self._rows:
            count += 1
            if self.closed:
                self.strays[row[NUMBER_AT]] = row
        return 0 if self.closed else count

    def collect_strays(self) -> None:
        """After a finding: the strays that were not reached."""
        if not self.closed:
            return
        found = self.connection.execute(
            f"SELECT {COLUMNS} FROM audit.event LEFT JOIN "
            "(SELECT unnest(events) AS sealed FROM audit.tile WHERE level = 0 AND shard = %s) AS tile "
            "ON sealed = id WHERE sealed IS NULL AND shard = %s",
            [self.shard, self.shard],
        )
        self.strays.update((row[NUMBER_AT], row) for row in found)

    def close(self) -> None:
        self._rows.close()

    def _not_in_the_tree(self, row: Row, index: int) -> None:
        if not self.closed:
            what = f"event {row[NUMBER_AT]} stands here and was never sealed"
            raise Found(Finding(self.shard, index, what))
        self.strays[row[NUMBER_AT]] = row

    def _read(self) -> Generator[Row, None, None]:
        with self.connection.cursor(f"events_{self.shard}") as cursor:
            cursor.itersize = AT_ONCE
            cursor.execute(
                f"SELECT {COLUMNS} FROM audit.event WHERE shard = %s ORDER BY event.xid, event.id",
                [self.shard],
            )
            yield from cursor

    def _is_sealed(self, number: int) -> bool:
        query = "SELECT FROM audit.tile WHERE level = 0 AND events @> ARRAY[%s::bigint] LIMIT 1"
        return self.connection.execute(query, [number]).fetchone() is not None

    def _where(self, number: int) -> str:
        query = "SELECT FROM audit.event WHERE id = %s LIMIT 1"
        there = self.connection.execute(query, [number]).fetchone() is not None
        return "is not in its place" if there else "is missing"


def leaves(connection: Connection, shard: int) -> Generator[tuple[int, int, bytes], None, None]:
    """(index, event's number, leaf's hash) as the tiles say; raises Found for a gap."""
    index = 0
    with connection.cursor(f"tiles_{shard}") as cursor:
        cursor.itersize = 50
        cursor.execute(
            "SELECT first, events, hashes FROM audit.tile WHERE shard = %s AND level = 0 "
            "ORDER BY first",
            [shard],
        )
        for first, events, hashes in cursor:
            if first != index:
                raise Found(Finding(shard, index, "the tile is missing"))
            for number, leaf in zip(events, cut(hashes), strict=True):
                yield index, number, leaf
                index += 1


class UpperRows:
    """Compares the tiles above the leaves with what the leaves say."""

    def __init__(self, tiles: Tiles) -> None:
        self.tiles = tiles
        self._rows: list[list[bytes]] = [[]]

    def append(self, leaf: bytes, index: int) -> None:
        """Raises Found when the leaf completes a tile whose stored root is another one."""
        level, entry = 0, leaf
        self._rows[0].append(entry)
        while len(self._rows[level]) == WIDTH:
            entry, self._rows[level] = perfect_root(self._rows[level]), []
            level += 1
            place = index >> (level * LEVELS_IN_TILE)
            if self.tiles.entries(level, place // WIDTH)[place % WIDTH :][:1] != [entry]:
                what = f"entry {place} of level {level} is not the root of its tile"
                raise Found(Finding(self.tiles.shard, index, what))
            if level == len(self._rows):
                self._rows.append([])
            self._rows[level].append(entry)


def check_leaf(shard: int, index: int, row: Row, leaf: bytes) -> None:
    """Raises Found unless the event still has the hash that was sealed."""
    if leaf_of(row) != leaf:
        what = f"event {row[NUMBER_AT]} or its leaf was changed"
        raise Found(Finding(shard, index, what))
