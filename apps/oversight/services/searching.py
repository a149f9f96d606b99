"""Searching the access log: every look has a purpose, and is an event itself."""

from dataclasses import dataclass, replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.models import Event, EventQuerySet
from apps.audit.services import event, record, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.identities.masking import mask_national_id
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.oversight.criteria import NOBODY, Criteria
from apps.oversight.lines import Line, with_names
from apps.oversight.models import LogSearch, SavedSearch
from apps.oversight.refusals import NameTaken, WrongCursor
from apps.oversight.terms import SearchPurpose
from apps.oversight.whys import whys

PAGE = 50


@dataclass(frozen=True)
class Found:
    lines: list[Line]
    next_cursor: str


def start_search(
    *, criteria: Criteria, labels: dict[str, Any], purpose: str, note: str = "", by: Actor
) -> LogSearch:
    """Keeps what was asked for under a random id of this session. Nothing was seen yet: no event."""
    assert by.session is not None  # auditors work in a login
    return LogSearch.objects.create(
        criteria=criteria.as_json(),
        labels=labels,
        purpose=purpose,
        note=note,
        session_id=by.session,
        made_by_id=by.a_person,
    )


def show_page(*, search: LogSearch, before: str = "", by: Actor) -> Found:
    """One page of a search's events, newest first, recorded as a look."""
    wanted = search.wanted
    found = find_page(wanted.events(), before=before)
    if wanted.is_narrow:
        found = Found(_with_whys(found.lines), found.next_cursor)
    record_look(wanted, purpose=search.purpose, note=search.note, count=len(found.lines), by=by)
    return found


def show_latest(*, by: Actor) -> Found:
    """The newest events of the last days, which the first page shows without being asked."""
    today = clock.today()
    wanted = Criteria(since=today - timedelta(days=7), until=today)
    found = find_page(wanted.events())
    record_look(wanted, purpose=SearchPurpose.ROUTINE, count=len(found.lines), by=by)
    return Found(found.lines, "")


def find_page(events: EventQuerySet, *, before: str = "") -> Found:
    page, cursor = page_of(events, before=before, size=PAGE)
    return Found(with_names(page), cursor)


def page_of(events: EventQuerySet, *, before: str = "", size: int) -> tuple[list[Event], str]:
    """Keyset paging, newest first: page 1,000 costs what page 1 does. The cursor of the next page, or
    nothing. Raises WrongCursor.
    """
    events = events.newest_first()
    if before:
        events = _before(events, before)
    page = list(events[: size + 1])
    more, page = len(page) > size, page[:size]
    return page, page[-1].cursor if more else ""


def record_look(
    wanted: Criteria, *, purpose: str, note: str = "", count: int, what: str = "", by: Actor
) -> None:
    """The event of a look at the log: for what purpose, for what, about whom."""
    detail = {"query": wanted.for_the_log(), "note": note, "page": what}
    record(
        event(
            Action.SEARCH_LOG,
            by=by,
            patient=None if wanted.patient == NOBODY else wanted.patient,
            purpose=purpose,
            result_count=count,
            detail={key: value for key, value in detail.items() if value},
        )
    )


def save_search(*, search: LogSearch, name: str, by: Actor) -> SavedSearch:
    """Keeps a search for later days, under a name of its owner's; raises NameTaken."""
    try:
        with transaction.atomic():
            saved = SavedSearch.objects.create(
                owner_id=by.a_person, name=name, criteria=search.criteria, labels=search.labels
            )
            _record_saved(saved, Action.SAVE_SEARCH, by=by)
    except IntegrityError as error:
        raise NameTaken(reason="search_name_taken") from error
    return saved


def repeat_search(*, saved: SavedSearch, purpose: str, note: str, by: Actor) -> LogSearch:
    """As saved, over as many days as then, up to today."""
    wanted = saved.wanted
    today = clock.today()
    moved = replace(wanted, since=today - (wanted.until - wanted.since), until=today)
    return start_search(criteria=moved, labels=saved.labels, purpose=purpose, note=note, by=by)


def remove_search(*, saved: SavedSearch, by: Actor) -> None:
    with transaction.atomic():
        _record_saved(saved, Action.REMOVE_SEARCH, by=by)
        saved.delete()


def _record_saved(saved: SavedSearch, action: Action, *, by: Actor) -> None:
    record_change(
        event(
            action,
            by=by,
            object_type="saved_search",
            object_id=str(saved.pk),
            patient=saved.wanted.patient,
            detail={"query": saved.wanted.for_the_log()},
        )
    )


def find_patient(*, kind: str, number: str) -> tuple[UUID, str]:
    """The identity behind a typed number, or nobody, and the number masked. Raises InvalidNumber."""
    found = find(kind=IdentifierKind(kind), value=number)
    return found or NOBODY, mask_national_id(number.strip().upper())


def find_people(*, text: str) -> list[Person]:
    """Users of the platform by whole national ID or whole name; several may share a name."""
    people = Person.objects.filter(is_service=False)
    identity = _identity_of(text)
    found = people.filter(identity_id=identity) if identity else people.filter(name=text)
    with_places = found.prefetch_related("memberships__institution")
    return list(with_places.order_by("created_at")[:20])


def find_institutions(*, text: str) -> list[Institution]:
    """By whole code or whole name."""
    by_code = text.isascii() and text.isdigit()
    found = Institution.objects.filter(**{"code" if by_code else "name": text})
    return list(found.order_by("code")[:20])


def _identity_of(text: str) -> UUID | None:
    """None for what is no national ID, NOBODY for one that nobody here has."""
    try:
        return find(kind=IdentifierKind.NATIONAL_ID, value=text) or NOBODY
    except ValueError:
        return None


def _with_whys(lines: list[Line]) -> list[Line]:
    reasons = whys([line.event for line in lines])
    return [replace(line, why=reasons[line.event.id]) for line in lines]


def _before(events: EventQuerySet, cursor: str) -> EventQuerySet:
    try:
        return events.before(cursor)
    except ValueError as error:
        raise WrongCursor(reason="not_a_cursor") from error
