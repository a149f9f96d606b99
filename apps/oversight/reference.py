"""The rules of review and retention with their first figures; from then on they are the operators' data."""

from apps.oversight import rules
from apps.oversight.models import RetentionRule, ReviewRule
from apps.oversight.retention import RULES


def load() -> None:
    ReviewRule.objects.bulk_create(
        (
            ReviewRule(
                code=rule.code,
                limit=rule.limit.default if rule.limit else 0,
                floor=rule.floor.default if rule.floor else 0,
            )
            for rule in rules.ALL.values()
        ),
        ignore_conflicts=True,
    )
    RetentionRule.objects.bulk_create(
        (RetentionRule(code=rule.code, days=rule.days) for rule in RULES.values()),
        ignore_conflicts=True,
    )
