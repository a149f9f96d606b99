"""Events as a CSV file, written by the database itself: no object for a row, no memory for a million.

A text that a spreadsheet would run as a formula gets an apostrophe before it, as core.exports does.
"""

from collections.abc import Iterator, Sequence
from typing import Any

from django.db import connection
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.audit.models import EventQuerySet
from apps.core.exports import BYTE_ORDER_MARK, FORMULA_STARTS
from apps.institutions.models import Institution


def _safe(expression: str) -> str:
    starts = ", ".join(f"U&'\\{ord(each):04x}'" for each in sorted(FORMULA_STARTS))
    return f"CASE WHEN left({expression}, 1) IN ({starts}) THEN '''' || {expression} ELSE {expression} END"


COLUMNS: Sequence[tuple[Any, str]] = (
    (_("Number of the event"), "event.id"),
    (
        _("Time"),
        "to_char(event.recorded_at AT TIME ZONE 'Asia/Taipei', 'YYYY-MM-DD HH24:MI:SS.US')",
    ),
    (_("Who"), _safe("person.name")),
    (_("Id of the person"), "event.actor"),
    (_("Role"), "event.role"),
    (_("Institution code"), "institution.code"),
    (_("Institution"), _safe("institution.name")),
    (_("Workstation"), "event.workstation"),
    (_("Card"), "event.card_kind"),
    (_("Service"), "event.service"),
    (_("Action"), "event.action"),
    (_("Result"), "event.outcome"),
    (_("Reason"), _safe("event.reason")),
    (_("Patient"), "event.patient"),
    (_("Purpose"), _safe("event.purpose")),
    (_("Consent"), _safe("event.consent")),
    (_("Number of results"), "event.result_count"),
    (_("Object"), _safe("event.object_type || ' ' || event.object_id")),
    (_("Details"), _safe("nullif(event.detail::text, '{}')")),
    (_("IP address"), "host(event.ip)"),
    (_("Allowed by the grant"), "event.grant_id"),
    (_("Request"), "event.request_id"),
)


def heading() -> bytes:
    """The first line, in the language that is active."""
    line = ",".join('"' + str(label).replace('"', '""') + '"' for label, _ in COLUMNS)
    return (BYTE_ORDER_MARK + line + "\r\n").encode()


def rows(events: EventQuerySet) -> Iterator[bytes]:
    """The lines after it, one by one, newest first, as COPY sends them."""
    sql, values = events.newest_first().query.sql_with_params()
    chosen = ", ".join(expression for _, expression in COLUMNS)
    statement = (
        f"COPY (SELECT {chosen} FROM ({sql}) AS event"
        f" LEFT JOIN {Person._meta.db_table} person ON person.id = event.actor"
        f" LEFT JOIN {Institution._meta.db_table} institution ON institution.id = event.institution"
        " ORDER BY event.recorded_at DESC, event.id DESC) TO STDOUT (FORMAT csv)"
    )
    with connection.cursor() as cursor, cursor.copy(statement, values) as lines:
        for line in lines:
            yield bytes(line)
