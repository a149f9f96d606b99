"""What the journal of a downtime held, kept apart from it: an end that was cut off is missed.

A journal proves every line but its own last one. So once a line is safe on the disk its digest is
marked in the database (audit.kept), where the application can add marks and take none away; and while
the database takes no row at all, in Redis, from where the mark follows. The line comes first: a power
failure in between leaves a line without a mark, which accuses nobody, never a mark without a line.
"""

import logging
from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Any
from uuid import UUID

import redis
from django.conf import settings
from django.db import Error, connection, transaction

from apps.audit.models import BroughtIn

ANSWER_WITHIN = 2  # seconds

# Lines of one place without an answer: not in the log, and not known as missing either.
_OPEN = f"""
    SELECT digest, kept_at FROM audit.kept
    WHERE place = %s AND NOT EXISTS (
        SELECT FROM {BroughtIn._meta.db_table} AS known WHERE known.digest = kept.digest)
    ORDER BY kept_at, digest
"""

logger = logging.getLogger(__name__)


def mark(digest: str, *, place: UUID) -> None:
    """Refuses nothing: the line is safe already, and whoever waits for an answer may be dying."""
    try:
        with transaction.atomic():  # within a change a savepoint, which leaves the change usable
            _insert([digest], place)
    except Error:
        _leave_in_redis(digest, place)


def collect(*, place: UUID) -> None:
    """Brings the marks that Redis keeps into the database; without one of both the next run does."""
    try:
        with _redis() as client:
            waiting: Any = client.lrange(_key(place), 0, -1)
            if waiting:
                _insert([each.decode() for each in waiting], place)
                client.ltrim(_key(place), len(waiting), -1)
    except (redis.RedisError, Error) as error:
        logger.warning("marks of the downtime wait in Redis: %s", type(error).__name__)


def find_missing(*, place: UUID, there: Iterable[str]) -> list[tuple[str, datetime]]:
    """Digest and moment of each line that was written at this place, oldest first, and is neither
    `there` in the journal nor in the log; the journal is locked meanwhile.
    """
    held = set(there)
    with connection.cursor() as cursor:
        cursor.execute(_OPEN, [place])
        return [(digest, kept_at) for digest, kept_at in cursor if digest not in held]


def _insert(digests: Sequence[str], place: UUID) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO audit.kept (digest, place) SELECT digest, %s FROM unnest(%s::text[]) AS digest "
            "ON CONFLICT DO NOTHING",
            [place, list(digests)],
        )


def _leave_in_redis(digest: str, place: UUID) -> None:
    try:
        with _redis() as client:
            client.rpush(_key(place), digest)
    except redis.RedisError as error:
        logger.critical("%s has no mark: %s", digest[:16], type(error).__name__)


def _key(place: UUID) -> str:
    return f"ankang:downtime:{place}"


def _redis() -> redis.Redis:
    return redis.Redis.from_url(
        settings.CACHES["default"]["LOCATION"],
        socket_timeout=ANSWER_WITHIN,
        socket_connect_timeout=ANSWER_WITHIN,
    )
