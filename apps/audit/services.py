"""The only door into the access log: nothing is seen or changed without a trace (DESIGN section 5).

Reads, refusals and logins: `record`, before the answer leaves. Changes: `record_change`, inside the
change's transaction.
"""

import json
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import Error, connection

from apps.audit.events import Event, as_json, event
from apps.core.errors import Unavailable
from apps.core.statements import single_statement

__all__ = [
    "APPEND",
    "LogUnavailable",
    "as_json",
    "event",
    "record",
    "record_change",
    "record_changes",
    "record_many",
]

# For a service that writes its change and its event in one statement of its own; as_json(event) is
# the parameter.
APPEND = "audit.append(%s::jsonb)"


class LogUnavailable(Unavailable):
    """The event could not be written, so there is no answer: no row, no data."""

    code = "AUD-503"


def record(event: Event) -> int:
    """Writes a read, refusal or login for good and returns the event's number.

    Raises RuntimeError inside a transaction, whose rollback would take the event with it, and
    LogUnavailable when the database does not take the event.
    """
    with _no_row_no_data(), single_statement(durable=True):
        return _append(event)


def record_many(events: Sequence[Event]) -> None:
    """As `record`, for one read that several patients are in: all or none, in one statement."""
    with _no_row_no_data(), single_statement(durable=True):
        _append_all(events)


def record_change(event: Event) -> int:
    """Writes the event of a change inside the caller's transaction, both or neither, and returns its number.

    Raises RuntimeError without a transaction, LogUnavailable when the database does not take the
    event.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_change belongs inside the transaction of its change")
    with _no_row_no_data():
        return _append(event)


def record_changes(events: Sequence[Event]) -> None:
    """As record_change, for many changes of one transaction in one statement."""
    if not connection.in_atomic_block:
        raise RuntimeError("record_changes belongs inside the transaction of its changes")
    with _no_row_no_data():
        _append_all(events)


@contextmanager
def _no_row_no_data() -> Iterator[None]:
    """Also when only the COMMIT fails, or there is no connection at all."""
    try:
        yield
    except Error as error:
        raise LogUnavailable(reason="event_not_written") from error


def _append(event: Event) -> int:
    with connection.cursor() as cursor:
        cursor.execute(f"SELECT {APPEND}", [as_json(event)])
        number: int = cursor.fetchone()[0]
    return number


def _append_all(events: Sequence[Event]) -> None:
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT audit.append(line) FROM jsonb_array_elements(%s::jsonb) line",
            [json.dumps(events)],
        )
