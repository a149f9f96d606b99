"""Kinds of files. The app that owns the tables registers a kind in its module `imports`."""

import unicodedata
from collections.abc import Sequence
from dataclasses import dataclass
from functools import cached_property

from django.utils.functional import Promise
from django.utils.module_loading import autodiscover_modules

from apps.imports.columns import Column, PersonNumber
from apps.imports.terms import Fault

# Lines that one transaction publishes: a file of up to so many lines appears at once, a longer one
# in steps that keep no other transaction waiting (DESIGN 5), a tenth of the two minutes that a
# transaction may take even on a machine that does everything at once.
CHUNK = 25_000


@dataclass(frozen=True)
class RowCheck:
    """What is wrong with the line as a whole: `wrong` is SQL over `staged`, shown at `column`."""

    column: str
    code: Fault
    wrong: str


@dataclass(frozen=True, kw_only=True)
class Kind:
    """One kind of file.

    `key`: the columns that say what a line is about, in the order of the table's biggest index; a
    second line about the same is a fault.
    `publish`: one statement that writes the lines of the relation `lines` (each column of the kind
    under its name, typed) and yields one row: how many rows were added, changed and removed. It
    must change nothing when it is run again.
    """

    name: str
    label: str | Promise
    columns: Sequence[Column]
    key: Sequence[str]
    publish: str
    checks: Sequence[RowCheck] = ()
    chunk: int = CHUNK

    @cached_property
    def people(self) -> list[PersonNumber]:
        return [column for column in self.columns if isinstance(column, PersonNumber)]

    def column(self, name: str) -> Column:
        return next(column for column in self.columns if column.name == name)

    def find_column(self, header: str) -> Column | None:
        """The column that a file calls so, in any case and width and under any of its names."""
        wanted = plain_name(header)
        for column in self.columns:
            if wanted in {plain_name(name) for name in (column.name, *column.aliases)}:
                return column
        return None


def plain_name(header: str) -> str:
    """Without blanks, also those that nobody sees, and with full-width letters narrowed."""
    narrow = unicodedata.normalize("NFKC", header)
    return "".join(narrow.split()).replace("_", "").casefold()


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


def upsert(
    table: str,
    *,
    key: Sequence[str],
    values: dict[str, str],
    where: str = "true",
    lasting: Sequence[str] = (),
    corrections: dict[str, str] | None = None,
    unless: str = "false",
    source: str = "lines",
) -> str:
    """Parts of a WITH over `lines`: `made` inserts what is new, `changed` corrects rows of the same
    key where they differ; it need not look at those that were just made. Unlike ON CONFLICT DO
    UPDATE it leaves equal rows untouched and unlocked.

    `values` maps columns of the table to SQL over `lines`, or over `source`, which may join more to
    them; `where` chooses lines. Columns that are `lasting` are never corrected. `corrections` has SQL
    over `given` and `target` for columns whose new value hangs on the row as it is at that moment;
    rows for which `unless` holds (over the same) are not corrected. The first column of `key` is the
    most selective. Rows get random ids: a hash of their place under a secret of the
    statement's own, because asking the system for each costs as much as all indexes together.
    """
    rest = [column for column in values if column not in (*key, *lasting)]
    names = ", ".join(f'"{column}"' for column in values)
    given = ", ".join(f'{value} AS "{column}"' for column, value in values.items())
    corrected = {column: f'given."{column}"' for column in rest} | (corrections or {})
    changes = ", ".join(f'"{column}" = {value}' for column, value in corrected.items())
    same = _same("target", {column: f'given."{column}"' for column in key})
    old = ", ".join(f'target."{column}"' for column in rest)
    new = ", ".join(corrected.values())
    known = _same("made", {column: f'given."{column}"' for column in key})
    changed = (
        f"UPDATE {table} AS target SET {changes} FROM (SELECT * FROM given"
        f" WHERE NOT EXISTS (SELECT FROM made WHERE {known})) given"
        f" WHERE {same} AND ({old}) IS DISTINCT FROM ({new}) AND NOT ({unless}) RETURNING 1"
        if rest
        else "SELECT 1 WHERE false"
    )
    return f"""
        secret AS MATERIALIZED (SELECT gen_random_uuid()::text AS salt),
        given AS MATERIALIZED (SELECT {given} FROM {source} WHERE {where}),
        made AS (
            INSERT INTO {table} (id, {names})
            SELECT md5(secret.salt || row_number() OVER ())::uuid, {names} FROM given, secret
            ON CONFLICT ({", ".join(f'"{column}"' for column in key)}) DO NOTHING
            RETURNING {", ".join(f'"{column}"' for column in key)}
        ),
        changed AS ({changed})
    """


def removal(table: str, *, match: dict[str, str], where: str) -> str:
    """A DELETE of the rows that lines take back.

    `match` maps the key's columns to SQL over `lines`, the most selective first.
    """
    return f"DELETE FROM {table} AS target USING lines WHERE {where} AND {_same('target', match)}"


def _same(row: str, match: dict[str, str]) -> str:
    """The key's columns are equal.

    Only the first is compared so that an index can serve: a fresh table has no statistics, and the
    planner might take the index of a column that all rows share.
    """
    (first, value), *others = match.items()
    rest = "".join(
        f' AND {row}."{column}" IS NOT DISTINCT FROM {other}' for column, other in others
    )
    return f'{row}."{first}" = {value}{rest}'


def publishing(written: str, *, removed: str = "") -> str:
    """The statement of a kind out of its upsert and, where files can take lines back, a DELETE."""
    gone = f"{removed} RETURNING 1" if removed else "SELECT 1 WHERE false"
    return f"""
        WITH lines AS MATERIALIZED ($lines), {written}, gone AS ({gone})
        SELECT (SELECT count(*) FROM made), (SELECT count(*) FROM changed),
               (SELECT count(*) FROM gone)
    """
