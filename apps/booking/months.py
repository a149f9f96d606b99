"""A site's month as a calendar: weeks below each other, each day with its places and holidays."""

import calendar
from dataclasses import dataclass, field
from datetime import date, timedelta

from apps.booking.models import Slot
from apps.booking.patterns import holiday_names


@dataclass
class Day:
    """`booked` of `capacity` over the day's slots; closed ones count what is booked in them."""

    day: date
    in_month: bool
    holiday: str = ""
    slots: list[Slot] = field(default_factory=list)

    @property
    def booked(self) -> int:
        return sum(slot.booked for slot in self.slots)

    @property
    def capacity(self) -> int:
        return sum(slot.booked if slot.closed else slot.capacity for slot in self.slots)

    @property
    def all_closed(self) -> bool:
        return bool(self.slots) and all(slot.closed for slot in self.slots)


@dataclass(frozen=True)
class Month:
    first_day: date
    weeks: list[list[Day]]

    @property
    def before(self) -> date:
        return (self.first_day - timedelta(days=1)).replace(day=1)

    @property
    def after(self) -> date:
        return (self.first_day + timedelta(days=32)).replace(day=1)

    @property
    def monday(self) -> date:
        """The first Monday that is shown."""
        return self.weeks[0][0].day


def span_of(first_day: date) -> tuple[date, date]:
    """The first and the last day that the calendar of this month shows."""
    weeks = calendar.Calendar().monthdatescalendar(first_day.year, first_day.month)
    return weeks[0][0], weeks[-1][-1]


def lay_out_month(first_day: date, slots: list[Slot]) -> Month:
    """The slots of the days that the calendar shows (span_of), in their order."""
    weeks = calendar.Calendar().monthdatescalendar(first_day.year, first_day.month)
    names = holiday_names(weeks[0][0], weeks[-1][-1])
    days = {
        day: Day(day, day.month == first_day.month, names.get(day, ""))
        for week in weeks
        for day in week
    }
    for slot in slots:
        days[slot.day].slots.append(slot)
    return Month(first_day, [[days[day] for day in week] for week in weeks])
