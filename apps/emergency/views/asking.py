"""Purpose and number, the HPC, the alert, the consent (manual 3, 四(一), (二) and (五))."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import PurposeClosed, Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.access.terms import Reason
from apps.accounts.terms import CardKind
from apps.audit.terms import Action
from apps.cards.handoff import SeeOther, agent_is_missing, ask_for_card
from apps.cards.models import Reading
from apps.cards.readings import NhiReading, fetch_reading
from apps.cards.terms import Purpose as CardPurpose
from apps.emergency import services
from apps.emergency.antivirals import antiviral_facts
from apps.emergency.cases import Case
from apps.emergency.fetches import fetch_case, fetch_institution, fetch_warnings
from apps.emergency.forms import ConsentForm, StartForm
from apps.emergency.policies.admission import purposes_of
from apps.emergency.refusals import AlertFirst
from apps.emergency.terms import SERVICE, Purpose
from apps.identities.masking import mask_national_id
from apps.queries.asking import go_to_query
from apps.queries.patients import Patient, patient_by_card, patient_by_number
from apps.queries.refusals import OtherCard
from apps.queries.terms import Consent
from apps.travel.services import show_alert

USES = Uses(SERVICE, fresh=False)  # the query asks for the card itself, at each query


@guard(USES, Action.QUERY_RECORDS)
@require_http_methods(["GET", "POST"])
def start_emergency_query(request: GuardedRequest, reading_id: UUID | None = None) -> HttpResponse:
    """Purpose, the three warnings, the number; 查詢 leads to the HPC and then to the alert."""
    reading, card = _card_of(request, reading_id)
    institution = fetch_institution(request.actor)
    purposes = [
        each
        for each in purposes_of(
            has_emergency_department=institution.has_emergency_department,
            offers_video=institution.offers_video_consultation,
        )
        if request.decision.allows(each)
    ]
    if not purposes:
        raise PurposeClosed(reason=Reason.WRONG_PURPOSE)
    posted = request.POST if request.method == "POST" else None
    form = StartForm(posted, purposes=purposes, reading=reading)
    if posted is None:
        return _show_start(request, form, card)
    if not form.is_valid():
        return _show_start(request, form, card, code=form.number_code, status=400)
    try:
        query = services.ask_in_emergency(
            patient=_patient(form, reading, card),
            purpose=Purpose(form.cleaned_data["purpose"]),
            reading=reading,
            by=request.actor,
        )
    except OtherCard as refusal:
        record_refusal(request, refusal, action=Action.QUERY_RECORDS, service=SERVICE)
        form.add_error("national_id", refusal.message)
        return _show_start(request, form, card, code=refusal.code, status=refusal.status)
    return go_to_query(request, query, route="show_emergency_alert")


def _card_of(
    request: GuardedRequest, reading_id: UUID | None
) -> tuple[Reading | None, NhiReading | None]:
    if reading_id is None:
        return None, None
    reading, card = fetch_reading(reading_id, session=request.actor.session)
    request.patient = reading.patient_id
    return reading, card


def _patient(form: StartForm, reading: Reading | None, card: NhiReading | None) -> Patient:
    typed = form.cleaned_data["national_id"]
    if typed or reading is None or card is None:
        return patient_by_number(typed)
    return patient_by_card(reading, card)


def _show_start(
    request: GuardedRequest,
    form: StartForm,
    card: NhiReading | None,
    *,
    code: str = "",
    status: int = 200,
) -> HttpResponse:
    context = {
        "form": form,
        "warnings": fetch_warnings(),
        "card": card,
        "masked_id": mask_national_id(card.national_id) if card else "",
        "agent_missing": agent_is_missing(request),
        "code": code,
    }
    return render(request, "emergency/start_emergency_query.html", context, status=status)


@guard(USES, Action.READ_CARD)
@require_POST
def read_patient_card(request: GuardedRequest) -> HttpResponse:
    """The patient's NHI card in place of typing; the reading is compared with what is typed."""
    return ask_for_card(
        request,
        purpose=CardPurpose.READ_CARD,
        cards=[CardKind.NHI],
        return_route="start_emergency_by_card",
        service=SERVICE,
        start_path=reverse("start_emergency_query"),
    )


@guard(USES, Action.QUERY_RECORDS)
@require_GET
def show_emergency_alert(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """Travel and contact history, before everything else; closing it opens the tabs."""
    case = fetch_case(request, query_id)
    alert = show_alert(
        query=case.query,
        more=antiviral_facts(case.query.patient_id, until=case.today),
        decision=request.decision,
        by=request.actor,
    )
    services.note_alert_shown(query=case.query.pk)
    context = {"case": case, "query": case.query, "alert": alert}
    return render(request, "emergency/show_emergency_alert.html", context)


@guard(USES, Action.QUERY_RECORDS)
@require_POST
def close_emergency_alert(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """「關閉」: on to the consent where the card has a password, else to the tabs."""
    case = fetch_case(request, query_id)
    if not services.close_alert(query=case.query.pk):
        raise AlertFirst(reason="alert_not_shown")
    return SeeOther(next_page(case))


def next_page(case: Case) -> str:
    """Where a case goes on whose alert was closed."""
    if case.needs_consent or case.query.consent == Consent.REFUSED:
        return reverse("give_emergency_consent", args=[case.query.pk])
    return reverse("open_emergency_tabs", args=[case.query.pk])


@guard(USES, Action.RECORD_CONSENT)
@require_http_methods(["GET", "POST"])
def give_emergency_consent(request: GuardedRequest, query_id: UUID) -> HttpResponse:
    """Consent obtained, urgent without, or refused; refused shows none of the tabs."""
    case = fetch_case(request, query_id)
    if case.alert_is_open:
        raise AlertFirst(reason="alert_not_closed")
    form = ConsentForm(request.POST if request.method == "POST" else None)
    if not form.is_valid():
        return _show_consent(request, case, form)
    services.record_consent(
        query=case.query,
        choice=Consent(form.cleaned_data["consent"]),
        reference=form.cleaned_data["reference"],
        by=request.actor,
    )
    return SeeOther(next_page(case))


def _show_consent(request: GuardedRequest, case: Case, form: ConsentForm) -> HttpResponse:
    refused = case.query.consent == Consent.REFUSED
    context = {"case": case, "query": case.query, "form": form, "refused": refused}
    status = 400 if form.errors else 200
    return render(request, "emergency/give_emergency_consent.html", context, status=status)
