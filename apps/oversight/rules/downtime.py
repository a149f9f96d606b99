"""Emergency downtime: what was seen while the log or its sealing failed (FEATURES F9)."""

from collections.abc import Iterable

from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.oversight.rules.base import Flag, Period, Rule, each_event, events_in


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    flagged = Q(detail__unsealed=True) | Q(detail__has_key="kept")
    return each_event(events_in(period).filter(flagged, outcome="permitted", patient__isnull=False))


RULE = Rule(
    code="downtime",
    title=_("Emergency downtime"),
    sentence=_("Data of a patient was opened while the log or its sealing had failed."),
    find=find,
)
