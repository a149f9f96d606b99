"""Fetches that can refuse."""

from datetime import timedelta
from uuid import UUID

from apps.audit.actors import Actor
from apps.audit.models import Event
from apps.core.errors import NotFound
from apps.oversight.lines import Line, with_names
from apps.oversight.models import LogSearch, SavedSearch
from apps.oversight.refusals import SearchGone

AROUND = timedelta(minutes=30)
MOST_AROUND = 100


def fetch_search(search_id: UUID, *, by: Actor) -> LogSearch:
    """A search of this session; another's is not there."""
    found = LogSearch.objects.visible_to(by.session).filter(pk=search_id).first()
    if found is None:
        raise SearchGone(reason="search_of_another_session")
    return found


def fetch_saved(saved_id: UUID, *, by: Actor) -> SavedSearch:
    found = SavedSearch.objects.visible_to(by.person).filter(pk=saved_id).first()
    if found is None:
        raise NotFound(reason="saved_search_of_somebody_else")
    return found


def find_saved(*, by: Actor) -> list[SavedSearch]:
    return list(SavedSearch.objects.visible_to(by.person))


def fetch_event(number: int) -> Line:
    """One event by its number: the block range index finds it without reading the log."""
    found = Event.objects.filter(pk=number).first()
    if found is None:
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
