"""What a search of the access log asks for, as it is stored, read aloud and put to the database."""

from dataclasses import asdict, dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Self
from uuid import UUID

from django.utils import timezone

from apps.audit.models import Event, EventQuerySet

NOBODY = UUID(int=0)  # a number or code that the platform never saw: finds nothing
DEFAULT_DAYS = 30


@dataclass(frozen=True, kw_only=True)
class Criteria:
    """All parts are optional but the period: Taiwan's days, both included.

    People and institutions are their random ids; the number that somebody typed is not kept.
    """

    since: date
    until: date
    person: UUID | None = None
    patient: UUID | None = None
    institution: UUID | None = None
    service: str = ""
    action: str = ""
    outcome: str = ""
    reason: str = ""

    @classmethod
    def of_json(cls, stored: dict[str, Any]) -> Self:
        ids = {
            name: UUID(stored[name])
            for name in ("person", "patient", "institution")
            if stored.get(name)
        }
        days = {name: date.fromisoformat(stored[name]) for name in ("since", "until")}
        return cls(**{**stored, **ids, **days})

    def as_json(self) -> dict[str, Any]:
        """What is known, as JSON values."""
        return {name: str(value) for name, value in asdict(self).items() if value}

    @property
    def begins_at(self) -> datetime:
        return _midnight(self.since)

    @property
    def ends_at(self) -> datetime:
        """The first moment that does not belong to the period any more."""
        return _midnight(self.until + timedelta(days=1))

    @property
    def is_narrow(self) -> bool:
        """About one person, patient or institution: few enough events to count them for a page."""
        return bool(self.person or self.patient or self.institution)

    def events(self) -> EventQuerySet:
        """In no order yet. Each key has an index of its own (audit.0001, audit.0003)."""
        events = Event.objects.between(self.begins_at, self.ends_at)
        if self.person:
            events = events.by_actor(self.person)
        if self.patient:
            events = events.of_patient(self.patient)
        if self.institution:
            events = events.at_institution(self.institution)
        for name in ("service", "action", "outcome", "reason"):
            if value := getattr(self, name):
                events = events.filter(**{name: value})
        # Said once more as constants, because the planner does not derive a partial index's
        # condition from a parameter.
        if self.reason:
            events = events.exclude(reason="")
        if self.service:
            events = events.exclude(service="")
        if self.outcome and self.outcome != "permitted":
            events = events.exclude(outcome="permitted")
        return events

    def for_the_log(self) -> str:
        """What the event of the search says it looked for; the patient stands in the event's own part."""
        known = self.as_json()
        known.pop("patient", None)
        return ",".join(f"{name}={value}" for name, value in known.items())


def _midnight(day: date) -> datetime:
    return timezone.make_aware(datetime.combine(day, time()))
