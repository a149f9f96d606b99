"""Whether this process can do its work."""

from collections.abc import Callable

import redis
from django.conf import settings
from django.db import DatabaseError, connection

from apps.audit.downtime import journal
from apps.audit.lag import sealing_keeps_up, sealing_lag
from apps.audit.partitions import partitions_ready
from apps.core.alarms import raised

ANSWER_WITHIN = 2  # seconds; a probe that hangs tells its caller nothing


def check_readiness() -> dict[str, bool]:
    """Each part that a request needs, and whether it answers."""
    checks: dict[str, Callable[[], bool]] = {
        "database": _database_answers,
        "redis": _redis_answers,
        "audit_partitions": _events_have_a_place,
    }
    return {name: check() for name, check in checks.items()}


def check_warnings() -> list[str]:
    """What the operators should look at while requests are still served."""
    return ([] if sealing_keeps_up() else ["sealing"]) + downtime_warnings() + raised()


def measure_sealing_lag() -> float | None:
    """Seconds that the oldest event has waited for the sealer; None when nobody can tell."""
    try:
        return round(sealing_lag().total_seconds(), 1)
    except DatabaseError:
        return None


def downtime_warnings() -> list[str]:
    """While the log fails, or what was kept then waits to be brought in."""
    return ["downtime"] if journal().waits else []


def _database_answers() -> bool:
    try:
        with connection.cursor() as cursor:
            cursor.execute("SELECT 1")
            return bool(cursor.fetchone() == (1,))
    except DatabaseError:
        return False


def _redis_answers() -> bool:
    address = settings.CACHES["default"]["LOCATION"]
    try:
        with redis.Redis.from_url(
            address, socket_timeout=ANSWER_WITHIN, socket_connect_timeout=ANSWER_WITHIN
        ) as client:
            return bool(client.ping())
    except redis.RedisError:
        return False


def _events_have_a_place() -> bool:
    try:
        return partitions_ready()
    except DatabaseError:
        return False
