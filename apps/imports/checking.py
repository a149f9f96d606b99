"""What is wrong with the staged lines: one pass of SQL over all columns, one over the keys."""

from collections.abc import Sequence
from uuid import UUID

from django.db import connection

from apps.imports.columns import Column, PersonNumber
from apps.imports.kinds import Kind
from apps.imports.models import LineError
from apps.imports.reading import FileRefused

# Errors of one file that are kept to be read; nobody reads more, and a wrong file has millions.
ERRORS_KEPT = 100_000

GOOD = "NOT EXISTS (SELECT FROM faults WHERE faults.line = staged.line)"


def check(kind: Kind) -> int:
    """Fills `faults`; returns how many lines have any."""
    with connection.cursor() as cursor:
        cursor.execute(_fields_sql(kind))
        cursor.execute(_duplicates_sql(kind))
        cursor.execute("ANALYZE faults")
        cursor.execute("SELECT count(DISTINCT line) FROM faults")
        bad_lines: int = cursor.fetchone()[0]
    return bad_lines


def _fields_sql(kind: Kind) -> str:
    """The first fault of each column and of each check of the whole line. A good line is asked each
    question once, in the WHERE; only for the others the answers become rows.
    """
    asked = [(column.name, column.fault()) for column in kind.columns if not _is_person(column)]
    asked += [
        (check.column, f"CASE WHEN {check.wrong} THEN '{check.code}' END") for check in kind.checks
    ]
    answers = ", ".join(f"('{name}', {fault})" for name, fault in asked)
    return f"""
        INSERT INTO faults (line, "column", code)
        SELECT staged.line, answer."column", answer.code
        FROM staged CROSS JOIN LATERAL (VALUES {answers}) AS answer("column", code)
        WHERE coalesce({", ".join(fault for _, fault in asked)}) IS NOT NULL
          AND answer.code IS NOT NULL
    """


def _is_person(column: Column) -> bool:
    return isinstance(column, PersonNumber)  # checked while the file was read


def _duplicates_sql(kind: Kind) -> str:
    """A second good line about the same: which of the two holds, only the sender knows."""
    parts = []
    for name in kind.key:
        column = kind.column(name)
        parts += (
            [column.identity, column.raw] if isinstance(column, PersonNumber) else [column.value()]
        )
    same = ", ".join(parts)
    return f"""
        INSERT INTO faults (line, "column", code)
        SELECT unnest((array_agg(staged.line ORDER BY staged.line))[2:]), '{kind.key[-1]}',
               'IMP-DUPLICATE'
        FROM staged WHERE {GOOD} GROUP BY {same} HAVING count(*) > 1
    """


def keep_errors(run: UUID) -> None:
    """Copies the first faults to where they can be read; those of an earlier reading go."""
    LineError.objects.filter(run=run).delete()
    with connection.cursor() as cursor:
        cursor.execute(
            f"""INSERT INTO {LineError._meta.db_table} (run_id, line, "column", code)
                SELECT %s, line, "column", code FROM faults
                ORDER BY line, "column" LIMIT {ERRORS_KEPT}""",
            [run],
        )


def keep_refusal(run: UUID, refusal: FileRefused) -> None:
    """The same for faults of the file as a whole."""
    LineError.objects.filter(run=run).delete()
    LineError.objects.bulk_create(
        LineError(run_id=run, line=line, column=column, code=code)
        for line, column, code in refusal.faults
    )


def columns_for_good(kind: Kind) -> Sequence[str]:
    """SQL of each column's value, under its name."""
    return [f'{column.value()} AS "{column.name}"' for column in kind.columns]
