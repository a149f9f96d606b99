"""Fetches that can refuse."""

from uuid import UUID

from apps.audit.actors import Actor
from apps.queries.models import Query
from apps.queries.refusals import QueryGone


def fetch_query(query_id: UUID, *, service: str, by: Actor) -> Query:
    """A query that this session asked of this service, while it lasts. One statement."""
    found = (
        Query.objects.visible_to(by)
        .select_related("service", "reading")
        .filter(pk=query_id, service=service)
        .first()
    )
    if found is None:
        raise QueryGone(reason="query_expired_or_of_another_session")
    return found
