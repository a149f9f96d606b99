"""The operators' figures of a campaign: how fast it is booked, how full the sites are, who came (C13).

Four statements whatever the number of sites and bookings: fill rates come from the counters that
every slot keeps, only what became of the bookings is counted row by row. A minute old at most: many
operators look at the same morning.
"""

from collections.abc import Iterable
from dataclasses import dataclass, field
from datetime import date, datetime, timedelta
from typing import Any, Self
from uuid import UUID

from django.core.cache import cache
from django.db import connection

from apps.booking.models import Booking, Campaign, Site, Slot
from apps.booking.patterns import day_span
from apps.booking.terms import BookingState, WaitingState
from apps.booking.waiting import WaitingEntry
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


_COUNTED = (
    "capacity",
    "booked",
    "expected",
    "arrived",
    "vaccinated",
    "no_shows",
    "cancelled",
    "waiting",
)
_STATES = {
    BookingState.BOOKED: "expected",
    BookingState.ARRIVED: "arrived",
    BookingState.VACCINATED: "vaccinated",
    BookingState.NO_SHOW: "no_shows",
    BookingState.CANCELLED: "cancelled",
    BookingState.CALLED_OFF: "cancelled",
}


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


def _count(period: Period) -> Report:
    report = Report(days=[Figures(day.isoformat()) for day in period.days])
    sites = _sites(period)
    days = {each.name: each for each in report.days}
    for place, day, state, number in _ask(_OUTCOMES, period):
        figures = days.get(day.isoformat()) if place is None else sites.get(place)
        if figures is not None and state in _STATES:
            name = _STATES[BookingState(state)]
            setattr(figures, name, getattr(figures, name) + number)
    report.bookings = _bookings(period)
    report.sites = list(sites.values())
    report.cities = _sum_up(report.sites, "city")
    report.districts = _sum_up(report.sites, "district")
    for each in report.sites:
        report.total.add(each)
    return report


@dataclass
class SiteFigures(Figures):
    code: str = ""
    city: str = ""
    district: str = ""


def _sites(period: Period) -> dict[UUID, Figures]:
    """Each site of the campaign with its places in the period, from north to south."""
    found: dict[UUID, Figures] = {}
    for row in _ask(_PLACES, period):
        pk, name, brand, code, city, district, capacity, booked, waiting = row
        found[pk] = SiteFigures(
            name=f"{name}-{brand}",
            code=code,
            city=city or "",
            district=f"{city or ''}{district or ''}",
            capacity=capacity,
            booked=booked,
            waiting=waiting,
        )
    return found


def _sum_up(sites: Iterable[Any], attribute: str) -> list[Figures]:
    sums: dict[str, Figures] = {}
    for site in sites:
        name = getattr(site, attribute)
        sums.setdefault(name, Figures(name)).add(site)
    return list(sums.values())


def _bookings(period: Period) -> list[tuple[str, int]]:
    """Bookings as they came in; hours and days without any count nought."""
    made: dict[datetime, int] = dict(_ask(_MADE, period))
    if not period.by_hours:
        return [(f"{day:%m/%d}", made.get(_at(day, 0), 0)) for day in period.days]
    return [
        (f"{day:%m/%d} {hour:02d}:00", made.get(_at(day, hour), 0))
        for day in period.days
        for hour in range(24)
    ]


def _at(day: date, hour: int) -> datetime:
    """As PostgreSQL gives a moment in Taiwan's own time."""
    return datetime(day.year, day.month, day.day, hour)  # noqa: DTZ001


_HERE = """(%(city)s = '' OR district.city = %(city)s)"""
_PLACES = f"""
    SELECT site.id, institution.name, site.brand, institution.code, district.city, district.name,
           coalesce(slots.capacity, 0), coalesce(slots.booked, 0), coalesce(waits.number, 0)
    FROM {Site._meta.db_table} site
    JOIN {Institution._meta.db_table} institution ON institution.id = site.institution_id
    LEFT JOIN {District._meta.db_table} district ON district.code = institution.district_id
    LEFT JOIN (
        SELECT slot.site_id, sum(slot.capacity)::bigint AS capacity, sum(slot.booked)::bigint AS booked
        FROM {Slot._meta.db_table} slot
        WHERE slot.begins_at >= %(begins)s AND slot.begins_at < %(ends)s
        GROUP BY slot.site_id
    ) slots ON slots.site_id = site.id
    LEFT JOIN (
        SELECT site_id, count(*) AS number FROM {WaitingEntry._meta.db_table}
        WHERE campaign_id = %(campaign)s AND state = '{WaitingState.WAITING}'
        GROUP BY site_id
    ) waits ON waits.site_id = site.id
    WHERE site.campaign_id = %(campaign)s AND {_HERE}
    ORDER BY district.position, institution.code, site.brand
"""
# What became of the bookings for the period, by site and by day, in one pass over them.
_OUTCOMES = f"""
    SELECT slot.site_id, (slot.begins_at AT TIME ZONE 'Asia/Taipei')::date AS day, booking.state, count(*)
    FROM {Booking._meta.db_table} booking
    JOIN {Slot._meta.db_table} slot ON slot.id = booking.slot_id
    JOIN {Site._meta.db_table} site ON site.id = slot.site_id
    JOIN {Institution._meta.db_table} institution ON institution.id = site.institution_id
    LEFT JOIN {District._meta.db_table} district ON district.code = institution.district_id
    WHERE booking.campaign_id = %(campaign)s AND {_HERE}
      AND slot.begins_at >= %(begins)s AND slot.begins_at < %(ends)s
    GROUP BY GROUPING SETS ((slot.site_id, booking.state),
                            ((slot.begins_at AT TIME ZONE 'Asia/Taipei')::date, booking.state))
"""
_MADE = f"""
    SELECT date_trunc(%(step)s, booking.booked_at AT TIME ZONE 'Asia/Taipei') AS moment, count(*)
    FROM {Booking._meta.db_table} booking
    JOIN {Slot._meta.db_table} slot ON slot.id = booking.slot_id
    JOIN {Site._meta.db_table} site ON site.id = slot.site_id
    JOIN {Institution._meta.db_table} institution ON institution.id = site.institution_id
    LEFT JOIN {District._meta.db_table} district ON district.code = institution.district_id
    WHERE booking.campaign_id = %(campaign)s AND {_HERE}
      AND booking.booked_at >= %(begins)s AND booking.booked_at < %(ends)s
    GROUP BY moment
"""
# Of the whole country nobody asks where a booking is.
_MADE_ANYWHERE = f"""
    SELECT date_trunc(%(step)s, booked_at AT TIME ZONE 'Asia/Taipei') AS moment, count(*)
    FROM {Booking._meta.db_table}
    WHERE campaign_id = %(campaign)s AND booked_at >= %(begins)s AND booked_at < %(ends)s
    GROUP BY moment
"""


def _ask(sql: str, period: Period) -> list[Any]:
    if sql is _MADE and not period.city:
        sql = _MADE_ANYWHERE
    begins, ends = period.span
    values: dict[str, Any] = {
        "campaign": period.campaign,
        "city": period.city,
        "begins": begins,
        "ends": ends,
        "step": "hour" if period.by_hours else "day",
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
    names = District.objects.order_by("position").values_list("city", flat=True)
    return list(dict.fromkeys(names))
