"""After booking: the result, the earlier booking of a card, and the slip (manual 1, 二 and 三)."""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.urls import reverse
from django.views.decorators.http import require_GET

from apps.access.guards import Uses, guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking.fetches import fetch_booking, fetch_booking_by_card
from apps.booking.models import Booking
from apps.booking.slips import draw_qr
from apps.booking.terms import SERVICE
from apps.booking.views.events import record_use
from apps.cards.readings import fetch_reading


@guard(Uses(SERVICE), Action.SHOW_BOOKING)
@require_GET
def show_booking(request: GuardedRequest, booking_id: UUID) -> HttpResponse:
    """The result of a booking that this institution made."""
    booking = fetch_booking(booking_id, by=request.actor)
    slip = reverse("print_slip", args=[booking_id])
    return _show(request, booking, "booking/show_booking.html", Action.SHOW_BOOKING, slip=slip)


@guard(Uses(SERVICE), Action.SHOW_BOOKING)
@require_GET
def show_booking_by_card(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The live booking of the person whose card was just read, wherever it was made (FEATURES
    C8).
    """
    booking = _fetch_by_card(request, reading_id)
    slip = reverse("print_slip_by_card", args=[reading_id])
    return _show(
        request, booking, "booking/show_booking.html", Action.SHOW_BOOKING, slip=slip, earlier=True
    )


@guard(Uses(SERVICE), Action.PRINT_SLIP)
@require_GET
def print_slip(request: GuardedRequest, booking_id: UUID) -> HttpResponse:
    """The A5 slip of a booking that this institution made."""
    booking = fetch_booking(booking_id, by=request.actor)
    back = reverse("show_booking", args=[booking_id])
    return _show_slip(request, booking, back=back)


@guard(Uses(SERVICE), Action.PRINT_SLIP)
@require_GET
def print_slip_by_card(request: GuardedRequest, reading_id: UUID) -> HttpResponse:
    """The same slip for the person whose card was just read."""
    booking = _fetch_by_card(request, reading_id)
    return _show_slip(request, booking, back=reverse("show_booking_by_card", args=[reading_id]))


def _fetch_by_card(request: GuardedRequest, reading_id: UUID) -> Booking:
    reading, _card = fetch_reading(reading_id, session=request.actor.session)
    request.patient = reading.patient_id
    return fetch_booking_by_card(reading)


def _show_slip(request: GuardedRequest, booking: Booking, *, back: str) -> HttpResponse:
    qr = draw_qr(booking.full_number)
    return _show(request, booking, "booking/print_slip.html", Action.PRINT_SLIP, back=back, qr=qr)


def _show(
    request: GuardedRequest, booking: Booking, template: str, action: Action, **context: object
) -> HttpResponse:
    """A booking's page, after its event is written: no row, no data (DESIGN section 5)."""
    request.patient = booking.patient_id
    record_use(request, action, booking=booking)
    return render(request, template, {"booking": booking, **context})
