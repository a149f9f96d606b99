"""Who looked how often: the answer that an auditor wants before the list."""

from dataclasses import dataclass
from datetime import date, datetime
from typing import Any

from django.db.models import Count, Max, Min
from django.db.models.functions import TruncDate

from apps.accounts.models import Person
from apps.accounts.terms import SessionRole
from apps.institutions.models import Institution
from apps.oversight.criteria import Criteria
from apps.oversight.lines import names_of

MOST = 30


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


def count_by_day(wanted: Criteria) -> list[tuple[date, int]]:
    """(day in Taiwan, events) for each day of the period that has any."""
    rows = wanted.events().annotate(day=TruncDate("recorded_at")).values("day")
    return [(row["day"], row["count"]) for row in rows.annotate(count=Count("id")).order_by("day")]
