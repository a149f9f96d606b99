"""Changing and cancelling a booking (FEATURES C8; manual 1, 三、取消預約)."""

from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_http_methods

from apps.access.guards import guard, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking import services
from apps.booking.choices import Wish, offer_choices, wish_for
from apps.booking.forms import CancelForm, ChangeForm, describe_slot
from apps.booking.models import Booking
from apps.booking.views.counter import wish_in
from apps.booking.views.events import record_use
from apps.booking.views.ways import COUNTER, Way, find_way
from apps.cards.handoff import SeeOther
from apps.core.errors import Invalid, Refusal

PART, PAGE = "partials/booking_choices.html", "booking/change_booking.html"


@guard(COUNTER, Action.CHANGE_BOOKING)
@require_http_methods(["GET", "POST"])
def change_booking(
    request: GuardedRequest, booking_id: UUID, reading_id: UUID | None = None
) -> HttpResponse:
    """The form of booking again, with what was booked; htmx fetches the lists alone from here."""
    way = find_way(request, booking_id=booking_id, reading_id=reading_id)
    if request.method == "POST":
        return _change(request, way)
    services.check_changeable(way.booking)
    wish = wish_in(request) if request.GET else wish_for(way.booking.slot)
    form = ChangeForm(initial={"phone": way.booking.phone, "revision": way.booking.revision})
    if request.htmx:
        return _show(request, way, form, wish, template=PART)
    record_use(request, Action.SHOW_BOOKING, booking=way.booking)
    return _show(request, way, form, wish)


def _change(request: GuardedRequest, way: Way) -> HttpResponse:
    form = ChangeForm(request.POST)
    if "update" in request.POST:  # 更新選項, for browsers without JavaScript
        return _show(request, way, ChangeForm(initial=form.kept()), form.wish())
    if not form.is_valid():
        return _show(request, way, form, form.wish(), status=400)
    try:
        services.change_booking(
            booking=way.booking.pk,
            change=form.as_change(),
            decision=request.decision,
            by=request.actor,
        )
    except (services.SlotFull, services.SlotClosed) as refusal:
        record_refusal(request, refusal, action=Action.CHANGE_BOOKING)
        form.add_error("slot", refusal.message)
        return _show(request, way, form, form.wish(), refusal=refusal)
    return SeeOther(way.show_url)


def _show(
    request: GuardedRequest,
    way: Way,
    form: ChangeForm,
    wish: Wish,
    *,
    template: str = PAGE,
    refusal: Refusal | None = None,
    status: int = 200,
) -> HttpResponse:
    choices = offer_choices(
        campaign=way.booking.campaign,
        wish=wish,
        near=request.actor.institution,
        own=way.booking.slot_id,
    )
    context: dict[str, Any] = {
        "way": way,
        "booking": way.booking,
        "form": form.show(choices),
        "choices": choices,
        "choices_url": way.change_url,
        "next_free": describe_slot(choices.next_free) if choices.next_free else "",
        "refusal": refusal,
    }
    return render(request, template, context, status=refusal.status if refusal else status)


@guard(COUNTER, Action.CANCEL_BOOKING)
@require_http_methods(["GET", "POST"])
def cancel_booking(
    request: GuardedRequest, booking_id: UUID, reading_id: UUID | None = None
) -> HttpResponse:
    """取消預約: a page that asks once more, and the deed."""
    way = find_way(request, booking_id=booking_id, reading_id=reading_id)
    if request.method == "POST":
        services.cancel_booking(
            booking=way.booking.pk,
            revision=_revision_in(request),
            decision=request.decision,
            by=request.actor,
        )
        return SeeOther(way.show_url)
    services.check_changeable(way.booking)
    record_use(request, Action.SHOW_BOOKING, booking=way.booking)
    return render(request, "booking/cancel_booking.html", _confirmation(way, way.booking))


def _confirmation(way: Way, booking: Booking) -> dict[str, Any]:
    form = CancelForm(initial={"revision": booking.revision})
    return {"way": way, "booking": booking, "form": form}


def _revision_in(request: GuardedRequest) -> int:
    form = CancelForm(request.POST)
    if not form.is_valid():
        raise Invalid(reason="revision_missing")
    revision: int = form.cleaned_data["revision"]
    return revision
