"""What other thresholds and other days would do, counted before they are published (FEATURES A14).

Numbers only: what is flagged, operators do not see.
"""

from datetime import timedelta

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.access.wording import Effect, previews
from apps.core import clock
from apps.oversight import rules
from apps.oversight.models import RetentionRule, ReviewRule
from apps.oversight.rules.base import Period
from apps.oversight.services import comparing

LOOKED_BACK = timedelta(days=1)


def names_of(code: str) -> dict[str, str]:
    """What the two thresholds mean in this rule."""
    return {name: str(each.name) for name, each in ReviewRule(code=code).thresholds.items()}


@previews("oversight.reviewrule", labels=names_of)
def preview_review(before: Model, after: Model) -> list[Effect]:
    assert isinstance(before, ReviewRule)
    assert isinstance(after, ReviewRule)
    return [
        Effect("flags_before", _("Flags of the last 24 hours by the rule of now"), _flags(before)),
        Effect("flags_after", _("Flags of the last 24 hours by the rule of then"), _flags(after)),
    ]


def _flags(rule: ReviewRule) -> int:
    """The rule looks at a day at a time anyway, so this takes no longer than its own job."""
    if not rule.enabled or rule.code not in rules.ALL:
        return 0
    if rule.code == comparing.CODE:
        return sum(gap >= rule.limit for _hour, gap in comparing.find_gaps())
    now = clock.now()
    period = Period(now - LOOKED_BACK, now)
    return len({flag.key for flag in rules.ALL[rule.code].find(period, rule.limit, rule.floor)})


@previews("oversight.retentionrule")
def preview_retention(before: Model, after: Model) -> list[Effect]:
    assert isinstance(before, RetentionRule)
    assert isinstance(after, RetentionRule)
    return [
        Effect("old_before", _("The next run would remove by the rule of now"), _old(before)),
        Effect("old_after", _("The next run would remove by the rule of then"), _old(after)),
    ]


def _old(rule: RetentionRule) -> int:
    if not rule.enabled or rule.kept is None:
        return 0
    return rule.kept.old(clock.now() - timedelta(days=rule.days)).count()
