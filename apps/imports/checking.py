"""What is wrong with the staged lines.

One pass of SQL over the fields, one that makes values of the good ones and finds lines about the
same.
"""

from uuid import UUID

from django.db import connection

from apps.imports.columns import Column, PersonNumber
from apps.imports.kinds import Kind
from apps.imports.models import LineError
from apps.imports.reading import FileRefused
from apps.imports.terms import Fault

# Errors of one file that are kept to be read; nobody reads more, and a wrong file has millions.
ERRORS_KEPT = 100_000


def check(kind: Kind) -> int:
    """Fills `faults`, and `good` with the lines that have none; returns how many have any."""
    with connection.cursor() as cursor:
        cursor.execute(_fields_sql(kind))
        cursor.execute("ANALYZE faults")
        cursor.execute(_good_sql(kind))
        cursor.execute(
            f"""INSERT INTO faults (line, "column", code)
                SELECT line, '{kind.key[-1]}', '{Fault.DUPLICATE}' FROM good WHERE nth > 1"""
        )
        cursor.execute("CREATE INDEX good_place ON good USING brin (place)")
        cursor.execute("ANALYZE good")
        cursor.execute("SELECT count(DISTINCT line) FROM faults")
        bad_lines: int = cursor.fetchone()[0]
    return bad_lines


def _fields_sql(kind: Kind) -> str:
    """The first fault of each column and of each check of the whole line.

    A good line is asked each question once, in the WHERE; only for the others the answers become
    rows.
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


def _good_sql(kind: Kind) -> str:
    """Typed lines in the order of their key, which is that of the biggest index of their table:
    neighbours there are written together. `nth` counts lines about the same; only the first holds,
    the others are faults, because which of them is right only the sender knows.
    """
    # The CASE keeps the planner from valuing a field before it knows that nothing is wrong with it.
    values = [
        f'CASE WHEN faulty.line IS NULL THEN {column.good_value()} END AS "{column.name}"'
        for column in kind.columns
    ]
    values += [f'{column.raw} AS "{column.name}_number"' for column in kind.people]
    key = [f'typed."{name}"' for name in kind.key]
    key += [f'typed."{column.name}_number"' for column in kind.people if column.name in kind.key]
    same = ", ".join(key)
    return f"""
        CREATE TEMPORARY TABLE good AS
        SELECT row_number() OVER (ORDER BY {same}, typed.line) AS place,
               row_number() OVER (PARTITION BY {same} ORDER BY typed.line) AS nth, typed.*
        FROM (SELECT staged.line, {", ".join(values)} FROM staged
              LEFT JOIN (SELECT DISTINCT line FROM faults) faulty ON faulty.line = staged.line
              WHERE faulty.line IS NULL) typed
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
