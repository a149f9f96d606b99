"""The two ways to a booking.

The institution that made it, or a fresh reading of its person's card (FEATURES C8).
"""

from dataclasses import dataclass, field
from uuid import UUID

from django.urls import reverse

from apps.access.guards import Uses
from apps.access.http import GuardedRequest
from apps.access.terms import Reason
from apps.booking.fetches import fetch_booking, fetch_booking_by_card
from apps.booking.models import Booking
from apps.booking.policies import ALONG_WITH_READING, Facts, facts_told
from apps.booking.services import campaigns_of
from apps.booking.terms import DESK_SERVICE, SERVICE
from apps.cards.models import Reading
from apps.cards.readings import NhiReading, fetch_reading_along
from apps.core.errors import Denied

# The counter's pages after the card, or after what the exception desk typed: who has only the desk
# gets as far with what was typed there.
COUNTER = Uses(SERVICE, instead=DESK_SERVICE)


@dataclass(frozen=True)
class Person:
    """Whose card was read, or who was typed, with the facts in each published campaign."""

    reading: Reading
    card: NhiReading
    facts: list[Facts]


def meet_person(request: GuardedRequest, reading_id: UUID) -> Person:
    """In one statement. Raises ReadingGone; Denied for a card, where only the desk is allowed."""
    reading, card, told = fetch_reading_along(
        reading_id, ALONG_WITH_READING, session=request.actor.session, typed_too=True
    )
    if request.decision.service == DESK_SERVICE and not reading.typed:
        raise Denied(reason=Reason.NOT_GRANTED, code="ACC-403")
    request.patient = reading.patient_id  # refusals that leave the view name the patient
    return Person(reading, card, facts_told(told, birth_date=card.birth_date))


@dataclass(frozen=True)
class Way:
    """A booking, and how its reader came to it: their links stay on the same way."""

    booking: Booking
    reading_id: UUID | None = None
    campaigns: list[Facts] = field(default_factory=list)  # that concern the person of the reading

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
        person = meet_person(request, reading_id)
        booking = fetch_booking_by_card(person.reading, booking_id)
        return Way(booking, reading_id, campaigns_of(person.facts))
    assert booking_id is not None  # every route has one of the two
    booking = fetch_booking(booking_id, by=request.actor)
    request.patient = booking.patient_id
    return Way(booking)
