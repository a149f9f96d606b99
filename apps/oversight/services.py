"""Finding access events for auditors, with the names of who and where."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

from apps.accounts.models import Person
from apps.audit.models import Event, EventQuerySet
from apps.core.errors import Invalid
from apps.institutions.models import Institution

PAGE = 50


@dataclass(frozen=True)
class Line:
    """One event as the list shows it; names are today's, the event itself keeps ids."""

    event: Event
    actor: str
    institution: str


@dataclass(frozen=True)
class Found:
    lines: list[Line]
    next_cursor: str


def search_events(
    *, action: str = "", outcome: str = "", institution: str = "", before: str = ""
) -> Found:
    """The newest events that match, a page at a time (keyset paging: page 1,000 costs what page 1 does)."""
    events = Event.objects.newest_first()
    if action:
        events = events.filter(action=action)
    if outcome:
        events = events.filter(outcome=outcome)
    if institution:
        events = events.at_institution(_institution_id(institution))
    if before:
        events = _before(events, before)
    page = list(events[: PAGE + 1])
    more = len(page) > PAGE
    page = page[:PAGE]
    return Found(_with_names(page), page[-1].cursor if more else "")


def _before(events: EventQuerySet, cursor: str) -> EventQuerySet:
    try:
        return events.before(cursor)
    except ValueError as error:
        raise Invalid(code="LOG-CURSOR", reason="not_a_cursor") from error


def _institution_id(code: str) -> UUID:
    """A code that nobody has finds nothing, like any other that nothing happened at."""
    found = Institution.objects.filter(code=code).values_list("pk", flat=True).first()
    return found or UUID(int=0)


def _with_names(events: list[Event]) -> list[Line]:
    people = _names(Person, {event.actor for event in events})
    institutions = _names(Institution, {event.institution for event in events})
    return [
        Line(event, people.get(event.actor, ""), institutions.get(event.institution, ""))
        for event in events
    ]


def _names(model: Any, ids: set[UUID | None]) -> dict[UUID | None, str]:
    return dict(model.objects.filter(pk__in=ids - {None}).values_list("pk", "name"))
