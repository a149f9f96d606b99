"""Which slots a weekly pattern means, day by day."""

from collections.abc import Iterator
from dataclasses import dataclass, field
from datetime import date, datetime, time, timedelta

from django.utils import timezone
from django.utils.translation import get_language

from apps.core import clock

Span = tuple[datetime, datetime]


@dataclass(frozen=True)
class Pattern:
    """Slots of `minutes` from `opens` to `closes` (Taiwan's time), on the `weekdays` (0 is Monday)
    of the days from `first_day` to `last_day`, `without` some.
    """

    first_day: date
    last_day: date
    weekdays: frozenset[int]
    opens: time
    closes: time
    minutes: int
    capacity: int
    without: frozenset[date] = field(default_factory=frozenset)

    def days(self) -> Iterator[date]:
        for ahead in range((self.last_day - self.first_day).days + 1):
            day = self.first_day + timedelta(days=ahead)
            if day.weekday() in self.weekdays and day not in self.without:
                yield day

    def spans(self) -> Iterator[Span]:
        """Beginning and end of each slot; a rest shorter than a slot at the end is left out."""
        step = timedelta(minutes=self.minutes)
        for day in self.days():
            begins_at, closes_at = at(day, self.opens), at(day, self.closes)
            while begins_at + step <= closes_at:
                yield begins_at, begins_at + step
                begins_at += step


def at(day: date, moment: time) -> datetime:
    """The moment of a day in Taiwan."""
    return timezone.make_aware(datetime.combine(day, moment))


def day_span(day: date) -> Span:
    """A day in Taiwan from midnight to midnight."""
    return at(day, time()), at(day + timedelta(days=1), time())


def monday_of(day: date) -> date:
    return day - timedelta(days=day.weekday())


def this_week() -> date:
    """The Monday of the present week in Taiwan."""
    return monday_of(clock.today())


def public_holidays(first_day: date, last_day: date) -> frozenset[date]:
    """Taiwan's days off by law and order (紀念日及節日), weekends aside."""
    return frozenset(holiday_names(first_day, last_day))


def holiday_names(first_day: date, last_day: date) -> dict[date, str]:
    """The same days with their names in the reader's language."""
    # Imported when asked for: only the site's pages need it, and it is a large package.
    import holidays

    language = "en_US" if get_language() == "en" else "zh_TW"
    years = range(first_day.year, last_day.year + 1)
    known = holidays.country_holidays("TW", years=years, language=language)
    return {day: name for day, name in known.items() if first_day <= day <= last_day}
