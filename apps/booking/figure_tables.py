"""The operators' figures as charts and tables; a table and its CSV file are the same rows."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from apps.booking.figures import Figures, Period, Report
from apps.core.charts import Chart, Kind, Series


@dataclass(frozen=True)
class Table:
    """`name` is its `data-table` and stands in the address of its CSV file. The first `names` columns
    are names, the others are numbers.
    """

    name: str
    title: str
    columns: list[str]
    rows: list[list[Any]]
    names: int = 1


def _rows(figures: Iterable[Figures], *more: str) -> list[list[Any]]:
    return [[*(getattr(each, name) for name in more), *_values(each)] for each in figures]


def _values(each: Figures) -> list[Any]:
    return [
        each.name,
        each.capacity,
        each.booked,
        each.fill_rate,
        each.expected,
        each.arrived,
        each.vaccinated,
        each.no_shows,
        each.no_show_rate,
        each.cancelled,
        each.waiting,
    ]


def _columns(first: str, *more: str) -> list[str]:
    return [
        *more,
        first,
        _("Places"),
        _("Booked"),
        _("Fill rate (%)"),
        _("Expected"),
        _("Arrived"),
        _("Vaccinated"),
        _("Not come"),
        _("Not come (%)"),
        _("Cancelled"),
        _("Waiting"),
    ]


def districts_table(report: Report) -> Table:
    return Table("districts", _("By district"), _columns(_("District")), _rows(report.districts))


def sites_table(report: Report) -> Table:
    columns = _columns(_("Site"), _("District"), _("Institution code"))
    return Table("sites", _("By site"), columns, _rows(report.sites, "district", "code"), names=3)


def days_table(report: Report) -> Table:
    """As the others, but nobody waits for one day alone."""
    rows = [row[:-1] for row in _rows(report.days)]
    return Table("days", _("By day of vaccination"), _columns(_("Day"))[:-1], rows)


def bookings_table(report: Report) -> Table:
    rows = [[name, number] for name, number in report.bookings]
    return Table("bookings", _("Bookings made"), [_("Time"), _("Bookings")], rows)


TABLES: dict[str, Callable[[Report], Table]] = {
    "bookings": bookings_table,
    "days": days_table,
    "districts": districts_table,
    "sites": sites_table,
}
TITLES: dict[str, Promise] = {
    "bookings": gettext_lazy("Bookings made"),
    "days": gettext_lazy("By day of vaccination"),
    "districts": gettext_lazy("By district"),
    "sites": gettext_lazy("By site"),
}


def bookings_chart(report: Report, period: Period) -> Chart:
    return Chart(
        name="bookings_chart",
        title=_("Bookings per hour") if period.by_hours else _("Bookings per day"),
        description=_("How many bookings were made. The figures stand in the table below."),
        heading=_("Time"),
        categories=[name for name, _number in report.bookings],
        series=[Series(_("Bookings"), [number for _name, number in report.bookings])],
        kind=Kind.LINES if period.by_hours else Kind.BARS,
    )


def places_chart(report: Report, period: Period) -> Chart:
    """By city, or by district of the chosen city."""
    places = report.districts if period.city else report.cities
    return Chart(
        name="places_chart",
        title=_("Places by district") if period.city else _("Places by city"),
        description=_("Places that are booked and that are left."),
        heading=_("District") if period.city else _("City"),
        categories=[each.name for each in places],
        series=[
            Series(_("Booked"), [each.booked for each in places]),
            Series(_("Left"), [each.left for each in places]),
        ],
        kind=Kind.STACKED,
        lying=True,
    )


def days_chart(report: Report) -> Chart:
    days = report.days
    return Chart(
        name="days_chart",
        title=_("Who came, by day"),
        description=_("Doses given, people who did not come and people still expected."),
        heading=_("Day"),
        categories=[each.name[5:].replace("-", "/") for each in days],
        series=[
            Series(_("Vaccinated"), [each.vaccinated for each in days]),
            Series(_("Not come"), [each.no_shows for each in days]),
            Series(_("Expected"), [each.expected + each.arrived for each in days]),
        ],
        kind=Kind.STACKED,
    )
