"""A search as a timeline: of a patient, of a person, of an institution."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.oversight.fetches import fetch_search
from apps.oversight.services import searching
from apps.oversight.timelines import by_day
from apps.oversight.views.searches import AUDITOR


@guard(AUDITOR, Action.SEARCH_LOG)
@require_GET
def show_timeline(request: GuardedRequest, search_id: UUID) -> HttpResponse:
    """Day by day in sentences, newest first."""
    search = fetch_search(search_id, by=request.actor)
    request.patient = search.wanted.patient
    found = searching.show_page(
        search=search, before=request.GET.get("before", ""), by=request.actor
    )
    context = {"search": search, "found": found, "days": by_day(found.lines)}
    return render(request, "oversight/show_timeline.html", context)
