"""The lines of one file in temporary tables of the worker's own connection.

Nothing of it outlives the connection: a run that was cut off is read again from the file. Each COPY
and each statement is a transaction of its own, so that none stays open for long (DESIGN 5).
"""

from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from typing import Any
from uuid import UUID

from django.db import connection

from apps.identities.numbers import InvalidNumber
from apps.identities.services import find_many, identify_many
from apps.identities.terms import IdentifierKind
from apps.imports.columns import Column, PersonNumber
from apps.imports.kinds import Kind
from apps.imports.reading import Reader
from apps.imports.terms import Fault

# People who are made known together.
BATCH = 20_000
PEOPLE_REMEMBERED = 100_000  # some 30 MB

WORK_MEM = "64MB"  # of the database, for sorting a million lines with few passes
# In COPY's text format: NULL, which no trimmed field can be, and what must not stand in a field as
# it is.
NULL = " "
_ESCAPES = str.maketrans({"\\": r"\\", "\t": r"\t", "\n": r"\n", "\r": r"\r"})

TABLES = ("staged", "faults", "good")
Report = Callable[[int, int], None]
Row = list[str]
# What is staged of a field: the number if it is to be made known, the identity, the fault.
Seen = tuple[str, str, str]


@contextmanager
def staging(kind: Kind) -> Iterator[None]:
    """Empty tables `staged` and `faults`; afterwards they are gone, whatever happened."""
    columns = [f""""{column.name}" text NOT NULL DEFAULT ''""" for column in kind.columns]
    columns += [f'"{column.name}_identity" uuid' for column in kind.people]
    try:
        _drop(kind)
        _run(f"SET work_mem = '{WORK_MEM}'")
        _run(f"CREATE TEMPORARY TABLE staged (line bigint NOT NULL, {', '.join(columns)})")
        _run(
            'CREATE TEMPORARY TABLE faults (line bigint NOT NULL, "column" text NOT NULL,'
            " code text NOT NULL)"
        )
        yield
    finally:
        _drop(kind)
        _run("RESET work_mem")


def stage(reader: Reader, kind: Kind, *, report: Report) -> int:
    """Copies every line of the file and returns how many there are.

    `report` hears after each batch how many lines and bytes were read; what it raises ends the
    reading.
    """
    people, total = _People(reader.columns), 0
    names = ["line", *(column.name for column in reader.columns), *people.identity_columns]
    for batch in reader.batches():
        total += batch.count
        people.look_up(batch.rows, batch.faults)
        _copy_texts("staged", names, batch.rows)
        _copy("faults", ["line", "column", "code"], ["int8", "text", "text"], batch.faults)
        report(total, reader.bytes_read)
    for table in ("staged", "faults"):
        _run(f"ANALYZE {table}")  # nobody else ever does it for a temporary table
    return total


def identify_people(kind: Kind) -> None:
    """Makes the identities that good lines need and that nobody had before.

    A table `<column>_people` for each column of numbers.
    """
    for column in kind.people:
        table = f"{column.name}_people"
        _run(f'CREATE TEMPORARY TABLE "{table}" (number text PRIMARY KEY, identity uuid NOT NULL)')
        with connection.cursor() as cursor:
            number = f'"{column.name}_number"'
            cursor.execute(f"SELECT DISTINCT {number} FROM good WHERE {number} <> '' AND nth = 1")
            while rows := cursor.fetchmany(BATCH):
                found = _by_kind(identify_many, column, [number for (number,) in rows])
                _copy(table, ["number", "identity"], ["text", "uuid"], list(found.items()))
        _run(f'ANALYZE "{table}"')


class _People:
    """Checks the numbers of people while they pass, and finds those who are known.

    A number that is known, or wrong, is not staged at all.
    """

    def __init__(self, columns: list[Column]) -> None:
        self._places = [
            (place, column)
            for place, column in enumerate(columns, start=1)
            if isinstance(column, PersonNumber)
        ]
        self.identity_columns = [f"{column.name}_identity" for _, column in self._places]
        self._seen: dict[str, dict[str, Seen]] = {column.name: {} for _, column in self._places}

    def look_up(self, rows: list[Row], faults: list[tuple[int, str, str]]) -> None:
        """Puts into each row what is staged of its people; adds to `faults`."""
        for place, column in self._places:
            self._see({row[place] for row in rows}, column)
            seen = self._seen[column.name]
            for row in rows:
                row[place], identity, fault = seen[row[place]]
                row.append(identity)
                if fault:
                    faults.append((int(row[0]), column.name, fault))

    def _see(self, texts: set[str], column: PersonNumber) -> None:
        """Knows these fields from now on.

        The others of the last thousands too, because a file speaks of the same person several
        times.
        """
        seen = self._seen[column.name]
        if len(seen) > PEOPLE_REMEMBERED:
            seen.clear()
        new = {text: _checked(text, column) for text in texts - seen.keys()}
        numbers = {number for number in new.values() if isinstance(number, str) and number}
        known = _by_kind(find_many, column, numbers)
        for text, number in new.items():
            if isinstance(number, InvalidNumber):
                seen[text] = ("", NULL, number.code)
            elif number in known:
                seen[text] = ("", str(known[number]), "")
            else:
                fault = str(Fault.EMPTY) if column.required and not number else ""
                seen[text] = (number, NULL, fault)


def _checked(text: str, column: PersonNumber) -> str | InvalidNumber:
    if not text:
        return ""
    try:
        return column.check(text)
    except InvalidNumber as fault:
        return fault


def _by_kind(
    look_up: Callable[..., dict[str, UUID]], column: PersonNumber, texts: Iterable[str]
) -> dict[str, UUID]:
    """`look_up` (find_many, identify_many) of staged numbers, one call for each kind among them."""
    kinds: dict[IdentifierKind, dict[str, str]] = {}
    for text in texts:
        kind, number = column.number_of(text)
        kinds.setdefault(kind, {})[number] = text
    return {
        numbers[number]: identity
        for kind, numbers in kinds.items()
        for number, identity in look_up(kind=kind, numbers=numbers.keys()).items()
    }


def _copy(table: str, columns: list[str], types: list[str], rows: list[Any]) -> None:
    if not rows:
        return
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f'COPY "{table}" ({names}) FROM STDIN') as copy,
    ):
        copy.set_types(types)
        write = copy.write_row
        for row in rows:
            write(row)


def _copy_texts(table: str, columns: list[str], rows: list[Row]) -> None:
    """As the text format of COPY has it: a fraction of what writing value by value costs."""
    if not rows:
        return
    text = "\n".join(["\t".join(row) for row in rows])
    if "\\" in text or _has_breaks(text, rows, len(columns)):
        text = "\n".join(["\t".join(map(_escaped, row)) for row in rows])
    names = ", ".join(f'"{name}"' for name in columns)
    with (
        connection.cursor() as cursor,
        cursor.copy(f"COPY \"{table}\" ({names}) FROM STDIN WITH (NULL '{NULL}')") as copy,
    ):
        copy.write(text + "\n")


def _has_breaks(text: str, rows: list[Row], width: int) -> bool:
    """A tab, or a line end, which only a field in quotes can hold."""
    tabs, ends = len(rows) * (width - 1), len(rows) - 1
    return "\r" in text or text.count("\t") != tabs or text.count("\n") != ends


def _escaped(value: str) -> str:
    return value.translate(_ESCAPES)


def _drop(kind: Kind) -> None:
    for name in (*TABLES, *(f"{column.name}_people" for column in kind.people)):
        _run(f'DROP TABLE IF EXISTS pg_temp."{name}"')


def _run(statement: str) -> None:
    with connection.cursor() as cursor:
        cursor.execute(statement)
