"""A month of events as a file that outlives the database: the sealed bytes of each event, and its salt.

One JSON object a line, gzipped: `{"event": {…}, "salt": "…", "shard": 1, "index": 42}`. The leaf of
each line is checked against its tile while it is written and once more when the file is read back;
with the tiles, which stay, it proves the same as the event in the database did.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Self

from psycopg import Connection

from apps.audit.canonical import COLUMNS, NUMBER_AT, canonical, event_of, leaf_of, salt_of
from apps.audit.leaves import AT_ONCE
from apps.audit.merkle import HASH_BYTES, leaf_hash
from apps.audit.tiles import WIDTH, Tiles, find_leaf


class ArchiveWrong(Exception):
    """The archive or the month is not what was sealed; nothing is retired.

    `shard` and `index` are of the first leaf that does not fit, 0 where no leaf can be named.
    """

    def __init__(self, what: str, *, shard: int = 0, index: int = 0) -> None:
        self.shard = shard
        self.index = index
        super().__init__(what)


@dataclass(frozen=True)
class Archive:
    path: Path
    events: int
    sha256: str


def write_archive(connection: Connection, *, month: date, path: Path) -> Archive:
    """Writes the month and reads it back; raises ArchiveWrong, and then leaves no file.

    However many events the month has, a few thousand of them are held at once.
    """
    draft = path.with_suffix(".draft")
    try:
        written = _write(connection, month, draft)
        if (read_back := _Sum.of(read_archive(draft))) != written:
            raise ArchiveWrong(
                f"the file does not hold what was written to it ({read_back.events} events)"
            )
        archive = Archive(path, written.events, _digest(draft))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(path)
    return archive


def _write(connection: Connection, month: date, draft: Path) -> "_Sum":
    with gzip.open(draft, "wt", encoding="utf-8", compresslevel=6) as file:
        written = _Sum()
        for line in _lines(connection, month):
            file.write(json.dumps(line, ensure_ascii=False) + "\n")
            written.add(line)
    if (expected := _count(connection, month)) != written.events:
        raise ArchiveWrong(f"{written.events} leaves stand for {expected} events")
    return written


class _Sum:
    """What a row of lines comes to: how many, and one hash over the leaf and place of each."""

    def __init__(self) -> None:
        self.events = 0
        self._sum = hashlib.sha256()

    @classmethod
    def of(cls, lines: Iterable[dict[str, Any]]) -> Self:
        made = cls()
        with _readable():
            for line in lines:
                made.add(line)
        return made

    def add(self, line: dict[str, Any]) -> None:
        self.events += 1
        self._sum.update(f"{line['shard']}/{line['index']}/".encode() + _leaf_of(line))

    def __eq__(self, other: object) -> bool:
        return isinstance(other, _Sum) and self._digest() == other._digest()

    __hash__ = None  # type: ignore[assignment]  # it changes

    def _digest(self) -> tuple[int, bytes]:
        return self.events, self._sum.digest()


def read_archive(path: Path) -> Iterator[dict[str, Any]]:
    """The lines of an archive; raises ArchiveWrong where the file is damaged."""
    with _readable(), gzip.open(path, "rt", encoding="utf-8") as file:
        for line in file:
            yield json.loads(line)


def find_archived(path: Path, number: int) -> dict[str, Any] | None:
    """The line of the event with this number; raises ArchiveWrong, and OSError without the file.

    Looks at text first: parsing a month of lines takes ten times as long as reading it.
    """
    wanted = f'"id": {number},'
    with _readable(), gzip.open(path, "rt", encoding="utf-8") as file:
        for text in file:
            if wanted in text:
                line: dict[str, Any] = json.loads(text)
                if line["event"]["id"] == number:
                    return line
    return None


@contextmanager
def _readable() -> Iterator[None]:
    try:
        yield
    except (EOFError, zlib.error, gzip.BadGzipFile, ValueError, KeyError, TypeError) as error:
        raise ArchiveWrong("the file is damaged") from error


def _leaf_of(line: dict[str, Any]) -> bytes:
    return leaf_hash(canonical(line["event"]) + bytes.fromhex(line["salt"]))


# Every event of the month beside its leaf, in the order of the trees. Joined and sorted by the
# database, which puts on its disk what does not fit into its memory.
_LINES = f"""
    SELECT {COLUMNS}, leaf.tree, leaf.place, leaf.hash FROM audit.event
    LEFT JOIN (
        SELECT shard AS tree, first + at - 1 AS place, number,
            substring(hashes FROM ((at - 1) * {HASH_BYTES} + 1)::int FOR {HASH_BYTES}) AS hash
        FROM audit.tile, unnest(events) WITH ORDINALITY AS each (number, at) WHERE level = 0
    ) AS leaf ON leaf.number = event.id
    WHERE recorded_at >= %(month)s::date AT TIME ZONE 'UTC'
    AND recorded_at < (%(month)s::date + interval '1 month') AT TIME ZONE 'UTC'
    ORDER BY leaf.tree NULLS FIRST, leaf.place
"""


def _lines(connection: Connection, month: date) -> Iterator[dict[str, Any]]:
    """Checked one by one against the leaf that was sealed."""
    with connection.transaction(), connection.cursor("month") as cursor:
        cursor.itersize = AT_ONCE
        cursor.execute(_LINES, {"month": month})
        for *row, shard, index, leaf in cursor:
            if shard is None:
                raise ArchiveWrong(f"event {row[NUMBER_AT]} is not sealed yet")
            if leaf_of(row) != leaf:
                what = f"event {row[NUMBER_AT]} is not what was sealed"
                raise ArchiveWrong(what, shard=shard, index=index)
            yield {
                "event": event_of(row),
                "salt": salt_of(row).hex(),
                "shard": shard,
                "index": index,
            }


def _count(connection: Connection, month: date) -> int:
    row = connection.execute(
        "SELECT count(*) FROM audit.event WHERE recorded_at >= %(month)s::date AT TIME ZONE 'UTC' "
        "AND recorded_at < (%(month)s::date + interval '1 month') AT TIME ZONE 'UTC'",
        {"month": month},
    ).fetchone()
    return int(row[0]) if row else 0


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_retired(connection: Connection, folder: Path, month: date, sha256: str) -> None:
    """The file of a retired month holds what was sealed, all of it, and is the one that was verified
    then; raises ArchiveWrong with the first leaf that does not fit, and OSError.
    """
    path = folder / file_name(month)
    count = sum(1 for _ in _checked_numbers(connection, path))
    if _digest(path) == sha256 and count == _retired_count(connection, month):
        return  # byte for byte what was verified then, so nothing is missing
    seen = set(_checked_numbers(connection, path))
    for number in _retired_numbers(connection, month):
        if number not in seen:
            shard, index = find_leaf(connection, number) or (0, 0)
            raise ArchiveWrong(f"event {number} is missing", shard=shard, index=index)
    raise ArchiveWrong("is not the file that was verified when the month was retired")


def _checked_numbers(connection: Connection, path: Path) -> Iterator[int]:
    """The numbers of the events in the file. Its lines follow the tree, so a tile is read once."""
    tiles, at = Tiles(connection, 0), -1
    with _readable():
        for line in read_archive(path):
            shard, index = int(line["shard"]), int(line["index"])
            if (tiles.shard, at) != (shard, index // WIDTH):
                tiles, at = Tiles(connection, shard), index // WIDTH
            stored = tiles.entries(0, at)[index % WIDTH :][:1]
            if stored != [_leaf_of(line)]:
                what = f"event {line['event']['id']} is not what was sealed"
                raise ArchiveWrong(what, shard=shard, index=index)
            yield int(line["event"]["id"])


def _retired_count(connection: Connection, month: date) -> int:
    query = "SELECT events FROM audit.retired WHERE month = %s"
    row = connection.execute(query, [month]).fetchone()
    return int(row[0]) if row else 0


def _retired_numbers(connection: Connection, month: date) -> Iterator[int]:
    for begin, end in connection.execute(
        "SELECT lower(stretch), upper(stretch) FROM audit.retired, unnest(numbers) AS stretch "
        "WHERE month = %s ORDER BY 1",
        [month],
    ).fetchall():
        yield from range(begin, end)


def file_name(month: date) -> str:
    return f"access-log-{month:%Y-%m}.ndjson.gz"


def month_of_retired(connection: Connection, number: int) -> date | None:
    """The month with which this event left the log; None for one that did not."""
    row = connection.execute(
        "SELECT month FROM audit.retired WHERE numbers @> %s::bigint", [number]
    ).fetchone()
    return row[0] if row else None
