"""Urgent without consent: somebody broke the glass (FEATURES F7)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.audit.terms import Outcome
from apps.oversight.rules.base import Flag, Period, Rule, each_event, events_in
from apps.queries.terms import BREAK_GLASS


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """Once for each query: the tabs opened after it carry the consent, not this reason."""
    return each_event(events_in(period).filter(reason=BREAK_GLASS, outcome=Outcome.PERMITTED))


RULE = Rule(
    code="break_glass",
    title=_("Urgent without consent"),
    sentence=_("Data of a patient was opened as urgent, without the patient's consent."),
    find=find,
)
