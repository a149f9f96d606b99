"""What deserves a second look: one module for each rule, found by a scheduled job, reviewed by auditors.

A rule is a module with a RULE; adding one is adding it to ALL. How strict it is, operators decide in
the back office (ReviewRule).
"""

from apps.oversight.rules import (
    break_glass,
    dormant_grant,
    downtime,
    exception_desk,
    journal_cut,
    no_card,
    out_of_hours,
    same_family,
    self_grant,
    throttled,
    unanswered,
    unusual_volume,
)
from apps.oversight.rules.base import Flag, Rule, Threshold

__all__ = ["ALL", "Flag", "Rule", "Threshold", "rule_of"]

ALL: dict[str, Rule] = {
    each.RULE.code: each.RULE
    for each in (
        break_glass,
        exception_desk,
        downtime,
        journal_cut,
        throttled,
        unusual_volume,
        out_of_hours,
        same_family,
        no_card,
        self_grant,
        dormant_grant,
        unanswered,
    )
}


def rule_of(code: str) -> Rule:
    """KeyError for a rule that this version does not have."""
    return ALL[code]
