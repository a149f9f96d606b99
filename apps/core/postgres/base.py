"""The database engine of settings.DATABASES."""

import select
import time
from typing import Any

from django.db.backends.postgresql import base
from psycopg import _queries

# psycopg remembers where a statement has its parameters up to 4096 characters; a session with its
# decision is longer (access.policies). There is no public setting.
_queries.MAX_CACHED_STATEMENT_LENGTH = 16384
# Idle longer than this, a connection is asked in earnest: a network may have dropped it silently.
TRUSTED_SECONDS = 30.0


class DatabaseWrapper(base.DatabaseWrapper):
    """Health checks of persistent connections without a round trip (settings: conn_health_checks).

    Django sends SELECT 1 at the first query of each request, which on the path of a booking costs
    as much as loading the session. A server that ended a connection (restart, failover, an
    administrator) has told the socket, so an idle socket with nothing to read is alive; one with
    something to read, or one that nobody used for a while, is asked as Django does.
    """

    _asked_at = 0.0

    def get_new_connection(self, conn_params: dict[str, Any]) -> Any:
        """A connection that was just made has just answered."""
        made = super().get_new_connection(conn_params)
        self._asked_at = time.monotonic()
        return made

    def is_usable(self) -> bool:
        now = time.monotonic()
        recent, self._asked_at = now - self._asked_at < TRUSTED_SECONDS, now
        if recent and self.connection is not None and _is_quiet(self.connection):
            return True
        return super().is_usable()


def _is_quiet(connection: object) -> bool:
    """Open, and the server has said nothing that nobody asked for."""
    if connection.closed:  # type: ignore[attr-defined]
        return False
    poll = select.poll()
    poll.register(connection.fileno(), select.POLLIN)  # type: ignore[attr-defined]
    return not poll.poll(0)
