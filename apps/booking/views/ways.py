"""The two ways to a booking.

The institution that made it, or a fresh reading of its person's card (FEATURES C8).
"""

from dataclasses import dataclass
from uuid import UUID

from django.urls import reverse

from apps.access.guards import Uses
from apps.access.http import GuardedRequest
from apps.access.terms import Reason
from apps.booking.fetches import fetch_booking, fetch_booking_by_card
from apps.booking.models import Booking
from apps.booking.terms import DESK_SERVICE, SERVICE
from apps.cards.models import Reading
from apps.cards.readings import fetch_reading
from apps.core.errors import Denied

# The counter's pages after the card, or after what the exception desk typed: who has only the desk
# gets as far with what was typed there.
COUNTER = Uses(SERVICE, instead=DESK_SERVICE)


def check_desk(request: GuardedRequest, reading: Reading) -> None:
    """Raises Denied for a card, when only the exception desk is allowed."""
    if request.decision.service == DESK_SERVICE and not reading.typed:
        raise Denied(reason=Reason.NOT_GRANTED, code="ACC-403")


@dataclass(frozen=True)
class Way:
    """A booking, and how its reader came to it: their links stay on the same way."""

    booking: Booking
    reading_id: UUID | None = None

    def url(self, name: str) -> str:
        """The address of page `name` (`show_booking`, `print_slip` …) of this booking."""
        if self.reading_id:
            return reverse(f"{name}_by_card", args=[self.reading_id, self.booking.pk])
        return reverse(name, args=[self.booking.pk])

    @property
    def show_url(self) -> str:
        return self.url("show_booking")

    @property
    def slip_url(self) -> str:
        return self.url("print_slip")

    @property
    def calendar_url(self) -> str:
        return self.url("save_calendar")

    @property
    def change_url(self) -> str:
        return self.url("change_booking")

    @property
    def cancel_url(self) -> str:
        return self.url("cancel_booking")


def find_way(
    request: GuardedRequest, *, booking_id: UUID | None = None, reading_id: UUID | None = None
) -> Way:
    """The booking, with its person noted on the request. Raises NotFound or ReadingGone."""
    if reading_id:
        reading, _card = fetch_reading(reading_id, session=request.actor.session, typed_too=True)
        check_desk(request, reading)
        request.patient = reading.patient_id
        return Way(fetch_booking_by_card(reading, booking_id), reading_id)
    assert booking_id is not None  # every route has one of the two
    booking = fetch_booking(booking_id, by=request.actor)
    request.patient = booking.patient_id
    return Way(booking)
