"""How far sealing is behind: for /readyz, and for services that must not go on unsealed."""

import time
from datetime import timedelta

from django.conf import settings
from django.db import DatabaseError, connection

from apps.audit.services import LogUnavailable

WARN_AFTER = timedelta(seconds=60)
# DESIGN 5 and X-Road's `acceptable-timestamp-failure-period`: long enough to repair the sealer.
STOP_AFTER = timedelta(hours=4)
_ASK_EVERY = 10.0  # seconds; nothing beside hours

# The cursor as scalar subqueries, so that each month's primary key is entered at the right place.
_LAG = """
    SELECT clock_timestamp() - recorded_at FROM audit.event
    WHERE shard = (SELECT number FROM audit.shard)
      AND (xid, id) > (
        coalesce((SELECT last_xid FROM audit.checkpoint WHERE shard = (SELECT number FROM audit.shard)
                  ORDER BY size DESC LIMIT 1), '0'::xid8),
        coalesce((SELECT last_event FROM audit.checkpoint WHERE shard = (SELECT number FROM audit.shard)
                  ORDER BY size DESC LIMIT 1), 0))
    ORDER BY xid, id LIMIT 1
"""


def sealing_lag() -> timedelta:
    """The age of the oldest event that waits for the sealer; zero when none does."""
    with connection.cursor() as cursor:
        cursor.execute(_LAG)
        row = cursor.fetchone()
    return max(row[0], timedelta()) if row else timedelta()


def sealing_keeps_up() -> bool:
    """False is a warning to the operators; what is open stays open (see `require_sealing`)."""
    try:
        return sealing_lag() <= WARN_AFTER
    except DatabaseError:
        return False


class _LastLook:
    """What this process saw last: the question costs a trip, and hours do not pass in seconds."""

    def __init__(self) -> None:
        self.forget()

    def forget(self) -> None:
        self.lag = timedelta()
        self.at = float("-inf")

    def refreshed(self) -> timedelta:
        if time.monotonic() - self.at > _ASK_EVERY:
            self.lag = sealing_lag()
            self.at = time.monotonic()
        return self.lag


last_look = _LastLook()


def require_sealing() -> None:
    """For sensitive services, before they answer.

    Raises LogUnavailable when events have been waiting for longer than SEALING_STOP_AFTER (a
    setting, by default four hours), or when that cannot be found out.
    """
    limit: timedelta = getattr(settings, "SEALING_STOP_AFTER", STOP_AFTER)
    try:
        lag = last_look.refreshed()
    except DatabaseError as error:
        raise LogUnavailable(reason="sealing_unknown") from error
    if lag > limit:
        raise LogUnavailable(reason="sealing_stopped")
