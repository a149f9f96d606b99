"""The vaccination record query (HIQS, manual 0): both cards, then two tabs."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from apps.access.guards import Uses, guard
from apps.access.http import GuardedRequest
from apps.accounts.terms import CardKind
from apps.audit.terms import Action
from apps.cards.handoff import agent_is_missing, ask_for_card
from apps.cards.readings import fetch_reading
from apps.cards.terms import Purpose
from apps.immunizations.records import TABS, question_about
from apps.immunizations.terms import SERVICE
from apps.queries.asking import go_to_query, page_of, printed_by, resume_query
from apps.queries.patients import patient_by_card
from apps.queries.services import open_query, show_answer
from apps.queries.tables import find_tab

USES = Uses(SERVICE, fresh=False)  # the query asks for the card, once the patient's was read
FIRST = TABS[0].name


@guard(USES, Action.READ_CARD)
@require_http_methods(["GET", "POST"])
def start_vaccination_query(request: GuardedRequest) -> HttpResponse:
    """「讀取健保卡」: there is no other way to name the patient."""
    if request.method == "POST":
        return ask_for_card(
            request,
            purpose=Purpose.READ_CARD,
            cards=[CardKind.NHI],
            return_route="ask_vaccinations",
            service=SERVICE,
        )
    context = {"agent_missing": agent_is_missing(request)}
    return render(request, "immunizations/start_vaccination_query.html", context)


@guard(USES, Action.QUERY_RECORDS)
@require_http_methods(["GET", "POST"])
def ask_vaccinations(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The card was read; 「查詢」 leads to the records, through the HPC when its proof is too old."""
    reading, card = fetch_reading(reading_id, session=request.actor.session)
    request.patient = reading.patient_id
    patient = patient_by_card(reading, card)
    if request.method == "POST":
        query = open_query(service=SERVICE, patient=patient, reading=reading, by=request.actor)
        return go_to_query(request, query, route="show_vaccinations")
    context = {"card": card, "patient": patient, "needs_card": not request.decision.permit}
    return render(request, "immunizations/ask_vaccinations.html", context)


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def show_vaccinations(request: GuardedRequest, query_id: UUID, tab: str = FIRST) -> HttpResponse:
    """One of the two tabs."""
    shown = find_tab(TABS, tab)
    query = resume_query(request, query_id, service=SERVICE)
    question = question_about(query.patient_id)
    answer = show_answer(
        query=query,
        tab=tab,
        source=shown.source(),
        question=question,
        decision=request.decision,
        by=request.actor,
    )
    context = page_of(query, tab=shown, tabs=TABS, answer=answer, until=question.until)
    return render(request, "immunizations/show_vaccinations.html", context)


@guard(USES, Action.PRINT_RECORDS)
@require_GET
def print_vaccinations(request: GuardedRequest, query_id: UUID, tab: str) -> HttpResponse:
    """The tab on paper, with who printed it and when."""
    shown = find_tab(TABS, tab)
    query = resume_query(request, query_id, service=SERVICE)
    question = question_about(query.patient_id)
    answer = show_answer(
        query=query,
        tab=tab,
        source=shown.source(),
        question=question,
        action=Action.PRINT_RECORDS,
        decision=request.decision,
        by=request.actor,
    )
    context = page_of(query, tab=shown, answer=answer, until=question.until)
    context["printed"] = printed_by(request)
    return render(request, "immunizations/print_vaccinations.html", context)
