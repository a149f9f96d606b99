"""The rules look through the log; what they find becomes a case."""

from datetime import timedelta

from django.db import connection, transaction

from apps.audit.actors import Actor
from apps.audit.services import event, record_changes
from apps.audit.terms import Action
from apps.core import clock
from apps.oversight import rules
from apps.oversight.explanations import explain_all
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.rules import Flag
from apps.oversight.rules.base import Period

# An event may appear this long after its moment: transactions may take that long (audit.roles).
OVERLAP = timedelta(minutes=5)
FIRST_LOOK = timedelta(days=7)
LONGEST_LOOK = timedelta(days=1)
LOCK = 0xF1A6  # one job at a time; no meaning in the number


def find_flags(*, by: Actor) -> int:
    """Every rule that is switched on, over what is new; returns how many cases were opened.

    Again finds the same flags, which are cases already.
    """
    opened = 0
    for rule in ReviewRule.objects.filter(enabled=True, code__in=rules.ALL):
        opened += _look(rule, by=by)
    return opened


def _look(rule: ReviewRule, *, by: Actor) -> int:
    """Day by day up to now, each in a transaction of its own: no long one holds sealing up."""
    now = clock.now()
    since, opened = rule.looked_until or now - FIRST_LOOK, 0
    while since < now:
        period = Period(since - OVERLAP, min(now, since + LONGEST_LOOK))
        with transaction.atomic():
            if not _take_lock(rule.code):
                break
            flags = list(rules.rule_of(rule.code).find(period, rule.limit, rule.floor))
            opened += open_cases(rule=rule.code, flags=flags, by=by)
            ReviewRule.objects.filter(pk=rule.pk).update(looked_until=period.end)
        since = period.end
    return opened


def open_cases(*, rule: str, flags: list[Flag], by: Actor) -> int:
    """Inside a transaction: the new ones among these flags become cases, each with its event."""
    known = set(
        ReviewCase.objects.filter(rule=rule, key__in=[flag.key for flag in flags]).values_list(
            "key", flat=True
        )
    )
    new = [flag for flag in flags if flag.key not in known]
    explained = explain_all([flag.event for flag in new])
    cases = [_case(rule, flag, explained=flag.event.id in explained) for flag in new]
    ReviewCase.objects.bulk_create(cases)
    if cases:
        record_changes([_opened(case, by=by) for case in cases])
    return len(cases)


def _case(rule: str, flag: Flag, *, explained: bool) -> ReviewCase:
    return ReviewCase(
        rule=rule,
        key=flag.key,
        event=flag.event.id,
        occurred_at=flag.event.happened_at,
        person=flag.event.actor,
        institution=flag.event.institution,
        patient=flag.patient,
        facts=flag.facts,
        explained=explained,
    )


def _opened(case: ReviewCase, *, by: Actor) -> dict[str, object]:
    return event(
        Action.OPEN_CASE,
        by=by,
        patient=case.patient,
        object_type="review_case",
        object_id=str(case.pk),
        detail={"code": case.rule},
    )


def _take_lock(code: str) -> bool:
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_xact_lock(%s, hashtext(%s))", [LOCK, code])
        return bool(cursor.fetchone()[0])
