"""Sorting a tab by one of its columns: the heading is a link, and says which way it is sorted."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django.http import QueryDict
from django.utils.functional import Promise

from apps.emergency.registry import EmergencyTab


@dataclass(frozen=True)
class Heading:
    """`link` is empty where nobody may sort; `state` is the value of aria-sort."""

    name: str
    label: str | Promise
    link: str = ""
    state: str = ""


def sort_rows(tab: EmergencyTab, rows: Sequence[Any], wanted: str) -> list[Any]:
    """By the column `wanted` (a minus in front: the other way); unknown ones change nothing."""
    key = tab.sorts.get(wanted.removeprefix("-"))
    return sorted(rows, key=key, reverse=wanted.startswith("-")) if key else list(rows)


def headings(tab: EmergencyTab, chosen: QueryDict) -> list[Heading]:
    """The columns' headings; each keeps the filters that were chosen."""
    wanted = chosen.get("sort", "")
    return [
        Heading(column.name, column.label, *_link(column.name, wanted, chosen))
        if column.name in tab.sorts
        else Heading(column.name, column.label)
        for column in tab.columns
    ]


def _link(name: str, wanted: str, chosen: QueryDict) -> tuple[str, str]:
    state = {name: "ascending", f"-{name}": "descending"}.get(wanted, "none")
    other = [(key, value) for key, values in chosen.lists() for value in values if key != "sort"]
    turned = f"-{name}" if wanted == name else name
    return "?" + urlencode([*other, ("sort", turned)]), state
