"""The alert for a query, and the versions of its rules."""

from apps.travel.services.alerts import RulesMissing, rules_in_force, show_alert
from apps.travel.services.versions import (
    draft_rules,
    publish_rules,
    remove_part,
    save_part,
    withdraw_rules,
)

__all__ = [
    "RulesMissing",
    "draft_rules",
    "publish_rules",
    "remove_part",
    "rules_in_force",
    "save_part",
    "show_alert",
    "withdraw_rules",
]
