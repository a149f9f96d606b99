"""Kinds of files. The app that owns the tables registers a kind in its module `imports`."""

from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from apps.imports.columns import Column, PersonNumber
from apps.imports.terms import Fault

# Lines that one transaction publishes: a file of up to so many lines appears at once, a longer one
# in steps that keep no other transaction waiting (DESIGN 5).
CHUNK = 100_000


@dataclass(frozen=True)
class RowCheck:
    """What is wrong with the line as a whole: `wrong` is SQL over `staged`, shown at `column`."""

    column: str
    code: Fault
    wrong: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file.

    `key`: the columns that say what a line is about; a second line about the same is a fault.
    `publish`: one statement that writes the lines of the relation `lines` (each column of the kind
    under its name, typed) and yields one row: how many rows were added, changed and removed. It
    must change nothing when it is run again.
    `sort`: columns in whose order lines are written; the order of the biggest index of the table.
    """

    name: str
    label: str | Promise
    columns: Sequence[Column]
    key: Sequence[str]
    publish: str
    checks: Sequence[RowCheck] = ()
    sort: Sequence[str] = ()
    chunk: int = CHUNK

    @cached_property
    def people(self) -> list[PersonNumber]:
        return [column for column in self.columns if isinstance(column, PersonNumber)]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def find_column(self, header: str) -> Column | None:
        """The column that a file calls so, in any case and under any of its names."""
        wanted = header.strip().casefold()
        for column in self.columns:
            if wanted in {name.casefold() for name in (column.name, *column.aliases)}:
                return column
        return None


_KINDS: dict[str, Kind] = {}


def register(kind: Kind) -> Kind:
    """Makes the kind known; called when the app's module `imports` is loaded."""
    if kind.name in _KINDS:
        raise ValueError(f"there is a kind {kind.name!r} already")
    _KINDS[kind.name] = kind
    return kind


def find_kind(name: str) -> Kind | None:
    return _KINDS.get(name)


def all_kinds() -> list[Kind]:
    return list(_KINDS.values())


def load_kinds() -> None:
    """Loads the module `imports` of every app; those of apps below this one stand in here."""
    from apps.imports import institutions  # noqa: F401 (registers its kind)

    autodiscover_modules("imports")


def upsert(table: str, *, key: Sequence[str], values: dict[str, str], where: str = "true") -> str:
    """An INSERT over `lines` that corrects rows of the same key where they differ.

    `values` maps columns of the table to SQL over `lines`; `where` chooses lines. Rows get random
    ids. Yields `made` for each row that was written.
    """
    rest = [column for column in values if column not in key]
    names = ", ".join(f'"{column}"' for column in values)
    changes = ", ".join(f'"{column}" = excluded."{column}"' for column in rest)
    old = ", ".join(f'target."{column}"' for column in rest)
    new = ", ".join(f'excluded."{column}"' for column in rest)
    conflict = (
        f"DO UPDATE SET {changes} WHERE ({old}) IS DISTINCT FROM ({new})" if rest else "DO NOTHING"
    )
    return f"""
        INSERT INTO {table} AS target (id, {names})
        SELECT gen_random_uuid(), {", ".join(values.values())} FROM lines WHERE {where}
        ON CONFLICT ({", ".join(f'"{column}"' for column in key)}) {conflict}
        RETURNING (xmax = 0) AS made
    """


def publishing(written: str, *, removed: str = "") -> str:
    """The statement of a kind out of its upsert and, where files can take lines back, a DELETE."""
    gone = f", gone AS ({removed} RETURNING 1)" if removed else ""
    count = "(SELECT count(*) FROM gone)" if removed else "0"
    return f"""
        WITH lines AS MATERIALIZED ($lines), written AS ({written}){gone}
        SELECT count(*) FILTER (WHERE made), count(*) FILTER (WHERE NOT made), {count} FROM written
    """
