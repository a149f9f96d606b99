"""The day at the site: the list, check-in, dose, no-show (FEATURES C9 and C14)."""

from collections import Counter
from datetime import date
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.utils.translation import gettext_lazy as _
from django.views.decorators.http import require_GET, require_http_methods, require_POST

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.accounts.terms import CardKind
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.fetches import (
    fetch_arrival,
    fetch_day,
    fetch_site,
    find_by_number,
    find_last_dose,
)
from apps.booking.models import Booking, Site
from apps.booking.site_forms import DayForm, DoseForm, NumberForm
from apps.booking.terms import SITE_SERVICE, BookingState
from apps.booking.views.events import record_use, record_uses
from apps.cards.handoff import SeeOther, agent_is_missing, ask_for_card
from apps.cards.terms import Purpose
from apps.core import clock
from apps.core.errors import Invalid, Refusal
from apps.immunizations.services import DoseRecordedBefore, LotExpired

# Whoever stands at the site waits meanwhile: the list says it, and stays.
SAID_ON_THE_LIST = (
    services.NotToday,
    services.TooEarly,
    services.BookingEnded,
    services.AlreadyBooked,
    services.PlaceGone,
)
FIELD_OF_DOSE: dict[type[Refusal], str] = {
    services.BrandNotHere: "brand",
    LotExpired: "lot_expires_on",
    DoseRecordedBefore: "dose_number",
}


@guard(Uses(SITE_SERVICE), Action.SHOW_SITE_DAY)
@require_http_methods(["GET", "POST"])
def show_site_day(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """Who comes on a day and how far each is; F2 reads the card of whoever stands there."""
    site = fetch_site(site_id, by=request.actor)
    if request.method == "POST":
        return ask_for_card(
            request,
            purpose=Purpose.READ_CARD,
            cards=[CardKind.NHI],
            return_route="meet_citizen",
            service=SITE_SERVICE,
        )
    return _show_day(request, site, "booking/show_site_day.html", number_form=NumberForm())


@guard(Uses(SITE_SERVICE), Action.SHOW_SITE_DAY)
@require_GET
def print_site_day(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """The list on paper, for the day the network is down."""
    site = fetch_site(site_id, by=request.actor)
    return _show_day(request, site, "booking/print_site_day.html")


def _show_day(
    request: GuardedRequest, site: Site, template: str, *, status: int = 200, **more: Any
) -> HttpResponse:
    form = DayForm(request.GET)
    if not form.is_valid():
        raise Invalid(reason="day")
    day, only = form.cleaned_data["day"], form.cleaned_data["only"]
    bookings = fetch_day(site, day, only=only)
    record_uses(request, Action.SHOW_SITE_DAY, bookings)
    context = _day_context(request, site, day, bookings) | {"only": only, **more}
    return render(request, template, context, status=status)


def _day_context(
    request: GuardedRequest, site: Site, day: date, bookings: list[Booking]
) -> dict[str, Any]:
    counts = Counter(each.state for each in bookings)
    return {
        "site": site,
        "day": day,
        "is_today": day == clock.today(),
        "day_form": DayForm(initial={"day": day}),
        "bookings": bookings,
        "counts": [(state.label, counts[state]) for state in BookingState if counts[state]],
        "agent_missing": agent_is_missing(request),
        "printed_at": clock.now(),
    }


def _refuse(request: GuardedRequest, booking: Booking, refusal: Refusal) -> HttpResponse:
    """Why not, above this person's line; the next number can be scanned at once."""
    site, day = booking.slot.site, booking.slot.day
    bookings = fetch_day(site, day, only=booking.number)
    record_uses(request, Action.SHOW_SITE_DAY, bookings)
    more = {"only": booking.number, "refusal": refusal, "number_form": NumberForm()}
    context = _day_context(request, site, day, bookings) | more
    return render(request, "booking/show_site_day.html", context, status=refusal.status)


@guard(Uses(SITE_SERVICE), Action.MARK_ARRIVED)
@require_POST
def check_in(request: GuardedRequest, site_id: UUID) -> HttpResponse:
    """A scanned or typed booking number marks its person as arrived."""
    site = fetch_site(site_id, by=request.actor)
    form = NumberForm(request.POST)
    found = find_by_number(site, form.cleaned_data["number"]) if form.is_valid() else None
    if found is None:
        if not form.errors:
            form.add_error("number", _("There is no booking with this number at this site."))
        page = "booking/show_site_day.html"
        return _show_day(request, site, page, status=400, number_form=form, form=form)
    return _mark(request, found, Action.MARK_ARRIVED)


@guard(Uses(SITE_SERVICE), Action.MARK_ARRIVED)
@require_POST
def mark_arrived(request: GuardedRequest, booking_id: UUID) -> HttpResponse:
    """報到."""
    return _mark(request, fetch_arrival(booking_id, by=request.actor), Action.MARK_ARRIVED)


@guard(Uses(SITE_SERVICE), Action.MARK_NO_SHOW)
@require_POST
def mark_no_show(request: GuardedRequest, booking_id: UUID) -> HttpResponse:
    """未到; the place is free for whoever walks in."""
    return _mark(request, fetch_arrival(booking_id, by=request.actor), Action.MARK_NO_SHOW)


def _mark(request: GuardedRequest, booking: Booking, action: Action) -> HttpResponse:
    request.patient = booking.patient_id
    mark = services.mark_arrived if action == Action.MARK_ARRIVED else services.mark_no_show
    try:
        mark(booking=booking.pk, decision=request.decision, by=request.actor)
    except SAID_ON_THE_LIST as refusal:
        record_refusal(request, refusal, action=action, service=SITE_SERVICE)
        return _refuse(request, booking, refusal)
    return _back_to_day(booking)


def _back_to_day(booking: Booking) -> HttpResponse:
    """To this person's line alone: what nobody needs to see leaves no event, and the field for the
    next number has the focus.
    """
    day = reverse("show_site_day", args=[booking.slot.site_id])
    return SeeOther(f"{day}?only={booking.number}")


@guard(Uses(SITE_SERVICE), Action.GIVE_DOSE)
@require_http_methods(["GET", "POST"])
def give_dose(request: GuardedRequest, booking_id: UUID) -> HttpResponse:
    """The dose: brand, lot with its last day, number, giver."""
    booking = fetch_arrival(booking_id, by=request.actor)
    request.patient = booking.patient_id
    if request.method != "POST":
        record_use(request, Action.SHOW_BOOKING, service=SITE_SERVICE, booking=booking)
        given = {
            "brand": booking.slot.site.brand,
            "dose_number": booking.campaign.dose_number,
            "giver": request.user.name,  # type: ignore[union-attr]  # behind a guard
            **_vial_in_use(booking.slot.site),
        }
        return _show_dose(request, booking, DoseForm(initial=given))
    form = DoseForm(request.POST)
    if not form.is_valid():
        return _show_dose(request, booking, form, status=400)
    try:
        services.give_dose(
            booking=booking.pk, dose=form.as_dose(), decision=request.decision, by=request.actor
        )
    except tuple(FIELD_OF_DOSE) as refusal:
        record_refusal(request, refusal, action=Action.GIVE_DOSE, service=SITE_SERVICE)
        form.add_error(FIELD_OF_DOSE[type(refusal)], str(refusal.message))
        return _show_dose(request, booking, form, refusal=refusal)
    except SAID_ON_THE_LIST as refusal:
        record_refusal(request, refusal, action=Action.GIVE_DOSE, service=SITE_SERVICE)
        return _refuse(request, booking, refusal)
    return _back_to_day(booking)


def _vial_in_use(site: Site) -> dict[str, object]:
    """The lot of the dose before: a vial has many, and nobody should type it for each."""
    before = find_last_dose(site)
    return {"lot": before.lot, "lot_expires_on": before.lot_expires_on} if before else {}


def _show_dose(
    request: GuardedRequest,
    booking: Booking,
    form: DoseForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    site = booking.slot.site
    context = {"booking": booking, "site": site, "form": form, "refusal": refusal}
    answer = refusal.status if refusal else status
    return render(request, "booking/give_dose.html", context, status=answer)
