"""The waiting list at the counter and at the site (FEATURES C11)."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import redirect, render
from django.urls import reverse
from django.utils.translation import gettext
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.choices import Wish, offer_sites
from apps.booking.fetches import (
    count_before,
    fetch_entry_by_card,
    fetch_site,
    fetch_waiting_list,
    find_offer,
)
from apps.booking.models import Offer, WaitingEntry
from apps.booking.policies import Facts, facts_about
from apps.booking.remembered import last_place
from apps.booking.terms import ON_LIST, SITE_SERVICE
from apps.booking.views.counter import Citizen, meet, wish_in
from apps.booking.views.events import record_use, record_uses
from apps.booking.views.ways import COUNTER, check_desk
from apps.booking.waiting_forms import JoinForm
from apps.cards.handoff import SeeOther
from apps.cards.readings import NhiReading, fetch_reading
from apps.core import clock
from apps.core.errors import NotFound, Refusal

PART, PAGE = "partials/waiting_choices.html", "booking/join_waiting_list.html"
A_MONTH = timedelta(days=30)


@guard(COUNTER, Action.JOIN_WAITING_LIST)
@require_http_methods(["GET", "POST"])
def join_waiting_list(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """A site and some days; htmx fetches the lists alone from here."""
    citizen = meet(request, reading_id)
    if not citizen.facts or not citizen.verdict.eligible:
        raise services.NotEligible(citizen.verdict)
    if request.method == "POST":
        return _join(request, citizen, citizen.facts)
    if citizen.facts.waiting:
        return redirect("show_waiting", reading_id=reading_id)
    wish = wish_in(request) if "city" in request.GET else last_place(request)
    template = PART if request.htmx else PAGE
    return _show_join(request, citizen, JoinForm(initial=_days()), wish, template=template)


def _days() -> dict[str, Any]:
    return {"first_day": clock.today(), "last_day": clock.today() + A_MONTH}


def _join(request: GuardedRequest, citizen: Citizen, facts: Facts) -> HttpResponse:
    form = JoinForm(request.POST)
    if "update" in request.POST:  # 更新選項, for browsers without JavaScript
        return _show_join(request, citizen, JoinForm(initial=form.kept()), form.wish())
    if not form.is_valid():
        return _show_join(request, citizen, form, form.wish(), status=400)
    try:
        services.join_waiting_list(
            facts=facts,
            patient=citizen.patient,
            reading=citizen.card,
            hope=form.as_hope(),
            decision=request.decision,
            by=request.actor,
        )
    except services.AlreadyBooked as refusal:
        record_refusal(
            request, refusal, action=Action.JOIN_WAITING_LIST, service=request.decision.service
        )
        return SeeOther(reverse("show_booking_by_card", args=[citizen.reading_id]))
    except services.AlreadyWaiting as refusal:
        record_refusal(
            request, refusal, action=Action.JOIN_WAITING_LIST, service=request.decision.service
        )
    except (services.PlaceFree, services.SiteNotTaking) as refusal:
        record_refusal(
            request, refusal, action=Action.JOIN_WAITING_LIST, service=request.decision.service
        )
        form.add_error("site", refusal.message)
        return _show_join(request, citizen, form, form.wish(), refusal=refusal)
    return SeeOther(reverse("show_waiting", args=[citizen.reading_id]))


def _show_join(
    request: GuardedRequest,
    citizen: Citizen,
    form: JoinForm,
    wish: Wish,
    *,
    template: str = PAGE,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    near = request.actor.institution
    choices = offer_sites(campaign=citizen.campaign, wish=wish, near=near)
    context = {
        "citizen": citizen,
        "form": form.show(choices),
        "choices": choices,
        "choices_url": reverse("join_waiting_list", args=[citizen.reading_id]),
        "refusal": refusal,
    }
    return render(request, template, context, status=refusal.status if refusal else status)


def _meet_waiting(
    request: GuardedRequest, reading_id: UUID
) -> tuple[NhiReading, WaitingEntry, Offer | None]:
    """Whose card was read, and what they wait for. Raises ReadingGone or NotFound."""
    reading, card = fetch_reading(reading_id, session=request.actor.session, typed_too=True)
    check_desk(request, reading)
    request.patient = reading.patient_id
    entry = fetch_entry_by_card(reading)
    return card, entry, find_offer(entry)


@guard(COUNTER, Action.SHOW_WAITING)
@require_GET
def show_waiting(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The rank and the reason for it, or the place that is kept."""
    _card, entry, offer = _meet_waiting(request, reading_id)
    record_use(request, Action.SHOW_WAITING, booking=entry)
    context = {
        "reading_id": reading_id,
        "entry": entry,
        "offer": offer,
        "on_list": entry.state in ON_LIST,
        "before": count_before(entry),
    }
    return render(request, "booking/show_waiting.html", context)


@guard(COUNTER, Action.ACCEPT_OFFER)
@require_POST
def accept_offer(request: GuardedRequest, reading_id: UUID, offer_id: UUID) -> HttpResponse:
    """接受; the kept place becomes a booking."""
    card, entry, _offer = _meet_waiting(request, reading_id)
    booking = services.accept_offer(
        offer=offer_id,
        facts=_facts(entry, card),
        patient=entry.patient_id,
        decision=request.decision,
        by=request.actor,
    )
    return SeeOther(reverse("show_booking_by_card", args=[reading_id, booking.pk]))


def _facts(entry: WaitingEntry, card: NhiReading) -> Facts:
    """About this person in the campaign that they wait in. Raises NotFound."""
    for facts in facts_about(patient=entry.patient_id, birth_date=card.birth_date):
        if facts.campaign.pk == entry.campaign_id:
            return facts
    raise NotFound(reason="campaign_not_published")


@guard(COUNTER, Action.DECLINE_OFFER)
@require_POST
def decline_offer(request: GuardedRequest, reading_id: UUID, offer_id: UUID) -> HttpResponse:
    """婉拒; the place goes to the next, the person waits on."""
    _card, entry, _offer = _meet_waiting(request, reading_id)
    services.decline_offer(
        offer=offer_id, patient=entry.patient_id, decision=request.decision, by=request.actor
    )
    messages.success(request, gettext("The place went to the next in line; the rank stays."))
    return SeeOther(reverse("show_waiting", args=[reading_id]))


@guard(COUNTER, Action.LEAVE_WAITING_LIST)
@require_POST
def leave_waiting_list(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """退出候補."""
    _card, entry, _offer = _meet_waiting(request, reading_id)
    services.leave_waiting_list(
        entry=entry.pk, patient=entry.patient_id, decision=request.decision, by=request.actor
    )
    messages.success(request, gettext("The person is no longer on the waiting list."))
    return SeeOther(reverse("show_waiting", args=[reading_id]))


@guard(Uses(SITE_SERVICE), Action.SHOW_WAITING_LIST)
@require_GET
def show_waiting_list(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """Who waits at this site, in order, and for whom a place is kept."""
    site = fetch_site(site_id, by=request.actor)
    entries = fetch_waiting_list(site)
    record_uses(request, Action.SHOW_WAITING_LIST, entries)
    return render(request, "booking/show_waiting_list.html", {"site": site, "entries": entries})
