"""The proof bundle of one event: what an outsider needs to check that it stands in the log.

The format is described in docs/reference/audit-proof.md, beside the program that checks it.
"""

import base64
from typing import Any

from psycopg import Connection

from apps.audit.canonical import COLUMNS, SHARD_AT, XID_AT, event_of, leaf_of, salt_of
from apps.audit.merkle import inclusion_path, verify_inclusion
from apps.audit.notes import checkpoint_of
from apps.audit.tiles import Tiles

FORMAT = "ankang-proof/1"


class NotProvable(Exception):
    """There is no such event, or no seal over it yet; the message says which."""


def make_proof(connection: Connection, *, number: int) -> dict[str, Any]:
    """The bundle of the event with this number, ready for JSON; raises NotProvable.

    It is checked before it is handed out: merkle.InvalidProof means that the log was tampered with.
    """
    row = connection.execute(
        f"SELECT {COLUMNS} FROM audit.event WHERE id = %s LIMIT 1", [number]
    ).fetchone()
    if row is None:
        raise NotProvable(f"there is no event {number}")
    place = _in_its_batch(connection, row[SHARD_AT], row[XID_AT], number)
    shard, index = place or _anywhere(connection, row[SHARD_AT], number)
    note, lines = _checkpoint_over(connection, shard, index)
    checkpoint = checkpoint_of(note)
    path = inclusion_path(index, checkpoint.size, Tiles(connection, shard).subtree)
    verify_inclusion(
        leaf=leaf_of(row), index=index, size=checkpoint.size, path=path, root=checkpoint.root
    )
    return {
        "format": FORMAT,
        "event": event_of(row),
        "salt": salt_of(row).hex(),
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


def _anywhere(connection: Connection, shard: int, number: int) -> tuple[int, int]:
    """For the few events that a later shard sealed; reads every tile."""
    found = connection.execute(
        "SELECT shard, first + array_position(events, %(number)s) - 1 FROM audit.tile "
        "WHERE level = 0 AND shard > %(shard)s AND events @> ARRAY[%(number)s::bigint] LIMIT 1",
        {"shard": shard, "number": number},
    ).fetchone()
    if found is None:
        raise NotProvable(f"event {number} is not sealed yet")
    return int(found[0]), int(found[1])


def _checkpoint_over(connection: Connection, shard: int, index: int) -> tuple[str, list[str]]:
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
