"""The travel and contact history query (TCH, manual 2, 五)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET, require_http_methods

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.accounts.terms import CardKind
from apps.audit.terms import Action
from apps.cards.handoff import agent_is_missing, ask_for_card
from apps.cards.models import Reading
from apps.cards.readings import NhiReading, fetch_reading
from apps.cards.terms import Purpose
from apps.core import clock
from apps.queries.asking import go_to_query, page_of, printed_by, resume_query
from apps.queries.patients import patient_by_card
from apps.queries.refusals import OtherCard
from apps.queries.services import open_query
from apps.travel.forms import NumberForm
from apps.travel.services import rules_in_force, show_alert
from apps.travel.terms import SERVICE, Slot

USES = Uses(SERVICE, fresh=False)


@guard(USES, Action.QUERY_RECORDS)
@require_http_methods(["GET", "POST"])
def ask_travel_history(request: GuardedRequest) -> HttpResponse:
    """One of three numbers, or 「讀取健保卡」."""
    if "read_card" in request.POST:
        return ask_for_card(
            request,
            purpose=Purpose.READ_CARD,
            cards=[CardKind.NHI],
            return_route="ask_travel_history_by_card",
            service=SERVICE,
        )
    form = NumberForm(request.POST) if request.method == "POST" else NumberForm()
    if form.is_bound and form.is_valid():
        query = open_query(service=SERVICE, patient=form.patient(), by=request.actor)
        return go_to_query(request, query, route="show_travel_history")
    return _show_form(request, form)


@guard(USES, Action.QUERY_RECORDS)
@require_http_methods(["GET", "POST"])
def ask_travel_history_by_card(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The card was read. A number that is typed as well must be the same person's."""
    reading, card = fetch_reading(reading_id, session=request.actor.session)
    request.patient = reading.patient_id
    if request.method == "GET":
        return _show_form(request, NumberForm(), reading, card)
    form = NumberForm(request.POST)
    if not form.is_blank and not form.is_valid():
        return _show_form(request, form, reading, card)
    patient = patient_by_card(reading, card) if form.is_blank else form.patient()
    try:
        query = open_query(service=SERVICE, patient=patient, reading=reading, by=request.actor)
    except OtherCard as refusal:
        record_refusal(request, refusal, action=Action.QUERY_RECORDS, service=SERVICE)
        form.add_error(None, f"{refusal.message} {refusal.way_on} [{refusal.code}]")
        return _show_form(request, form, reading, card, code=refusal.code)
    return go_to_query(request, query, route="show_travel_history")


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def show_travel_history(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """彈跳視窗: the alert, which stands on the page as well."""
    query = resume_query(request, query_id, service=SERVICE)
    alert = show_alert(query=query, decision=request.decision, by=request.actor)
    return render(request, "travel/show_travel_history.html", page_of(query, alert=alert))


@guard(USES, Action.PRINT_RECORDS)
@require_GET
def print_travel_history(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """The alert on paper, with who printed it and when."""
    query = resume_query(request, query_id, service=SERVICE)
    alert = show_alert(
        query=query, action=Action.PRINT_RECORDS, decision=request.decision, by=request.actor
    )
    context = page_of(query, alert=alert, printed=printed_by(request))
    return render(request, "travel/print_travel_history.html", context)


def _show_form(
    request: GuardedRequest,
    form: NumberForm,
    reading: Reading | None = None,
    card: NhiReading | None = None,
    *,
    code: str = "",
) -> HttpResponse:
    rules = rules_in_force(clock.today())
    context = {
        "form": form,
        "card": card,
        "patient": patient_by_card(reading, card) if reading and card else None,
        "notes": rules.text(Slot.NOTES, service=SERVICE),
        "reads_cards": request.actor.workstation is not None,
        "agent_missing": agent_is_missing(request),
        "code": code or form.code,
    }
    status = 409 if code else 400 if form.errors else 200
    return render(request, "travel/ask_travel_history.html", context, status=status)
