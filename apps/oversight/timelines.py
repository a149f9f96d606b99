"""Events day by day, in sentences."""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date

from apps.core import clock
from apps.oversight.lines import Line
from apps.oversight.wording import service_names, tell


@dataclass(frozen=True)
class Moment:
    line: Line
    sentence: str


@dataclass(frozen=True)
class Day:
    on: date
    moments: list[Moment]


def by_day(lines: Iterable[Line]) -> list[Day]:
    """In the order in which they come; a day of Taiwan for each heading."""
    services = service_names()
    days: list[Day] = []
    for line in lines:
        on = clock.day_of(line.event.recorded_at)
        if not days or days[-1].on != on:
            days.append(Day(on, []))
        days[-1].moments.append(Moment(line, tell(line, services=services)))
    return days
