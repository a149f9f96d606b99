"""The first glance above the tabs (FEATURES F8)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.emergency import glance
from apps.emergency.fetches import fetch_open_case
from apps.emergency.views.asking import USES
from apps.queries.services import record_answer


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def show_first_glance(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """Allergies, controlled drugs and present medicines; a part of the page, or a page of its own."""
    case = fetch_open_case(request, query_id)
    lines = glance.look(case)
    record_answer(
        glance.together(lines),
        query=case.query,
        tab=glance.NAME,
        decision=request.decision,
        by=request.actor,
    )
    context = {"case": case, "query": case.query, "tabs": case.tabs, "lines": lines}
    template = "emergency/glance.html" if request.htmx else "emergency/show_first_glance.html"
    return render(request, template, context)
