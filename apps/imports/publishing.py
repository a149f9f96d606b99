"""From good staged lines to the tables that they are meant for."""

from collections.abc import Callable

from django.db import connection, transaction

from apps.imports.checking import GOOD, columns_for_good
from apps.imports.kinds import Kind
from apps.imports.staging import identify_people

Counts = tuple[int, int, int]  # rows added, changed and removed
Report = Callable[[int, Counts], None]


def publish(kind: Kind, *, report: Report) -> None:
    """Writes the good lines, `kind.chunk` in one transaction. `report` hears after each how many
    lines were written so far, and what came of them. Running it again changes nothing.
    """
    identify_people(kind)
    total = _collect(kind)
    statement = kind.publish.replace(
        "$lines", "SELECT * FROM good WHERE place > %s AND place <= %s"
    )
    counts: Counts = (0, 0, 0)
    for done in range(0, total, kind.chunk):
        with transaction.atomic(), connection.cursor() as cursor:
            cursor.execute(statement, [done, done + kind.chunk])
            made, changed, removed = cursor.fetchone()
        counts = (counts[0] + made, counts[1] + changed, counts[2] + removed)
        report(min(total, done + kind.chunk), counts)


def _collect(kind: Kind) -> int:
    """A table `good` of typed lines, numbered in the order in which they are written: neighbours in
    the biggest index are written together.
    """
    people = " ".join(
        f'LEFT JOIN "{column.name}_people" ON "{column.name}_people".number = {column.raw}'
        for column in kind.people
    )
    order = ", ".join(kind.column(name).value() for name in kind.sort) or "staged.line"
    with connection.cursor() as cursor:
        cursor.execute(
            f"""CREATE TEMPORARY TABLE good AS
                SELECT row_number() OVER (ORDER BY {order}) AS place, staged.line,
                       {", ".join(columns_for_good(kind))}
                FROM staged {people} WHERE {GOOD}"""
        )
        cursor.execute("CREATE INDEX good_place ON good USING brin (place)")
        cursor.execute("ANALYZE good")
        cursor.execute("SELECT count(*) FROM good")
        total: int = cursor.fetchone()[0]
    return total
