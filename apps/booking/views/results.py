"""After booking.

The result, the earlier booking of a card, the slip and the calendar file (manual 1, 二 and 三).
"""

from uuid import UUID

from django.http import HttpResponse
from django.shortcuts import render
from django.views.decorators.http import require_GET

from apps.access.guards import guard
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.booking.calendars import CONTENT_TYPE, write_calendar
from apps.booking.fetches import fetch_own_bookings
from apps.booking.site_forms import DayForm
from apps.booking.slips import draw_qr
from apps.booking.terms import ENDED_EARLY
from apps.booking.views.events import record_use, record_uses
from apps.booking.views.ways import COUNTER, find_way
from apps.core.errors import Invalid

# Every page here has two routes: `booking_id` alone, of a booking that this institution made, and
# `reading_id`, of the person whose card was just read, wherever it was booked.


@guard(COUNTER, Action.SHOW_BOOKING)
@require_GET
def show_booking(
    request: GuardedRequest, booking_id: UUID | None = None, reading_id: UUID | None = None
) -> HttpResponse:
    """The result of a booking. With a reading and no id: the live one, or else the latest."""
    way = find_way(request, booking_id=booking_id, reading_id=reading_id)
    record_use(request, Action.SHOW_BOOKING, booking=way.booking)
    context = {
        "booking": way.booking,
        "way": way,
        "campaigns": way.campaigns,
        "earlier": reading_id is not None,
        "cancelled": way.booking.state in ENDED_EARLY,
    }
    return render(request, "booking/show_booking.html", context)


@guard(COUNTER, Action.SHOW_BOOKING)
@require_GET
def list_bookings(request: GuardedRequest) -> HttpResponse:
    """What this institution booked on a day, and what became of it (FEATURES C9)."""
    form = DayForm(request.GET)
    if not form.is_valid():
        raise Invalid(reason="day")
    day = form.cleaned_data["day"]
    bookings = fetch_own_bookings(day, by=request.actor)
    record_uses(request, Action.SHOW_BOOKING, bookings, service=request.decision.service)
    context = {"day": day, "day_form": DayForm(initial={"day": day}), "bookings": bookings}
    return render(request, "booking/list_bookings.html", context)


@guard(COUNTER, Action.PRINT_SLIP)
@require_GET
def print_slip(
    request: GuardedRequest, booking_id: UUID | None = None, reading_id: UUID | None = None
) -> HttpResponse:
    """The A5 slip."""
    way = find_way(request, booking_id=booking_id, reading_id=reading_id)
    record_use(request, Action.PRINT_SLIP, booking=way.booking)
    context = {
        "booking": way.booking,
        "back": way.show_url,
        "qr": draw_qr(way.booking.full_number),
    }
    return render(request, "booking/print_slip.html", context)


@guard(COUNTER, Action.PRINT_SLIP)
@require_GET
def save_calendar(
    request: GuardedRequest, booking_id: UUID, reading_id: UUID | None = None
) -> HttpResponse:
    """The booking as a calendar file."""
    way = find_way(request, booking_id=booking_id, reading_id=reading_id)
    record_use(request, Action.PRINT_SLIP, booking=way.booking, detail={"format": "calendar"})
    answer = HttpResponse(write_calendar(way.booking), content_type=CONTENT_TYPE)
    answer["Content-Disposition"] = f'attachment; filename="booking-{way.booking.number}.ics"'
    return answer
