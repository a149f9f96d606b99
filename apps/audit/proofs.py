"""The proof bundle of one event: what an outsider needs to check that it stands in the log.

The format is described in docs/reference/audit-proof.md, beside the program that checks it.
"""

import base64
from collections.abc import Sequence
from pathlib import Path
from typing import Any

from psycopg import Connection

from apps.audit.archives import file_name, find_archived, month_of_retired
from apps.audit.canonical import COLUMNS, canonical, event_of, salt_of
from apps.audit.merkle import inclusion_path, leaf_hash, verify_inclusion
from apps.audit.notes import checkpoint_of
from apps.audit.tiles import Tiles, find_leaf

FORMAT = "ankang-proof/1"


class NotProvable(Exception):
    """There is no such event, or no seal over it yet; the message says which."""


def make_proof(
    connection: Connection, *, number: int, archives: Path | None = None
) -> dict[str, Any]:
    """The bundle of the event with this number, ready for JSON; raises NotProvable.

    One whose month was retired comes from the file in the folder `archives`; tiles and checkpoints
    are still here. It is checked before it is handed out: merkle.InvalidProof means that the log was
    tampered with, archives.ArchiveWrong that the file was.
    """
    row = connection.execute(
        f"SELECT {COLUMNS} FROM audit.event WHERE id = %s LIMIT 1", [number]
    ).fetchone()
    if row is None:
        event, salt, shard, index = _archived(connection, number, archives)
    else:
        event, salt = event_of(row), salt_of(row)
        sealed, xid = int(event["shard"]), str(event["xid"])
        place = _in_its_batch(connection, sealed, xid, number)
        shard, index = place or _anywhere(connection, sealed, number)
    return _bundle(connection, event, salt, shard, index)


def _archived(
    connection: Connection, number: int, archives: Path | None
) -> tuple[dict[str, str | int], bytes, int, int]:
    """Event, salt, shard and index of one whose month has left the log."""
    month = month_of_retired(connection, number)
    if month is None:
        raise NotProvable(f"there is no event {number}")
    if archives is None:
        raise NotProvable(
            f"event {number} left the log with {month:%Y-%m}; its proof needs the archive"
        )
    path = archives / file_name(month)
    line = find_archived(path, number) if path.exists() else None
    if line is None:
        raise NotProvable(f"event {number} is not in {path}")
    return line["event"], bytes.fromhex(line["salt"]), int(line["shard"]), int(line["index"])


def _bundle(
    connection: Connection, event: dict[str, str | int], salt: bytes, shard: int, index: int
) -> dict[str, Any]:
    note, lines = checkpoint_over(connection, shard, index)
    checkpoint = checkpoint_of(note)
    path = inclusion_path(index, checkpoint.size, Tiles(connection, shard).subtree)
    leaf = leaf_hash(canonical(event) + salt)
    verify_inclusion(leaf=leaf, index=index, size=checkpoint.size, path=path, root=checkpoint.root)
    return {
        "format": FORMAT,
        "event": event,
        "salt": salt.hex(),
        "index": index,
        "path": [base64.b64encode(each).decode() for each in path],
        "checkpoint": note + "".join(lines),
    }


def _in_its_batch(
    connection: Connection, shard: int, xid: str, number: int
) -> tuple[int, int] | None:
    """Its shard and index, from the batch whose end is the first not before the event."""
    found = connection.execute(
        "SELECT tile.first + array_position(events, %(number)s) - 1 FROM ("
        "  SELECT size, (SELECT coalesce(max(size), 0) FROM audit.checkpoint AS earlier"
        "    WHERE earlier.shard = batch.shard AND earlier.size < batch.size) AS begin"
        "  FROM audit.checkpoint AS batch"
        "  WHERE shard = %(shard)s AND (last_xid, last_event) >= (%(xid)s::xid8, %(number)s)"
        "  ORDER BY last_xid, last_event, size LIMIT 1"
        ") AS batch JOIN audit.tile ON tile.shard = %(shard)s AND level = 0"
        "  AND first >= batch.begin AND first < batch.size "
        "WHERE events @> ARRAY[%(number)s::bigint]",
        {"shard": shard, "xid": xid, "number": number},
    ).fetchone()
    return (shard, int(found[0])) if found else None


def places_of(connection: Connection, numbers: Sequence[int]) -> dict[int, tuple[int, int]]:
    """Shard and index of each of these events that its own shard has sealed; one statement."""
    found = connection.execute(
        "SELECT event.id, event.shard, tile.first + array_position(tile.events, event.id) - 1 "
        "FROM audit.event CROSS JOIN LATERAL ("
        "  SELECT size, (SELECT coalesce(max(size), 0) FROM audit.checkpoint AS earlier"
        "    WHERE earlier.shard = batch.shard AND earlier.size < batch.size) AS begin"
        "  FROM audit.checkpoint AS batch"
        "  WHERE shard = event.shard AND (last_xid, last_event) >= (event.xid, event.id)"
        "  ORDER BY last_xid, last_event, size LIMIT 1"
        ") AS batch JOIN audit.tile ON tile.shard = event.shard AND level = 0"
        "  AND first >= batch.begin AND first < batch.size AND events @> ARRAY[event.id] "
        "WHERE event.id = ANY(%s::bigint[])",
        [list(numbers)],
    ).fetchall()
    return {number: (shard, index) for number, shard, index in found}


def _anywhere(connection: Connection, shard: int, number: int) -> tuple[int, int]:
    """For the few events that a later shard sealed."""
    found = find_leaf(connection, number, after=shard)
    if found is None:
        raise NotProvable(f"event {number} is not sealed yet")
    return found


def checkpoint_over(connection: Connection, shard: int, index: int) -> tuple[str, list[str]]:
    """The newest checkpoint over this leaf, one that a witness signed if there is any."""
    found = connection.execute(
        "SELECT note, coalesce(array_agg(line ORDER BY witness) FILTER (WHERE line IS NOT NULL), '{}') "
        "FROM audit.checkpoint LEFT JOIN audit.cosignature USING (shard, size) "
        "WHERE shard = %(shard)s AND size > %(index)s AND size IN ("
        "  (SELECT max(size) FROM audit.checkpoint WHERE shard = %(shard)s),"
        "  (SELECT max(size) FROM audit.cosignature WHERE shard = %(shard)s)) "
        "GROUP BY size, note ORDER BY count(line) > 0 DESC, size DESC LIMIT 1",
        {"shard": shard, "index": index},
    ).fetchone()
    if found is None:
        raise NotProvable(f"the leaf {index} of shard {shard} has no checkpoint")
    return found[0], found[1]


def as_tlog_proof(bundle: dict[str, Any]) -> str:
    """The same proof as C2SP tlog-proof: lines that any program for transparency logs reads.

    The extra line is the entry itself, canonical JSON and salt, whose leaf hash RFC 6962 defines.
    """
    entry = canonical(bundle["event"]) + bytes.fromhex(bundle["salt"])
    extra = base64.b64encode(entry).decode()
    head = ["c2sp.org/tlog-proof@v1", f"extra {extra}", f"index {bundle['index']}"]
    return "\n".join([*head, *bundle["path"], "", bundle["checkpoint"]])
