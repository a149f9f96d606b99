"""The journal of a downtime lost its end: accesses happened of which nothing tells any more (FEATURES F9)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.audit.terms import Action, Fault
from apps.oversight.rules.base import Flag, Period, Rule, events_in

CODE = "journal_cut"


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    for event in events_in(period).filter(action=Action.BRING_IN, reason=Fault.CUT_OFF):
        yield Flag(str(event.id), event, {"missing": event.detail["count"]})


RULE = Rule(
    code=CODE,
    title=_("Journal of a downtime cut off"),
    sentence=_(
        "{missing} accesses of an emergency downtime were kept and are missing from the journal."
    ),
    find=find,
)
