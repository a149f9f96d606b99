"""Tabs and their tables, described once for page and print."""

from collections.abc import Callable, Iterable, Iterator, Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any

from django.utils.functional import Promise

from apps.core.errors import NotFound
from apps.core.roc import format_roc
from apps.queries.providers import Source


@dataclass(frozen=True, kw_only=True)
class Column:
    """`value` takes a row; without it the row's attribute of the column's name. Days turn into ROC years."""

    name: str
    label: str | Promise
    value: Callable[[Any], Any] | None = None

    def of(self, row: Any) -> Any:
        return self.value(row) if self.value else getattr(row, self.name)


@dataclass(frozen=True)
class Cell:
    column: str
    text: str
    day: str = ""  # the day in ISO form, for programs


@dataclass(frozen=True, kw_only=True)
class Tab:
    """One tab of a query service.

    `name` stands in the URL, in `data-table` and in the access event; `empty` is told only when
    every source answered.
    """

    name: str
    label: str | Promise
    columns: Sequence[Column]
    source: Callable[[], Source[Any]]
    notices: Sequence[str | Promise] = ()
    empty: str | Promise = ""

    def lines(self, rows: Iterable[Any]) -> Iterator[list[Cell]]:
        for row in rows:
            yield [_cell(column, row) for column in self.columns]


def find_tab(tabs: Sequence[Tab], name: str) -> Tab:
    """The tab of this name. Raises NotFound."""
    for tab in tabs:
        if tab.name == name:
            return tab
    raise NotFound(reason="no_such_tab")


def _cell(column: Column, row: Any) -> Cell:
    value = column.of(row)
    if isinstance(value, date):
        return Cell(column.name, format_roc(value), value.isoformat())
    return Cell(column.name, "" if value is None else str(value))
