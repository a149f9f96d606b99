"""Urgent without consent: somebody broke the glass (FEATURES F7)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.oversight.rules.base import Flag, Period, Rule, each_event, events_in
from apps.queries.terms import Consent

# The consents of the queries that count as breaking the glass (manual 3: 緊急未取得同意).
CONSENTS = (Consent.URGENT,)


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    return each_event(events_in(period).filter(consent__in=CONSENTS, outcome="permitted"))


RULE = Rule(
    code="break_glass",
    title=_("Urgent without consent"),
    sentence=_("Data of a patient was opened as urgent, without the patient's consent."),
    find=find,
)
