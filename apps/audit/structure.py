"""What protects the log and what its searches rely on: triggers in their place, months that hold their own.

Neither changes an event, so no hash tells; but whoever took a seat belt off, or attached a month under
other bounds so that searches pass it by, was at work in the database.
"""

from collections.abc import Iterator
from typing import LiteralString, cast

from psycopg import Connection, sql

from apps.audit.leaves import Finding
from apps.audit.tiles import find_leaf

BELTED = ["event", "tile", "checkpoint", "cosignature", "retired"]

_BELTS = """
    SELECT wanted.table_name, wanted.trigger_name
    FROM (SELECT each.oid, each.relname::text AS table_name, belt.name AS trigger_name
          FROM pg_class AS each, unnest(ARRAY['append_only', 'never_emptied']) AS belt (name)
          WHERE each.relnamespace = 'audit'::regnamespace AND each.relname = ANY(%s)) AS wanted
    LEFT JOIN pg_trigger ON tgrelid = wanted.oid AND tgname = wanted.trigger_name
        AND tgenabled IN ('O', 'A')
    WHERE tgname IS NULL
    UNION ALL
    SELECT tgrelid::regclass::text, tgname::text FROM pg_trigger JOIN pg_inherits
        ON inhrelid = tgrelid AND inhparent = 'audit.event'::regclass
    WHERE tgenabled NOT IN ('O', 'A')
    ORDER BY 1, 2
"""
_MONTHS = """
    SELECT relname::text, pg_get_partition_constraintdef(inhrelid) FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'audit.event'::regclass ORDER BY 1
"""


def check_structure(connection: Connection) -> list[Finding]:
    """Reads each month once more; as long as the verification itself takes, or less."""
    return [*_belts(connection), *_bounds(connection)]


def _belts(connection: Connection) -> Iterator[Finding]:
    for table, name in connection.execute(_BELTS, [BELTED]).fetchall():
        yield Finding(0, 0, f"the trigger {name} of {table} is switched off or gone")


def _bounds(connection: Connection) -> Iterator[Finding]:
    for month, bounds in connection.execute(_MONTHS).fetchall():
        if bounds is None:
            continue  # the DEFAULT partition when it is alone
        # PostgreSQL's own words for the bounds; asked of the month itself, so it does not infer them.
        outside = sql.SQL(
            "SELECT id, shard FROM {} WHERE NOT ({}) ORDER BY xid, id LIMIT 1"
        ).format(sql.Identifier("audit", month), sql.SQL(cast("LiteralString", bounds)))
        row = connection.execute(outside).fetchone()
        if row is not None:
            shard, index = find_leaf(connection, row[0]) or (row[1], 0)
            yield Finding(shard, index, f"event {row[0]} lies in {month}, whose bounds are others")
