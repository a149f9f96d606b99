"""The log of one institution, for its managers (FEATURES H5): looked at and saved, each an event."""

from collections.abc import Iterator
from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from apps.access.models import Membership
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.models import Event
from apps.audit.services import event, record
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.identities.numbers import InvalidNumber
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.oversight.criteria import DEFAULT_DAYS, Criteria
from apps.oversight.lines import names_of
from apps.oversight.services.searching import page_of, record_look
from apps.oversight.terms import SearchPurpose
from apps.oversight.whys import meanings_of
from apps.oversight.wording import service_names
from apps.oversight.words import CARDS, REASONS, ROLES, words_of

PAGE = 50
MOST_NAMESAKES = 20
ROWS_AT_ONCE = 500


@dataclass(frozen=True)
class OwnRow:
    """One event in words. `about` is whom it concerned: a user of the institution by name, a patient
    by the first part of a random id.
    """

    event: Event
    who: str
    role: str
    service: str
    about: str
    reason: str
    card: str


@dataclass(frozen=True)
class OwnLogPage:
    rows: list[OwnRow]
    next_cursor: str


def last_days(institution: UUID) -> Criteria:
    """What is shown without being asked."""
    today = clock.today()
    return Criteria(
        since=today - timedelta(days=DEFAULT_DAYS), until=today, institution=institution
    )


def show_own_log(*, wanted: Criteria, before: str = "", by: Actor) -> OwnLogPage:
    """A page of what was done at the manager's institution, newest first, recorded as a look.

    Raises WrongCursor.
    """
    found, cursor = page_of(wanted.events(), before=before, size=PAGE)
    record_look(wanted, purpose=SearchPurpose.ROUTINE, count=len(found), by=by)
    return OwnLogPage(in_words(found), cursor)


def export_own_log(*, wanted: Criteria, by: Actor) -> Iterator[list[Any]]:
    """Every row that the search finds now, newest first; that it was saved is an event before.

    Read piece by piece, so that a year of a hospital needs no more memory than a day.
    """
    events = wanted.events().filter(recorded_at__lt=clock.now())
    record(
        event(
            Action.EXPORT_LOG,
            by=by,
            purpose=SearchPurpose.ROUTINE,
            result_count=min(events.count(), 2**31 - 1),
            detail={"query": wanted.for_the_log(), "format": "csv"},
        )
    )
    return _rows(events)


def find_people_here(*, text: str, institution: UUID) -> list[Person]:
    """Who belongs or belonged to the institution, by whole national ID or a part of the name.

    Nobody of elsewhere: a number must not tell a manager whose it is.
    """
    here = Membership.objects.filter(institution=institution)
    people = Person.objects.filter(pk__in=here.values("person"))
    try:
        identity = find(kind=IdentifierKind.NATIONAL_ID, value=text)
    except InvalidNumber:
        found = people.filter(name__icontains=text)
    else:
        found = people.filter(identity=identity)
    return list(found.order_by("name", "pk")[:MOST_NAMESAKES])


def in_words(events: list[Event]) -> list[OwnRow]:
    """Three statements, and one more where something was refused, however many events."""
    names = names_of(Person, {*(each.actor for each in events), *map(_person_in, events)})
    services, meanings = service_names(), meanings_of(events)
    return [
        OwnRow(
            event=each,
            who=names.get(each.actor, ""),
            role=words_of(each.role, *ROLES),
            service=f"{each.service} {services.get(each.service, '')}".strip(),
            about=names.get(_person_in(each), "") or str(each.patient or "")[:8],
            reason=_reason(each, meanings),
            card=words_of(each.card_kind, *CARDS),
        )
        for each in events
    ]


def _reason(event: Event, meanings: dict[str, str]) -> str:
    """In words: of the condition that failed, else of the code that the person saw; what somebody typed
    stands as it is.
    """
    said = words_of(event.reason, *REASONS)
    if event.outcome == Outcome.PERMITTED or said != event.reason:
        return said
    return meanings.get(event.detail.get("code", ""), said)


def _person_in(event: Event) -> UUID | None:
    """Who was appointed, added, ended or authorized."""
    try:
        return UUID(event.detail.get("person", ""))
    except ValueError:
        return None


def _rows(events: Any) -> Iterator[list[Any]]:
    before = ""
    while True:
        found, before = page_of(events, before=before, size=ROWS_AT_ONCE)
        for row in in_words(found):
            each = row.event
            yield [
                each.recorded_at,
                row.who,
                row.role,
                row.service,
                each.get_action_display(),
                row.about,
                each.get_outcome_display(),
                row.reason,
                row.card,
                each.ip,
                each.pk,
            ]
        if not before:
            return
