"""The exception desk: booked by rule without the patient's card (FEATURES C17)."""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.oversight.rules.base import Flag, Period, Rule, each_event, events_in

ACTIONS = ("open_exception", "book_exception", "use_exception_desk")


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    return each_event(events_in(period).filter(action__in=ACTIONS, outcome="permitted"))


RULE = Rule(
    code="exception_desk",
    title=_("Exception desk"),
    sentence=_(
        "Somebody was served at the exception desk, without the card that the rule asks for."
    ),
    find=find,
)
