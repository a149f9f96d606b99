"""The only door into the access log: nothing is seen or changed without a trace (DESIGN section 5).

Reads, refusals and logins: `record`, before the answer leaves. Changes: `record_change`, inside the
change's transaction.
"""

import json
import logging
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from django.db import Error, connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.audit import downtime, marks
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
logger = logging.getLogger(__name__)

APPEND = "audit.append(%s::jsonb)"


class LogUnavailable(Unavailable):
    """The event could not be written, so there is no answer: no row, no data."""

    code = "AUD-503"
    message = _(
        "The access log does not work at the moment, and nothing is shown without a trace. "
        "Nothing was changed."
    )
    way_on = _(
        "The emergency medical query goes on. Everything else: please try again later; "
        "if it stays so, tell operations."
    )


def record(event: Event) -> int:
    """Writes a read, refusal or login for good and returns the event's number.

    Raises RuntimeError inside a transaction, whose rollback would take the event with it, and
    LogUnavailable when the database does not take the event.
    """
    try:
        with _no_row_no_data(), single_statement(durable=True):
            return _append(event)
    except LogUnavailable as error:
        keep_for_later([event], because=error)
        return 0


def record_many(events: Sequence[Event]) -> None:
    """As `record`, for one read that several patients are in: all or none, in one statement."""
    try:
        with _no_row_no_data(), single_statement(durable=True):
            _append_all(events)
    except LogUnavailable as error:
        keep_for_later(events, because=error)


def keep_for_later(events: Sequence[Event], *, because: LogUnavailable) -> None:
    """Emergency downtime: what may go on without the log is kept in the journal of this machine.

    Everything else is refused as before, with `because`; and so is this, when even the journal fails.
    """
    if not events or not all(downtime.may_be_kept(event) for event in events):
        raise because
    try:
        for event in events:
            digest, place = downtime.journal().keep(event)
            marks.mark(digest, place=place)
            # The server's own log leaves the machine: a third place that names what was kept.
            logger.critical("the log takes no events; %s went into the journal", digest[:16])
    except OSError as error:
        raise LogUnavailable(reason="event_not_kept_either") from error


def record_change(event: Event, *, or_keep: bool = True) -> int:
    """Writes the event of a change inside the caller's transaction, both or neither, and returns its number.

    Raises RuntimeError without a transaction, LogUnavailable when the database does not take the
    event. With `or_keep` what may go on without the log (downtime) goes on: its event is in the
    journal before the change is committed, so the journal may tell of one change too many.
    """
    if not connection.in_atomic_block:
        raise RuntimeError("record_change belongs inside the transaction of its change")
    if not (or_keep and downtime.may_be_kept(event)):
        with _no_row_no_data():
            return _append(event)
    try:
        with _no_row_no_data(), transaction.atomic():  # a savepoint: the change itself stays good
            return _append(event)
    except LogUnavailable as error:
        keep_for_later([event], because=error)
        return 0


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
