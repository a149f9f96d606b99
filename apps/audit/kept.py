"""For `audit_verify`: every event that a downtime kept has to have come into the log."""

from collections.abc import Iterator

from psycopg import Connection

from apps.audit.leaves import Finding
from apps.audit.terms import Action, Fault

# A worker brings a journal in within a minute after the log takes events again (audit.bring_in).
OVERDUE = "1 hour"

# The sealed events are asked, not the table of what was brought in, which the application may write.
# What was kept before the last retired month has left the log with it.
_OPEN = f"""
    WITH answered AS (
        SELECT detail ->> 'entry' AS entry FROM audit.event
        WHERE detail ? 'entry' AND detail ? 'kept' AND action <> '{Action.BRING_IN}'
        AND recorded_at >= (SELECT min(kept_at) FROM audit.kept)
    ), told AS (
        SELECT object_id AS place, max(recorded_at) AS at FROM audit.event
        WHERE action = '{Action.BRING_IN}' AND reason = '{Fault.CUT_OFF}' GROUP BY object_id
    )
    SELECT kept.place, count(*), min(kept_at), (array_agg(digest ORDER BY kept_at, digest))[1],
        coalesce(kept_at < told.at, false) OR kept_at + interval '{OVERDUE}' < (
            SELECT recorded_at FROM audit.event ORDER BY recorded_at DESC LIMIT 1) AS is_missing
    FROM audit.kept LEFT JOIN told ON told.place = kept.place::text
    WHERE left(digest, 16) NOT IN (SELECT entry FROM answered)
    AND kept_at >= coalesce(
        (SELECT max(month) + interval '1 month' FROM audit.retired) AT TIME ZONE 'UTC', '-infinity')
    GROUP BY kept.place, is_missing ORDER BY min(kept_at)
"""


def check_kept(connection: Connection) -> Iterator[tuple[int, Finding | None]]:
    """Of each journal how many events are not in the log, and a finding when they ought to be."""
    for place, count, since, digest, is_missing in connection.execute(_OPEN).fetchall():
        what = (
            f"{count} events that the downtime journal {place} kept are not in the log, "
            f"the first one {digest[:16]} of {since:%Y-%m-%d %H:%M:%S %Z}"
        )
        yield count, Finding(0, 0, what) if is_missing else None
