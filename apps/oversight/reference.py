"""The rules of the review queue with their first thresholds; from then on they are the operators' data."""

from apps.oversight import rules
from apps.oversight.models import ReviewRule


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
