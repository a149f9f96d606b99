"""Applying the rules of retention: counting for a dry run, removing with an event."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta

from django.db import transaction

from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.oversight.models import RetentionRule
from apps.oversight.retention import RULES, Kept


@dataclass(frozen=True)
class Outcome:
    """What one rule found, and took unless it was a dry run."""

    rule: Kept
    days: int
    count: int


def apply_retention(*, dry_run: bool = False, by: Actor) -> list[Outcome]:
    """Every rule that is switched on, each in a transaction of its own with its event."""
    return list(_outcomes(dry_run, by))


def _outcomes(dry_run: bool, by: Actor) -> Iterator[Outcome]:
    for row in RetentionRule.objects.filter(enabled=True, code__in=RULES):
        rule = RULES[row.code]
        old = rule.old(clock.now() - timedelta(days=row.days))
        if dry_run:
            yield Outcome(rule, row.days, old.count())
            continue
        with transaction.atomic():
            removed = rule.remove(old)
            if removed:
                detail = {"code": rule.code, "count": removed}
                record_change(event(Action.APPLY_RETENTION, by=by, detail=detail))
        yield Outcome(rule, row.days, removed)
