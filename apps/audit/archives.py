"""A month of events as a file that outlives the database: the sealed bytes of each event, and its salt.

One JSON object a line, gzipped: `{"event": {…}, "salt": "…", "shard": 1, "index": 42}`. The leaf of
each line is checked against its tile while it is written and once more when the file is read back;
with the tiles, which stay, it proves the same as the event in the database did.
"""

import gzip
import hashlib
import json
import zlib
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any

from psycopg import Connection

from apps.audit.canonical import COLUMNS, NUMBER_AT, canonical, event_of, leaf_of, salt_of
from apps.audit.merkle import leaf_hash
from apps.audit.tiles import WIDTH, Tiles, cut, find_leaf


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
    """Writes the month and reads it back; raises ArchiveWrong, and then leaves no file."""
    leaves = _leaves_of(connection, month)
    draft = path.with_suffix(".draft")
    try:
        with gzip.open(draft, "wt", encoding="utf-8", compresslevel=6) as file:
            for line in _lines(connection, month, leaves):
                file.write(json.dumps(line, ensure_ascii=False) + "\n")
        archive = Archive(path, check_archive(draft, leaves), _digest(draft))
    except BaseException:
        draft.unlink(missing_ok=True)
        raise
    draft.replace(path)
    return archive


def check_archive(path: Path, leaves: dict[int, tuple[int, int, bytes]]) -> int:
    """Every line has the leaf that was sealed, and none is missing; returns how many there are."""
    seen = set()
    for line in read_archive(path):
        number = int(line["event"]["id"])
        leaf = leaf_hash(canonical(line["event"]) + bytes.fromhex(line["salt"]))
        if number in seen or leaves.get(number, (0, 0, b""))[2] != leaf:
            raise ArchiveWrong(f"event {number} is not what was sealed")
        seen.add(number)
    if seen != leaves.keys():
        raise ArchiveWrong(f"{len(leaves.keys() - seen)} events are missing")
    return len(seen)


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


def _lines(
    connection: Connection, month: date, leaves: dict[int, tuple[int, int, bytes]]
) -> Iterator[dict[str, Any]]:
    for row in _events(connection, month):
        number = row[NUMBER_AT]
        if number not in leaves:
            raise ArchiveWrong(f"event {number} is not sealed yet")
        shard, index, leaf = leaves[number]
        if leaf_of(row) != leaf:
            raise ArchiveWrong(f"event {number} is not what was sealed")
        yield {
            "event": event_of(row),
            "salt": salt_of(row).hex(),
            "shard": shard,
            "index": index,
        }


def _events(connection: Connection, month: date) -> Iterator[tuple[Any, ...]]:
    with connection.transaction(), connection.cursor("month") as cursor:
        cursor.itersize = 2000
        cursor.execute(
            f"SELECT {COLUMNS} FROM audit.event WHERE recorded_at >= %(month)s::date AT TIME ZONE 'UTC' "
            "AND recorded_at < (%(month)s::date + interval '1 month') AT TIME ZONE 'UTC' "
            "ORDER BY event.shard, event.xid, event.id",
            {"month": month},
        )
        yield from cursor


def _leaves_of(connection: Connection, month: date) -> dict[int, tuple[int, int, bytes]]:
    """Event → (shard, index, leaf) of everything in the month that a tile holds."""
    found = connection.execute(
        # Two hashed joins; comparing arrays with arrays would take days for a month of millions.
        "SELECT shard, first, events, hashes FROM audit.tile WHERE level = 0 AND (shard, first) IN ("
        "  SELECT shard, first FROM audit.tile, unnest(events) AS number"
        "  WHERE level = 0 AND number IN (SELECT id FROM audit.event"
        "    WHERE recorded_at >= %(month)s::date AT TIME ZONE 'UTC'"
        "    AND recorded_at < (%(month)s::date + interval '1 month') AT TIME ZONE 'UTC'))",
        {"month": month},
    )
    held = {row[0] for row in _numbers(connection, month)}
    return {
        number: (shard, first + at, leaf)
        for shard, first, events, hashes in found
        for at, (number, leaf) in enumerate(zip(events, cut(hashes), strict=True))
        if number in held
    }


def _numbers(connection: Connection, month: date) -> Any:
    return connection.execute(
        "SELECT id FROM audit.event WHERE recorded_at >= %(month)s::date AT TIME ZONE 'UTC' "
        "AND recorded_at < (%(month)s::date + interval '1 month') AT TIME ZONE 'UTC'",
        {"month": month},
    )


def _digest(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()


def check_retired(connection: Connection, folder: Path, month: date, sha256: str) -> None:
    """The file of a retired month holds what was sealed, all of it, and is the one that was verified
    then; raises ArchiveWrong with the first leaf that does not fit, and OSError.
    """
    path = folder / file_name(month)
    seen = _check_leaves(connection, path)
    for number in _retired_numbers(connection, month):
        if number not in seen:
            shard, index = find_leaf(connection, number) or (0, 0)
            raise ArchiveWrong(f"event {number} is missing", shard=shard, index=index)
    if _digest(path) != sha256:
        raise ArchiveWrong("is not the file that was verified when the month was retired")


def _check_leaves(connection: Connection, path: Path) -> set[int]:
    """The numbers of the events in the file. Its lines follow the tree, so a tile is read once."""
    seen: set[int] = set()
    tiles, at = Tiles(connection, 0), -1
    with _readable():
        for line in read_archive(path):
            shard, index = int(line["shard"]), int(line["index"])
            if (tiles.shard, at) != (shard, index // WIDTH):
                tiles, at = Tiles(connection, shard), index // WIDTH
            stored = tiles.entries(0, at)[index % WIDTH :][:1]
            if stored != [leaf_hash(canonical(line["event"]) + bytes.fromhex(line["salt"]))]:
                what = f"event {line['event']['id']} is not what was sealed"
                raise ArchiveWrong(what, shard=shard, index=index)
            seen.add(line["event"]["id"])
    return seen


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
