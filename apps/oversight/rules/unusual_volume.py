"""Many more patients in a day than this person usually has."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.db.models import Count
from django.db.models.functions import TruncDate
from django.utils.translation import gettext_lazy as _

from apps.booking.patterns import day_span
from apps.core import clock
from apps.oversight.rules.base import Flag, Period, Rule, Threshold, looks_in

HISTORY = timedelta(days=28)


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """`limit` times the average of the days on which the person worked; fewer than `floor` never count.

    A day counts as soon as it is too much; later looks find the same day again.
    """
    for day in sorted({clock.day_of(period.begin), clock.day_of(period.end)}):
        span = Period(*day_span(day))
        busy = looks_in(span).values("actor").annotate(patients=Count("patient", distinct=True))
        for row in busy.filter(patients__gte=max(floor, 1)):
            usual = _usual(row["actor"], span)
            if row["patients"] > limit * usual:
                last = looks_in(span).filter(actor=row["actor"]).newest_first()[0]
                facts = {"patients": row["patients"], "usual": round(usual, 1)}
                yield Flag(key=f"{row['actor']}:{day}", event=last, facts=facts)


def _usual(actor: UUID | None, span: Period) -> float:
    """Patients on an average day of the last four weeks on which there were any."""
    before = Period(span.begin - HISTORY, span.begin)
    days = (
        looks_in(before)
        .filter(actor=actor)
        .annotate(day=TruncDate("recorded_at"))
        .values("day")
        .annotate(patients=Count("patient", distinct=True))
    )
    counts = [row["patients"] for row in days]
    return sum(counts) / len(counts) if counts else 0.0


RULE = Rule(
    code="unusual_volume",
    title=_("Unusually many patients"),
    sentence=_("{patients} patients in one day; {usual} are usual for this person."),
    find=find,
    limit=Threshold(_("times the usual number"), 3, 2, 50),
    floor=Threshold(_("patients a day, below which nothing is flagged"), 30, 1, 1000),
)
