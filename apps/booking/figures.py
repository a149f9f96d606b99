"""The operators' figures of a campaign: how fast it is booked, how full the sites are, who came (C13).

Two statements whatever the number of sites and bookings: fill rates come from the counters that
every slot keeps; what became of the bookings is counted slot by slot in an index, then summed up by
site and by day. A minute old at most: many operators look at the same morning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, NamedTuple, Self
from uuid import UUID

from django.core.cache import cache
from django.db import connection
from django.db.models import Min

from apps.booking.models import Booking, Campaign, Site, Slot
from apps.booking.patterns import day_span
from apps.booking.terms import ENDED_EARLY, BookingState, WaitingState
from apps.booking.waiting import WaitingEntry
from apps.core import clock
from apps.institutions.models import District, Institution

KEPT_SECONDS = 60
HOURS_UP_TO_DAYS = 3  # a longer period is shown by days


@dataclass(frozen=True)
class Period:
    """Days, both included, of one campaign, perhaps in one city only."""

    campaign: UUID
    first_day: date
    last_day: date
    city: str = ""

    @property
    def span(self) -> tuple[datetime, datetime]:
        return day_span(self.first_day)[0], day_span(self.last_day)[1]

    @property
    def by_hours(self) -> bool:
        return (self.last_day - self.first_day).days < HOURS_UP_TO_DAYS

    @property
    def days(self) -> list[date]:
        count = (self.last_day - self.first_day).days + 1
        return [self.first_day + timedelta(days=number) for number in range(count)]


@dataclass
class Figures:
    """Of a site, a district, a city, a day or everything. All are numbers of people or places."""

    name: str = ""
    capacity: int = 0
    booked: int = 0
    expected: int = 0
    arrived: int = 0
    vaccinated: int = 0
    no_shows: int = 0
    cancelled: int = 0
    waiting: int = 0

    @property
    def left(self) -> int:
        return self.capacity - self.booked

    @property
    def fill_rate(self) -> float | None:
        """Per cent of the places that are taken; None where there are none."""
        return round(100 * self.booked / self.capacity, 1) if self.capacity else None

    @property
    def no_show_rate(self) -> float | None:
        """Per cent of those whose time has passed."""
        ended = self.vaccinated + self.no_shows
        return round(100 * self.no_shows / ended, 1) if ended else None

    def add(self, other: Self) -> None:
        for name in _COUNTED:
            setattr(self, name, getattr(self, name) + getattr(other, name))


# What became of a booking, by the figure that counts it.
_BECAME = {
    "expected": (BookingState.BOOKED,),
    "arrived": (BookingState.ARRIVED,),
    "vaccinated": (BookingState.VACCINATED,),
    "no_shows": (BookingState.NO_SHOW,),
    "cancelled": ENDED_EARLY,
}
_COUNTED = ("capacity", "booked", *_BECAME, "waiting")


@dataclass
class Report:
    """Everything of a page. `bookings` are (hour or day, number) in the order of time."""

    total: Figures = field(default_factory=Figures)
    cities: list[Figures] = field(default_factory=list)
    districts: list[Figures] = field(default_factory=list)
    sites: list[Figures] = field(default_factory=list)
    days: list[Figures] = field(default_factory=list)
    bookings: list[tuple[str, int]] = field(default_factory=list)


def report_on(period: Period) -> Report:
    """The figures, a minute old at most. The key holds no word about a person."""
    key = f"figures:{period.campaign}:{period.first_day}:{period.last_day}:{period.city.encode().hex()}"
    kept: Report | None = cache.get(key)
    if kept is None:
        kept = _count(period)
        cache.set(key, kept, KEPT_SECONDS)
    return kept


@dataclass
class SiteFigures(Figures):
    code: str = ""
    city: str = ""
    district: str = ""


def _count(period: Period) -> Report:
    report = Report()
    days = {day: Figures(day.isoformat()) for day in period.days}
    for row in map(_Row._make, _ask(_COUNTS, period)):
        if row.day is None:
            report.sites.append(_site(row))
        else:
            day = clock.day_of(row.day)
            days[day] = Figures(day.isoformat(), **row.counted)
    report.days = list(days.values())
    report.bookings = _bookings(period)
    report.cities = _sum_up(report.sites, "city")
    report.districts = _sum_up(report.sites, "district")
    for each in report.sites:
        report.total.add(each)
    return report


class _Row(NamedTuple):
    """Of _COUNTS: a site, or a day of all of them."""

    day: datetime | None
    name: str
    brand: str
    code: str
    city: str | None
    district: str | None
    capacity: int
    booked: int
    expected: int
    arrived: int
    vaccinated: int
    no_shows: int
    cancelled: int
    waiting: int

    @property
    def counted(self) -> dict[str, Any]:
        """By the names of `Figures`."""
        return {name: getattr(self, name) for name in _COUNTED}


def _site(row: _Row) -> SiteFigures:
    return SiteFigures(
        f"{row.name}-{row.brand}",
        **row.counted,
        code=row.code,
        city=row.city or "",
        district=f"{row.city or ''}{row.district or ''}",
    )


def _sum_up(sites: Iterable[Any], attribute: str) -> list[Figures]:
    sums: dict[str, Figures] = {}
    for site in sites:
        name = getattr(site, attribute)
        sums.setdefault(name, Figures(name)).add(site)
    return list(sums.values())


def _bookings(period: Period) -> list[tuple[str, int]]:
    """Bookings as they came in; hours and days without any count nought."""
    made: dict[datetime, int] = dict(_ask(_MADE if period.city else _MADE_ANYWHERE, period))
    begins, ends = period.span
    spell, label = (
        (timedelta(hours=1), "%m/%d %H:00") if period.by_hours else (timedelta(days=1), "%m/%d")
    )
    moments = (begins + number * spell for number in range((ends - begins) // spell))
    return [(each.strftime(label), made.get(each, 0)) for each in moments]


def _in(states: Iterable[str]) -> str:
    return ", ".join(f"'{state}'" for state in states)


_BY_STATE = ", ".join(
    f"count(*) FILTER (WHERE state IN ({_in(states)})) AS {name}"
    for name, states in _BECAME.items()
)
_SUMS = ", ".join(f"sum({name})::bigint AS {name}" for name in ("capacity", "booked", *_BECAME))
_COUNTS_OR_NOUGHT = ", ".join(f"coalesce({name}, 0)" for name in _COUNTED)

# The campaign's sites, of one city or of all.
_SITES = f"""
    SELECT site.id, institution.name, site.brand, institution.code, district.city,
           district.name AS district, district.position
    FROM {Site._meta.db_table} site
    JOIN {Institution._meta.db_table} institution ON institution.id = site.institution_id
    LEFT JOIN {District._meta.db_table} district ON district.code = institution.district_id
    WHERE site.campaign_id = %(campaign)s AND (%(city)s = '' OR district.city = %(city)s)
"""
# A row for each site, from north to south, and one for each day, which has no site. The bookings of
# a slot stand side by side in an index by their state; those of other campaigns and of days outside
# of the period are not looked at, however many there are.
_COUNTS = f"""
    WITH here AS ({_SITES}), counted AS (
        SELECT site_id, day, {_SUMS}
        FROM (
            SELECT id, site_id, capacity, booked,
                   date_bin('1 day', begins_at, %(begins)s) AS day
            FROM {Slot._meta.db_table}
            WHERE begins_at >= %(begins)s AND begins_at < %(ends)s
              AND site_id IN (SELECT id FROM here)
        ) slot CROSS JOIN LATERAL (
            SELECT {_BY_STATE} FROM {Booking._meta.db_table} WHERE slot_id = slot.id
        ) became
        GROUP BY GROUPING SETS ((site_id), (day))
    ), waits AS (
        SELECT site_id, count(*) AS waiting FROM {WaitingEntry._meta.db_table}
        WHERE campaign_id = %(campaign)s AND state = '{WaitingState.WAITING}'
        GROUP BY site_id
    )
    SELECT counted.day, here.name, here.brand, here.code, here.city, here.district,
           {_COUNTS_OR_NOUGHT}
    FROM here FULL JOIN counted ON counted.site_id = here.id
    LEFT JOIN waits ON waits.site_id = here.id
    ORDER BY here.position, here.code, here.brand
"""
# By hours or days from the first one's midnight: Taiwan's clocks are never changed.
_MADE = f"""
    SELECT date_bin(%(spell)s, booking.booked_at, %(begins)s) AS moment, count(*)
    FROM {Booking._meta.db_table} booking
    JOIN {Slot._meta.db_table} slot ON slot.id = booking.slot_id
    WHERE booking.campaign_id = %(campaign)s
      AND booking.booked_at >= %(begins)s AND booking.booked_at < %(ends)s
      AND slot.site_id IN (SELECT id FROM ({_SITES}) here)
    GROUP BY moment
"""
# Of the whole country nobody asks where a booking is: each hour or day is a stretch of one index.
_MADE_ANYWHERE = f"""
    SELECT spell.moment, made.number
    FROM generate_series(%(begins)s, %(ends)s - %(spell)s, %(spell)s) spell (moment)
    CROSS JOIN LATERAL (
        SELECT count(*) AS number FROM {Booking._meta.db_table}
        WHERE campaign_id = %(campaign)s
          AND booked_at >= spell.moment AND booked_at < spell.moment + %(spell)s
    ) made
"""


def _ask(sql: str, period: Period) -> list[Any]:
    begins, ends = period.span
    values: dict[str, Any] = {
        "campaign": period.campaign,
        "city": period.city,
        "begins": begins,
        "ends": ends,
        "spell": timedelta(hours=1) if period.by_hours else timedelta(days=1),
    }
    with connection.cursor() as cursor:
        cursor.execute(sql, values)
        return cursor.fetchall()


def campaigns_to_show() -> list[Campaign]:
    """All campaigns, the latest first; what is not published yet has no figures and stands last."""
    found = Campaign.objects.select_related("vaccine")
    return list(found.order_by("-published", "-books_from", "code"))


def cities_to_show() -> list[str]:
    """From north to south."""
    found = District.objects.values("city").annotate(first=Min("position"))
    return list(found.order_by("first").values_list("city", flat=True))
