"""A site's week as a grid: days side by side, times of day below each other."""

from dataclasses import dataclass
from datetime import date, timedelta

from django.utils import timezone

from apps.booking.models import Slot
from apps.booking.patterns import holiday_names


@dataclass(frozen=True)
class Day:
    day: date
    holiday: str  # its name, or nothing


@dataclass(frozen=True)
class Week:
    """`rows` are (time of day, the seven days' slots or None)."""

    monday: date
    days: list[Day]
    rows: list[tuple[str, list[Slot | None]]]

    @property
    def before(self) -> date:
        return self.monday - timedelta(days=7)

    @property
    def after(self) -> date:
        return self.monday + timedelta(days=7)


def lay_out(monday: date, slots: list[Slot]) -> Week:
    """The slots of the week that begins on `monday`, in their order."""
    dates = [monday + timedelta(days=ahead) for ahead in range(7)]
    names = holiday_names(dates[0], dates[-1])
    found = {(_clock(slot), slot.day): slot for slot in slots}
    times = sorted({moment for moment, _ in found})
    return Week(
        monday=monday,
        days=[Day(day, names.get(day, "")) for day in dates],
        rows=[(moment, [found.get((moment, day)) for day in dates]) for moment in times],
    )


def _clock(slot: Slot) -> str:
    return f"{timezone.localtime(slot.begins_at):%H:%M}"
