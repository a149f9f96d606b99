"""Managers who authorized themselves: allowed, and looked at (DESIGN 4)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.audit.terms import Action
from apps.oversight.rules.base import Flag, Period, Rule, each_event, events_in


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    grants = events_in(period).filter(action=Action.OPEN_GRANT, outcome="permitted")
    return each_event(grants.filter(detail__self_granted=True))


RULE = Rule(
    code="self_grant",
    title=_("Authorized oneself"),
    sentence=_("A manager gave a grant to the own person."),
    find=find,
)
