"""What a rule is, and what the rules share."""

from collections.abc import Callable, Iterable
from dataclasses import dataclass, field
from datetime import datetime
from typing import Any
from uuid import UUID

from django.utils.functional import Promise

from apps.accounts.terms import SessionRole
from apps.audit.models import Event, EventQuerySet
from apps.audit.terms import Outcome
from apps.oversight.terms import LOOKS


@dataclass(frozen=True)
class Flag:
    """Something a rule has found. `key` is the finding's own: a second look finds the same one again.

    `event` is the one that shows it best; `facts` are numbers and words for the rule's sentence.
    """

    key: str
    event: Event
    facts: dict[str, Any] = field(default_factory=dict)
    patient: UUID | None = None


@dataclass(frozen=True)
class Threshold:
    """A number that the operator sets."""

    name: str | Promise
    default: int
    lowest: int
    highest: int

    def allows(self, number: int) -> bool:
        return self.lowest <= number <= self.highest


@dataclass(frozen=True)
class Period:
    """Events of [begin, end) are looked at."""

    begin: datetime
    end: datetime


Find = Callable[[Period, int, int], Iterable[Flag]]


@dataclass(frozen=True)
class Rule:
    """`sentence` says of one flag what was seen; its braces are filled from the flag's facts."""

    code: str
    title: str | Promise
    sentence: str | Promise
    find: Find
    limit: Threshold | None = None
    floor: Threshold | None = None


def events_in(period: Period) -> EventQuerySet:
    return Event.objects.between(period.begin, period.end)


def looks_in(period: Period) -> EventQuerySet:
    """Staff saw data of a patient."""
    return events_in(period).filter(
        action__in=LOOKS,
        outcome=Outcome.PERMITTED,
        role=SessionRole.STAFF,
        patient__isnull=False,
        actor__isnull=False,
    )


def each_event(events: EventQuerySet) -> Iterable[Flag]:
    """Every one of them is a finding of its own, oldest first."""
    events = events.order_by("recorded_at", "id")
    return (Flag(key=str(event.id), event=event, patient=event.patient) for event in events)
