"""Tables of records in templates."""

from collections.abc import Iterable, Iterator
from typing import Any

from django import template

from apps.queries.tables import Cell, Tab

register = template.Library()


@register.filter
def lines(tab: Tab, rows: Iterable[Any]) -> Iterator[list[Cell]]:
    """The rows as the tab's columns show them."""
    return tab.lines(rows)
