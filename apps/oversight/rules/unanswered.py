"""Answers about patients that left no event: nothing is seen without a trace, or somebody has to know.

Counted at the edge by apps.access.edge, compared by the job `oversight.compare_answers`, which makes
these cases itself; there is nothing to find in the log.
"""

from collections.abc import Iterable

from django.utils.translation import gettext_lazy as _

from apps.oversight.rules.base import Flag, Period, Rule, Threshold


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    return ()


RULE = Rule(
    code="unanswered",
    title=_("Answers without events"),
    sentence=_(
        "{missing} answers about patients in the hour from {hour} have no event in the log."
    ),
    find=find,
    limit=Threshold(_("answers without an event, from which it is flagged"), 1, 1, 1000),
)
