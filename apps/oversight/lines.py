"""Events with the names of who, where and on which service: as a page shows them."""

from collections.abc import Iterable
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils.translation import gettext as _

from apps.accounts.models import Person
from apps.audit.actors import SYSTEM_ROLE
from apps.audit.models import Event
from apps.institutions.models import Institution
from apps.oversight.terms import OwnRole
from apps.oversight.words import CARDS, REASONS, words_of


@dataclass(frozen=True)
class Line:
    """One event as the list shows it; names are today's, the event itself keeps ids."""

    event: Event
    actor: str
    institution: str
    why: list[str] = field(
        default_factory=list
    )  # of searches about one person, patient or institution

    @property
    def who(self) -> str:
        """For a narrow column; a job and the person concerned have no name."""
        if self.event.role == SYSTEM_ROLE:
            return _("The platform")
        return _("The person concerned") if self.event.role == OwnRole.PATIENT else self.actor

    @property
    def card(self) -> str:
        return words_of(self.event.card_kind, *CARDS)

    @property
    def reason(self) -> str:
        """Empty for a code without words, which stands for itself."""
        words = words_of(self.event.reason, *REASONS)
        return "" if words == self.event.reason else words


@dataclass(frozen=True)
class Names:
    """What the ids of some events are called today. Two statements, however many events."""

    people: dict[UUID | None, str]
    institutions: dict[UUID | None, str]

    def line(self, event: Event) -> Line:
        return Line(
            event,
            self.people.get(event.actor, ""),
            self.institutions.get(event.institution, ""),
        )


def names_in(events: Iterable[Event]) -> Names:
    events = list(events)
    return Names(
        names_of(Person, {event.actor for event in events}),
        names_of(Institution, {event.institution for event in events}),
    )


def names_of(model: Any, ids: Iterable[UUID | None]) -> dict[UUID | None, str]:
    return dict(model.objects.filter(pk__in=set(ids) - {None}).values_list("pk", "name"))


def with_names(events: list[Event]) -> list[Line]:
    names = names_in(events)
    return [names.line(event) for event in events]
