"""Fetches that can refuse: a view never holds a booking that its reader may not see."""

from uuid import UUID

from apps.audit.actors import Actor
from apps.booking.models import Booking
from apps.cards.models import Reading
from apps.core.errors import NotFound


def fetch_booking(booking_id: UUID, *, by: Actor) -> Booking:
    """A booking that this institution made; another's is not found."""
    found = Booking.objects.visible_to(by).for_page().filter(pk=booking_id).first()
    if found is None:
        raise NotFound(reason="booking_not_of_this_institution")
    return found


def fetch_booking_by_card(reading: Reading, booking_id: UUID | None = None) -> Booking:
    """A booking of the person whose card was just read, wherever it was made (FEATURES C8).

    Without an id: the live one, or else the latest that there was.
    """
    bookings = Booking.objects.for_page().filter(patient=reading.patient_id)
    if booking_id:
        bookings = bookings.filter(pk=booking_id)
    found = bookings.live_first().first()
    if found is None:
        raise NotFound(reason="no_booking_of_this_person")
    return found
