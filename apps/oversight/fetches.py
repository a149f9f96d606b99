"""Fetches that can refuse."""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from uuid import UUID

from django.db.models import Q

from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.models import Event
from apps.audit.partitions import retired_month
from apps.core.errors import NotFound
from apps.institutions.models import Institution
from apps.oversight.lines import Line, names_of, with_names
from apps.oversight.models import (
    LogExport,
    LogSearch,
    ReviewCase,
    ReviewCaseQuerySet,
    SavedSearch,
)
from apps.oversight.refusals import EventRetired, SearchGone, WrongCursor

AROUND = timedelta(minutes=30)
MOST_AROUND = 100
CASES_A_PAGE = 50
EXPORTS_SHOWN = 20


def fetch_search(search_id: UUID, *, by: Actor) -> LogSearch:
    """A search of this session; another's is not there."""
    found = LogSearch.objects.visible_to(by.session).filter(pk=search_id).first()
    if found is None:
        raise SearchGone(reason="search_of_another_session")
    return found


def fetch_own_search(search_id: UUID, *, by: Actor) -> LogSearch:
    """A manager's: of this session, and of its institution only."""
    found = fetch_search(search_id, by=by)
    if by.institution is None or found.wanted.institution != by.institution:
        raise SearchGone(reason="search_of_another_institution")
    return found


def fetch_saved(saved_id: UUID, *, by: Actor) -> SavedSearch:
    found = SavedSearch.objects.visible_to(by.person).filter(pk=saved_id).first()
    if found is None:
        raise NotFound(reason="saved_search_of_somebody_else")
    return found


def find_saved(*, by: Actor) -> list[SavedSearch]:
    return list(SavedSearch.objects.visible_to(by.person))


def fetch_export(export_id: UUID, *, by: Actor) -> LogExport:
    """One's own; another auditor's is not there."""
    found = LogExport.objects.visible_to(by.person).filter(pk=export_id).first()
    if found is None:
        raise NotFound(reason="export_of_somebody_else")
    return found


def find_exports(*, by: Actor) -> list[LogExport]:
    return list(LogExport.objects.visible_to(by.person)[:EXPORTS_SHOWN])


def fetch_case(case_id: UUID) -> ReviewCase:
    found = ReviewCase.objects.for_page().filter(pk=case_id).first()
    if found is None:
        raise NotFound(reason="no_such_case")
    return found


@dataclass(frozen=True)
class CaseLine:
    """A case with the names of whom and where it is about."""

    case: ReviewCase
    person: str
    institution: str


@dataclass(frozen=True)
class Cases:
    lines: list[CaseLine]
    next_cursor: str


def find_cases(
    *, state: str = "", rule: str = "", explained: str = "", before: str = "", by: Actor
) -> Cases:
    """A page of the queue, newest first; without a state what waits."""
    cases = ReviewCase.objects.for_page().newest_first()
    if state == "MINE":
        cases = cases.waiting().filter(assigned_to=by.person)
    else:
        cases = cases.filter(state=state) if state else cases.waiting()
    cases = cases.filter(rule=rule) if rule else cases
    cases = cases.filter(explained=explained == "yes") if explained else cases
    page = list((_before(cases, before) if before else cases)[: CASES_A_PAGE + 1])
    more, page = len(page) > CASES_A_PAGE, page[:CASES_A_PAGE]
    return Cases(with_people(page), _cursor(page[-1]) if more else "")


def with_people(cases: list[ReviewCase]) -> list[CaseLine]:
    people = names_of(Person, (case.person for case in cases))
    places = names_of(Institution, (case.institution for case in cases))
    return [
        CaseLine(case, people.get(case.person, ""), places.get(case.institution, ""))
        for case in cases
    ]


def find_next_case(case: ReviewCase) -> ReviewCase | None:
    """The next older one that waits, else the newest."""
    waiting = ReviewCase.objects.waiting().newest_first().exclude(pk=case.pk)
    older = waiting.filter(occurred_at__lte=case.occurred_at)
    return older.first() or waiting.first()


def _cursor(case: ReviewCase) -> str:
    return f"{case.occurred_at.timestamp():.6f}_{case.pk}"


def _before(cases: ReviewCaseQuerySet, cursor: str) -> ReviewCaseQuerySet:
    try:
        moment, _, pk = cursor.partition("_")
        at, last = datetime.fromtimestamp(float(moment), tz=UTC), UUID(pk)
    except (ValueError, OverflowError) as error:
        raise WrongCursor(reason="not_a_cursor") from error
    return cases.filter(occurred_at__lte=at).filter(Q(occurred_at__lt=at) | Q(pk__lt=last))


def fetch_event(number: int) -> Line:
    """One event by its number: the block range index finds it without reading the log."""
    found = Event.objects.filter(pk=number).first()
    if found is None:
        if retired_month(number):
            raise EventRetired(reason="event_of_a_retired_month")
        raise NotFound(reason="no_such_event")
    return with_names([found])[0]


def find_around(event: Event) -> list[Line]:
    """What the same person did half an hour before and after, oldest first."""
    if event.actor is None:
        return with_names([event])
    near = Event.objects.by_actor(event.actor).between(
        event.recorded_at - AROUND, event.recorded_at + AROUND
    )
    return with_names(list(near.order_by("recorded_at", "id")[:MOST_AROUND]))
