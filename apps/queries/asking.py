"""What the pages of every query service do with a request.

A page is flat: `resume_query`, ask a source (`services.show_answer`), render with `page_of`.
"""

from dataclasses import dataclass
from datetime import datetime
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.urls import reverse

from apps.access.http import GuardedRequest
from apps.cards.fetches import fetch_step_up_cards
from apps.cards.handoff import SeeOther, ask_for_card
from apps.cards.models import READING_LIFETIME
from apps.cards.readings import open_reading
from apps.cards.terms import Purpose
from apps.core import clock
from apps.queries.fetches import fetch_query
from apps.queries.models import Query
from apps.queries.policies import is_proved
from apps.queries.services import prove_query


def resume_query(request: GuardedRequest, query_id: UUID, *, service: str) -> Query:
    """The query of this page, proved and named on the request, so that refusals name the patient.

    For a view behind `Uses(service, fresh=False)`. Raises QueryGone and ProofNeeded.
    """
    query = fetch_query(query_id, service=service, by=request.actor)
    request.patient = query.patient_id
    prove_query(query=query, decision=request.decision, by=request.actor)
    return query


def go_to_query(request: GuardedRequest, query: Query, *, route: str) -> HttpResponse:
    """To the query's first page; through the card reader when its proof is still to come."""
    page = reverse(route, args=[query.pk])
    if is_proved(query, decision=request.decision, by=request.actor):
        return SeeOther(page)
    return ask_for_card(
        request,
        purpose=Purpose.STEP_UP,
        cards=fetch_step_up_cards(query.service_id, by=request.actor),
        return_route="my_home",
        service=query.service_id,
        start_path=page,
    )


def page_of(query: Query, **more: Any) -> dict[str, Any]:
    """The context of a page of this query, with what its card said while the reading lasts."""
    reading = query.reading
    fresh = reading is not None and reading.read_at > clock.now() - READING_LIFETIME
    return {"query": query, "card": open_reading(reading) if reading and fresh else None, **more}


@dataclass(frozen=True)
class Printed:
    """Who prints, and when: the watermark."""

    by: str
    at: datetime


def printed_by(request: GuardedRequest) -> Printed:
    record = request.session.record
    assert record is not None  # behind Uses there is a session
    return Printed(f"{record.institution_name} {record.person.name}".strip(), clock.now())
