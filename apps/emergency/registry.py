"""The tabs of manual 3. A module in `apps/emergency/tabs` registers one; nothing else knows it."""

import calendar
import pkgutil
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from datetime import date
from importlib import import_module
from typing import Any

from django.utils.functional import Promise

from apps.core.errors import NotFound
from apps.emergency.filters import Filters
from apps.queries.tables import Tab


@dataclass(frozen=True, kw_only=True)
class EmergencyTab(Tab):
    """One tab: columns, notices and source (Tab), and what is beside them.

    `months`: how far back it reaches, None for everything. `order`: in words, how the rows are
    sorted. `sorts`: columns by which the reader may sort, with the key of a row. `panel` is a
    template shown above the table.
    """

    position: int
    months: int | None
    order: str | Promise
    filters: type[Filters] = Filters
    sorts: Mapping[str, Callable[[Any], Any]] = field(default_factory=dict)
    panel: str = ""

    def since(self, today: date) -> date | None:
        """The first day that the tab reaches back to."""
        return months_before(today, self.months) if self.months else None


_TABS: dict[str, EmergencyTab] = {}


def register(tab: EmergencyTab) -> EmergencyTab:
    if tab.name in _TABS:
        raise ValueError(f"there is a tab {tab.name!r} already")
    _TABS[tab.name] = tab
    return tab


def unregister(tab: EmergencyTab) -> None:
    """Only tests take a tab away again."""
    del _TABS[tab.name]


def all_tabs() -> list[EmergencyTab]:
    """In the order of the manual."""
    return sorted(_TABS.values(), key=lambda tab: tab.position)


def find_emergency_tab(name: str) -> EmergencyTab:
    """Raises NotFound."""
    if name not in _TABS:
        raise NotFound(reason="no_such_tab")
    return _TABS[name]


def label_of(name: str) -> str:
    """What a tab is called, in the language of the moment; its code where no module has it any more."""
    return str(_TABS[name].label) if name in _TABS else name


def load_tabs() -> None:
    """Loads every module of the folder."""
    from apps.emergency import tabs

    for module in pkgutil.iter_modules(tabs.__path__, f"{tabs.__name__}."):
        import_module(module.name)


def months_before(day: date, months: int) -> date:
    """The same day some months earlier, or the last one of a shorter month."""
    index = day.year * 12 + day.month - 1 - months
    year, month = divmod(index, 12)
    last = calendar.monthrange(year, month + 1)[1]
    return date(year, month + 1, min(day.day, last))
