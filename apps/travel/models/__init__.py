"""Rows of travel and contact history, and the rules of the alert."""

from apps.travel.models.records import (
    Advisory,
    Contact,
    Label,
    ListEntry,
    Referral,
    Release,
    TravelRecord,
)
from apps.travel.models.rules import AlertLink, AlertRule, AlertText, RuleChange, RuleSet

__all__ = [
    "Advisory",
    "AlertLink",
    "AlertRule",
    "AlertText",
    "Contact",
    "Label",
    "ListEntry",
    "Referral",
    "Release",
    "RuleChange",
    "RuleSet",
    "TravelRecord",
]
