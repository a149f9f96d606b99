"""Answers about patients against events about patients, hour by hour (FEATURES H1)."""

from datetime import UTC, datetime, timedelta

from django.db import DatabaseError, transaction
from django.db.models import Sum

from apps.audit.actors import Actor
from apps.audit.downtime import journal
from apps.audit.models import AnswerCount, BroughtIn, Event
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.alarms import alarm
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.rules import journal_cut

CODE = "unanswered"
LOOK_BACK = timedelta(hours=24)
HOUR = timedelta(hours=1)
# A process writes its counts down with a delay (audit.edge); a request may cross the full hour.
DELAY = timedelta(minutes=5)
SLACK = timedelta(seconds=10)


def compare_answers(*, by: Actor) -> int:
    """Opens a case for each complete hour with more answers than events; returns how many are missing.

    Waits while events of a downtime are still to be brought in.
    """
    rule = ReviewRule.objects.filter(pk=CODE, enabled=True).first()
    if rule is None or journal().waits:
        return 0
    missing = 0
    for hour, gap in find_gaps():
        if gap >= rule.limit:
            missing += gap
            _open(hour, gap, by=by)
    return missing


def find_gaps() -> list[tuple[datetime, int]]:
    """Complete hours of the last day, each with its answers that have no event (below 0: more events)."""
    return [(hour, answers - _events(hour)) for hour, answers in _hours()]


def _hours() -> list[tuple[datetime, int]]:
    now = clock.now()
    counts = AnswerCount.objects.filter(hour__gte=now - LOOK_BACK, hour__lte=now - HOUR - DELAY)
    rows = counts.values("hour").annotate(total=Sum("answers")).order_by("hour")
    return [(row["hour"], row["total"]) for row in rows]


def _events(hour: datetime) -> int:
    """Requests that left an event about a patient, then or when a downtime was over."""
    begin, end = (hour - SLACK).astimezone(UTC), (hour + HOUR + SLACK).astimezone(UTC)
    about = Event.objects.filter(patient__isnull=False)
    found = about.between(begin, end).values("request_id").distinct().count()
    if not BroughtIn.objects.filter(brought_in_at__gte=begin).exists():
        return found
    kept = about.between(end, clock.now() + SLACK).filter(
        detail__kept__gte=begin.isoformat(), detail__kept__lt=end.isoformat()
    )
    return found + kept.values("request_id").distinct().count()


def _open(hour: datetime, missing: int, *, by: Actor) -> None:
    with transaction.atomic():
        case, new = ReviewCase.objects.get_or_create(
            rule=CODE,
            key=hour.isoformat(),
            defaults={
                "occurred_at": hour,
                "facts": {"missing": missing, "hour": clock.as_local(hour)},
            },
        )
        if new:
            detail = {"code": CODE, "count": missing}
            record_change(
                event(
                    Action.OPEN_CASE,
                    by=by,
                    object_type="review_case",
                    object_id=str(case.pk),
                    detail=detail,
                )
            )


@alarm("audit_gap")
def answers_without_events() -> bool:
    """True while such a case waits, or one of a journal that lost its end, or nobody can tell."""
    try:
        return ReviewCase.objects.waiting().filter(rule__in=(CODE, journal_cut.CODE)).exists()
    except DatabaseError:
        return True
