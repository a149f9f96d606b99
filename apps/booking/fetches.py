"""Fetches that can refuse: a view never holds a booking that its reader may not see."""

from datetime import date
from uuid import UUID

from apps.audit.actors import Actor
from apps.booking.models import Booking, Site, Slot
from apps.booking.patterns import day_span
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


def fetch_site(site_id: UUID, *, by: Actor) -> Site:
    """A site of this institution; another's is not found."""
    found = Site.objects.visible_to(by).for_page().filter(pk=site_id).first()
    if found is None:
        raise NotFound(reason="site_not_of_this_institution")
    return found


def fetch_sites(*, by: Actor) -> list[Site]:
    """The sites of this institution, those of the latest campaign first."""
    return list(Site.objects.visible_to(by).for_page())


def fetch_slot(slot_id: UUID, *, by: Actor) -> Slot:
    """A slot of a site of this institution."""
    mine = Site.objects.visible_to(by)
    found = Slot.objects.select_related("site__institution").filter(site__in=mine, pk=slot_id)
    slot = found.first()
    if slot is None:
        raise NotFound(reason="slot_not_of_this_institution")
    return slot


def fetch_slots(site: Site, first_day: date, last_day: date) -> list[Slot]:
    """All slots of a site from day to day, closed ones too."""
    begins_at, ends_at = day_span(first_day)[0], day_span(last_day)[1]
    slots = site.slots.filter(begins_at__gte=begins_at, begins_at__lt=ends_at)
    return list(slots.order_by("begins_at"))
