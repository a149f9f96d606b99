"""What protects the log and what its searches rely on: triggers in their place, months that hold their own.

Neither changes an event, so no hash tells; but whoever took a seat belt off, or attached a month under
other bounds so that searches pass it by, was at work in the database.
"""

from collections.abc import Iterator

from psycopg import Connection, sql

from apps.audit.leaves import Finding
from apps.audit.tiles import find_leaf

BELTED = ["event", "tile", "checkpoint", "cosignature", "retired", "kept"]

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
    SELECT inhrelid::bigint, relname::text, pg_get_partition_constraintdef(inhrelid) FROM pg_inherits
    JOIN pg_class ON pg_class.oid = inhrelid WHERE inhparent = 'audit.event'::regclass ORDER BY 1
"""


def check_structure(connection: Connection) -> list[Finding]:
    """Reads each month once more; as long as the verification itself takes, or less."""
    return [*_belts(connection), *_bounds(connection)]


def _belts(connection: Connection) -> Iterator[Finding]:
    for table, name in connection.execute(_BELTS, [BELTED]).fetchall():
        yield Finding(0, 0, f"the trigger {name} of {table} is switched off or gone")


def _bounds(connection: Connection) -> Iterator[Finding]:
    """One pass over the log; PostgreSQL's own words for the bounds of each month.

    The column stands in an expression, or the planner would infer from the bounds that there is nothing
    to find and leave the month out.
    """
    months = {
        oid: (name, bounds.replace("recorded_at", "(recorded_at + interval '0')"))
        for oid, name, bounds in connection.execute(_MONTHS).fetchall()
        if bounds is not None  # the DEFAULT partition when it is alone
    }
    cases = " ".join(f"WHEN {oid} THEN NOT ({bounds})" for oid, (_, bounds) in months.items())
    if not cases:
        return
    outside = (
        "SELECT * FROM (SELECT id, shard, tableoid::bigint, xid FROM audit.event "
        f"WHERE CASE tableoid::bigint {cases} ELSE false END OFFSET 0) AS found "
        "ORDER BY shard, xid, id LIMIT 1"
    )
    row = connection.execute(sql.SQL(outside)).fetchone()
    if row is not None:
        shard, index = find_leaf(connection, row[0]) or (row[1], 0)
        what = f"event {row[0]} lies in {months[row[2]][0]}, whose bounds are others"
        yield Finding(shard, index, what)
