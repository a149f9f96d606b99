"""Why an access happened, in words: its purpose and what happened around it, or why it was refused."""

from collections.abc import Sequence

from django.utils.translation import gettext as _

from apps.audit.models import Event
from apps.audit.terms import Outcome
from apps.oversight.explanations import Explanation, explain_all
from apps.oversight.words import PURPOSES, REASONS, words_of
from apps.portal.models import RefusalCode


def whys(events: Sequence[Event]) -> dict[int, list[str]]:
    """By the number of the event; as many statements for fifty events as for one."""
    explained = explain_all(events)
    meanings = meanings_of(events)
    return {event.id: _why(event, explained.get(event.id, []), meanings) for event in events}


def _why(event: Event, explained: list[Explanation], meanings: dict[str, str]) -> list[str]:
    """The person's own card explains nothing about the patient, so it does not stand here."""
    if event.outcome != Outcome.PERMITTED:
        said = meanings.get(event.detail.get("code", "")) or words_of(event.reason, *REASONS)
        return [_("Refused: {why}").format(why=said)]
    purpose = [words_of(event.purpose, *PURPOSES)] if event.purpose else []
    return purpose + [each.text for each in explained if each.kind != "own_card"]


def meanings_of(events: Sequence[Event]) -> dict[str, str]:
    """What the codes of refusals mean, in the reader's language."""
    codes = {event.detail.get("code", "") for event in events if event.outcome != Outcome.PERMITTED}
    if not codes - {""}:
        return {}
    return {each.code: each.label for each in RefusalCode.objects.filter(code__in=codes)}
