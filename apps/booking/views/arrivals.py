"""A card is read at the site: the booking of today, or a walk-in on a freed place (FEATURES C9)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_http_methods

from apps.access.guards import Uses, guard, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.fetches import fetch_walk_in_slots, find_arrival
from apps.booking.models import Slot
from apps.booking.policies import Facts, facts_about
from apps.booking.site_forms import WalkInForm
from apps.booking.terms import SITE_SERVICE
from apps.booking.views.events import record_use
from apps.cards.handoff import SeeOther
from apps.cards.readings import NhiReading, fetch_reading
from apps.core.errors import Refusal
from apps.identities.masking import mask_national_id


@guard(Uses(SITE_SERVICE), Action.MARK_ARRIVED)
@require_http_methods(["GET", "POST"])
def meet_citizen(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """Whoever stands at the site: their booking of today, or today's places that are left."""
    reading, card = fetch_reading(reading_id, session=request.actor.session)
    request.patient = reading.patient_id
    booking = find_arrival(reading, by=request.actor)
    if booking:
        record_use(request, Action.SHOW_BOOKING, service=SITE_SERVICE, booking=booking)
        context = {"booking": booking, "site": booking.slot.site}
        return render(request, "booking/meet_citizen.html", context)
    slots = fetch_walk_in_slots(by=request.actor)
    if request.method == "POST":
        return _walk_in(request, card, slots)
    record_use(request, Action.CHECK_ELIGIBILITY, service=SITE_SERVICE)
    return _show_walk_in(request, card, slots, WalkInForm())


def _walk_in(request: GuardedRequest, card: NhiReading, slots: list[Slot]) -> HttpResponse:
    form = WalkInForm(request.POST)
    if not form.is_valid():
        return _show_walk_in(request, card, slots, form, status=400)
    assert request.patient is not None  # the reading's
    try:
        booking_id = services.book_slot(
            facts=_facts(request.patient, card, slots, form.cleaned_data["slot"]),
            patient=request.patient,
            reading=card,
            request=form.as_request(),
            walk_in=True,
            decision=request.decision,
            by=request.actor,
        )
    except (services.NotEligible, services.AlreadyBooked) as refusal:
        record_refusal(request, refusal, action=Action.BOOK_SLOT, service=SITE_SERVICE)
        return _show_walk_in(request, card, slots, form, refusal=refusal)
    except (services.SlotFull, services.SlotClosed) as refusal:
        record_refusal(request, refusal, action=Action.BOOK_SLOT, service=SITE_SERVICE)
        form.add_error("slot", refusal.message)
        return _show_walk_in(request, card, slots, form, refusal=refusal)
    return SeeOther(reverse("give_dose", args=[booking_id]))


def _facts(patient: UUID, card: NhiReading, slots: list[Slot], chosen: UUID) -> Facts:
    """About this person, in the campaign of the chosen slot. Raises SlotClosed."""
    campaign = next((slot.site.campaign_id for slot in slots if slot.pk == chosen), None)
    for facts in facts_about(patient=patient, birth_date=card.birth_date):
        if facts.campaign.pk == campaign:
            return facts
    raise services.SlotClosed(reason="slot_not_open")


def _show_walk_in(
    request: GuardedRequest,
    card: NhiReading,
    slots: list[Slot],
    form: WalkInForm,
    *,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    context = {
        "card": card,
        "masked_id": mask_national_id(card.national_id),
        "slots": slots,
        "form": form.show(slots),
        "refusal": refusal,
    }
    answer = refusal.status if refusal else status
    return render(request, "booking/walk_in.html", context, status=answer)
