"""From good staged lines to the tables that they are meant for."""

from collections.abc import Callable

from django.db import connection, transaction

from apps.imports.kinds import Kind
from apps.imports.staging import identify_people

Counts = tuple[int, int, int]  # rows added, changed and removed
Report = Callable[[int, Counts], None]


def publish(kind: Kind, *, report: Report) -> None:
    """Writes the good lines, `kind.chunk` in one transaction.

    `report` hears after each how many lines were written so far, and what came of them. Running it
    again changes nothing.
    """
    identify_people(kind)
    with connection.cursor() as cursor:
        cursor.execute("SELECT coalesce(max(place), 0), count(*) FILTER (WHERE nth > 1) FROM good")
        last, repeated = cursor.fetchone()
    statement = kind.publish.replace("$lines", _lines_sql(kind))
    counts: Counts = (0, 0, 0)
    for done in range(0, last, kind.chunk):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [done, done + kind.chunk])
            made, changed, removed = cursor.fetchone()
        counts = (counts[0] + made, counts[1] + changed, counts[2] + removed)
        report(max(0, min(last, done + kind.chunk) - repeated), counts)


def _lines_sql(kind: Kind) -> str:
    """A chunk of `good`; people who were new when the file was read have an identity by now."""
    people = {column.name for column in kind.people}
    values = [
        f'coalesce(good."{column.name}", "{column.name}_people".identity) AS "{column.name}"'
        if column.name in people
        else f'good."{column.name}"'
        for column in kind.columns
    ]
    joins = " ".join(
        f'LEFT JOIN "{name}_people" ON "{name}_people".number = good."{name}_number"'
        for name in sorted(people)
    )
    return (
        f"SELECT {', '.join(values)} FROM good {joins}"
        " WHERE good.place > %s AND good.place <= %s AND good.nth = 1"
    )
