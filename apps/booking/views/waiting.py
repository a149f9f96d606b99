"""The waiting list at the counter and at the site (FEATURES C11)."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.contrib import messages
from django.http import HttpResponse
from django.shortcuts import render
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
from apps.booking.policies import Facts
from apps.booking.remembered import last_place
from apps.booking.terms import ON_LIST, SITE_SERVICE
from apps.booking.views.counter import Citizen, meet, wish_in
from apps.booking.views.events import record_use, record_uses
from apps.booking.views.ways import COUNTER, Person, meet_person
from apps.booking.waiting_forms import JoinForm
from apps.cards.handoff import SeeOther
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
        return SeeOther(citizen.url("show_waiting"))
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
        record_refusal(request, refusal, action=Action.JOIN_WAITING_LIST)
        return SeeOther(reverse("show_booking_by_card", args=[citizen.reading_id]))
    except services.AlreadyWaiting as refusal:
        record_refusal(request, refusal, action=Action.JOIN_WAITING_LIST)
    except (services.PlaceFree, services.SiteNotTaking) as refusal:
        record_refusal(request, refusal, action=Action.JOIN_WAITING_LIST)
        form.add_error("site", refusal.message)
        return _show_join(request, citizen, form, form.wish(), refusal=refusal)
    return SeeOther(citizen.url("show_waiting"))


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
        "choices_url": citizen.join_url,
        "refusal": refusal,
    }
    return render(request, template, context, status=refusal.status if refusal else status)


@dataclass(frozen=True)
class Waiting:
    """Whose card was read, and what they wait for."""

    person: Person
    entry: WaitingEntry
    offer: Offer | None


def _meet_waiting(request: GuardedRequest, reading_id: UUID) -> Waiting:
    """In the campaign that the address names, if it does. Raises ReadingGone or NotFound."""
    person = meet_person(request, reading_id)
    entry = fetch_entry_by_card(person.reading, campaign=request.GET.get("campaign", ""))
    return Waiting(person, entry, find_offer(entry))


@guard(COUNTER, Action.SHOW_WAITING)
@require_GET
def show_waiting(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The rank and the reason for it, or the place that is kept."""
    found = _meet_waiting(request, reading_id)
    entry = found.entry
    record_use(request, Action.SHOW_WAITING, booking=entry)
    context = {
        "reading_id": reading_id,
        "entry": entry,
        "offer": found.offer,
        "campaigns": services.campaigns_of(found.person.facts),
        "on_list": entry.state in ON_LIST,
        "before": count_before(entry),
    }
    return render(request, "booking/show_waiting.html", context)


@guard(COUNTER, Action.ACCEPT_OFFER)
@require_POST
def accept_offer(request: GuardedRequest, reading_id: UUID, offer_id: UUID) -> HttpResponse:
    """接受; the kept place becomes a booking."""
    found = _meet_waiting(request, reading_id)
    booking = services.accept_offer(
        offer=offer_id,
        facts=_facts(found),
        patient=found.entry.patient_id,
        decision=request.decision,
        by=request.actor,
    )
    return SeeOther(reverse("show_booking_by_card", args=[reading_id, booking.pk]))


def _facts(found: Waiting) -> Facts:
    """About this person in the campaign that they wait in. Raises NotFound."""
    for facts in found.person.facts:
        if facts.campaign.pk == found.entry.campaign_id:
            return facts
    raise NotFound(reason="campaign_not_published")


@guard(COUNTER, Action.DECLINE_OFFER)
@require_POST
def decline_offer(request: GuardedRequest, reading_id: UUID, offer_id: UUID) -> HttpResponse:
    """婉拒; the place goes to the next, the person waits on."""
    entry = _meet_waiting(request, reading_id).entry
    services.decline_offer(
        offer=offer_id, patient=entry.patient_id, decision=request.decision, by=request.actor
    )
    messages.success(request, gettext("The place went to the next in line; the rank stays."))
    return SeeOther(reverse("show_waiting", args=[reading_id]))


@guard(COUNTER, Action.LEAVE_WAITING_LIST)
@require_POST
def leave_waiting_list(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """退出候補."""
    entry = _meet_waiting(request, reading_id).entry
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
