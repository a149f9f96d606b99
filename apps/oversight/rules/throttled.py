"""So many patients in a few minutes that further queries were stopped (apps.queries, QRY-MANY)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.audit.terms import Outcome
from apps.oversight.rules.base import Flag, Period, Rule, events_in
from apps.queries.terms import TOO_MANY


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """Once for a person and hour: a script that goes on trying is one finding."""
    stopped = events_in(period).filter(reason=TOO_MANY, outcome=Outcome.REFUSED)
    seen = set()
    for event in stopped.order_by("recorded_at", "id"):
        key = f"{event.actor}:{event.recorded_at:%Y%m%d%H}"
        if key not in seen:
            seen.add(key)
            yield Flag(key=key, event=event)


RULE = Rule(
    code="throttled",
    title=_("Queries stopped"),
    sentence=_(
        "So many patients were looked up in a few minutes that further queries were stopped."
    ),
    find=find,
)
