"""The months of the event table."""

from datetime import date

from django.db import connection

from apps.audit.archives import month_of_retired

MONTHS_AHEAD = 3


def ensure_partitions(*, months_ahead: int = MONTHS_AHEAD) -> int:
    """Makes the monthly partitions that are missing from now on; returns how many were made."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit.ensure_partitions(%s)", [months_ahead])
        made: int = cursor.fetchone()[0]
    return made


def partitions_ready() -> bool:
    """Whether the events of this month and of the coming week have a partition of their own.

    Without one they are not lost (the DEFAULT partition takes them), but that month can no longer
    be detached by itself.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT audit.partitions_ready()")
        ready: bool = cursor.fetchone()[0]
    return ready


def retired_month(number: int) -> date | None:
    """The month with which the event of this number left the log; None for one that did not."""
    connection.ensure_connection()
    assert connection.connection is not None
    return month_of_retired(connection.connection, number)
