"""Who looked how often: the answer that an auditor wants before the list."""

from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import Any

from django.db.models import Count, Max, Min
from django.db.models.functions import TruncDate, TruncMonth
from django.utils.translation import gettext as _

from apps.accounts.models import Person
from apps.accounts.terms import SessionRole
from apps.core.charts import Chart, Series
from apps.institutions.models import Institution
from apps.oversight.criteria import Criteria
from apps.oversight.lines import names_of

MOST = 30
MOST_DAYS = 45


@dataclass(frozen=True)
class Share:
    """What one person did at one institution in one service, among the events of a search."""

    actor: str
    institution: str
    service: str
    role: str
    count: int
    patients: int
    first_at: datetime
    last_at: datetime


def summarize(wanted: Criteria) -> list[Share]:
    """The largest shares first. One statement and two for names; only for narrow searches.

    Auditors' looks at a patient's events are events of the patient too; the list has them, but they
    do not stand among those who used the patient's data.
    """
    events = wanted.events()
    if wanted.patient:
        events = events.exclude(role=SessionRole.AUDITOR)
    rows: list[Any] = list(
        events.values("actor", "institution", "service", "role")
        .annotate(
            count=Count("id"),
            patients=Count("patient", distinct=True),
            first_at=Min("recorded_at"),
            last_at=Max("recorded_at"),
        )
        .order_by("-count", "-last_at")[:MOST]
    )
    people = names_of(Person, (row["actor"] for row in rows))
    places = names_of(Institution, (row["institution"] for row in rows))
    return [
        Share(
            actor=people.get(row["actor"], ""),
            institution=places.get(row["institution"], ""),
            **{
                name: row[name]
                for name in ("service", "role", "count", "patients", "first_at", "last_at")
            },
        )
        for row in rows
    ]


def chart_of_days(wanted: Criteria) -> Chart:
    """Events on each day of the period; of a long period, in each month."""
    by_month = (wanted.until - wanted.since).days > MOST_DAYS
    unit = TruncMonth("recorded_at") if by_month else TruncDate("recorded_at")
    rows = wanted.events().annotate(unit=unit).values("unit").annotate(count=Count("id"))
    counts = {row["unit"]: row["count"] for row in rows}
    units = sorted(counts) if by_month else _days(wanted)
    form = "%Y/%m" if by_month else "%m/%d"
    return Chart(
        name="events_by_day",
        title=_("Events by month") if by_month else _("Events by day"),
        description=_("How many of the events of this search fall on each day or month."),
        heading=_("Month") if by_month else _("Day"),
        categories=[f"{each:{form}}" for each in units],
        series=[Series(_("Events"), [counts.get(each, 0) for each in units])],
    )


def _days(wanted: Criteria) -> list[date]:
    return [wanted.since + timedelta(days=n) for n in range((wanted.until - wanted.since).days + 1)]
