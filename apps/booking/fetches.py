"""Fetches that can refuse: a view never holds a booking that its reader may not see."""

import re
from datetime import date
from uuid import UUID

from django.db.models import Case, Prefetch, When

from apps.audit.actors import Actor
from apps.booking.models import Booking, ExceptionCase, Offer, Site, Slot, WaitingEntry
from apps.booking.patterns import day_span
from apps.booking.terms import ENDED_EARLY, ON_LIST, BookingState, OfferState
from apps.cards.models import Reading
from apps.core import clock
from apps.core.errors import NotFound
from apps.immunizations.models import VaccinationRecord


def fetch_booking(booking_id: UUID, *, by: Actor) -> Booking:
    """A booking that this institution made; another's is not found."""
    found = Booking.objects.visible_to(by).for_page().filter(pk=booking_id).first()
    if found is None:
        raise NotFound(reason="booking_not_of_this_institution")
    return found


def fetch_own_bookings(day: date, *, by: Actor) -> list[Booking]:
    """What this institution booked on a day, in the order of booking (FEATURES C9)."""
    since, until = day_span(day)
    mine = Booking.objects.visible_to(by).filter(booked_at__gte=since, booked_at__lt=until)
    return list(mine.for_page().order_by("booked_at"))


def fetch_people(slot: Slot) -> list[Booking]:
    """Who is booked in a slot and has not come, the latest first."""
    booked = Booking.objects.filter(slot=slot, state=BookingState.BOOKED)
    return list(booked.select_related("campaign").order_by("-booked_at"))


def fetch_other_slots(slot: Slot) -> list[Slot]:
    """Slots of the same site with places, nearest in time first."""
    free = Slot.objects.free(clock.now()).filter(site=slot.site_id).exclude(pk=slot.pk)
    found = free.select_related("site__institution").order_by("begins_at")
    return sorted(found[:200], key=lambda each: abs(each.begins_at - slot.begins_at))


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


def fetch_arrival(booking_id: UUID, *, by: Actor) -> Booking:
    """A booking for a site of this institution, wherever it was made."""
    found = Booking.objects.at_sites_of(by).for_page().filter(pk=booking_id).first()
    if found is None:
        raise NotFound(reason="booking_not_at_this_institution")
    return found


def find_arrival(reading: Reading, *, by: Actor) -> Booking | None:
    """Today's booking, at a site of this institution, of the person whose card was just read."""
    begins_at, ends_at = day_span(clock.today())
    today = Booking.objects.at_sites_of(by).filter(
        patient=reading.patient_id, slot__begins_at__gte=begins_at, slot__begins_at__lt=ends_at
    )
    return today.exclude(state__in=ENDED_EARLY).for_page().live_first().first()


def find_by_number(site: Site, text: str) -> Booking | None:
    """The booking of this site with a number as the slip and its QR code show it."""
    digits = re.fullmatch(r"(?:.*-)?([0-9]{1,18})", text.strip())
    if digits is None:
        return None
    return Booking.objects.filter(slot__site=site, number=int(digits[1])).for_page().first()


def fetch_day(site: Site, day: date, *, only: int | None = None) -> list[Booking]:
    """Everybody for a day at a site but the cancelled, in the order of their times; or one of them."""
    begins_at, ends_at = day_span(day)
    bookings = Booking.objects.filter(
        slot__site=site, slot__begins_at__gte=begins_at, slot__begins_at__lt=ends_at
    )
    if only:
        bookings = bookings.filter(number=only)
    listed = bookings.exclude(state__in=ENDED_EARLY).select_related(
        "slot", "campaign", "exception__rule"
    )
    return list(listed.order_by("slot__begins_at", "number"))


def find_last_dose(site: Site) -> VaccinationRecord | None:
    """The dose that was given last today at this site."""
    begins_at, ends_at = day_span(clock.today())
    today = Booking.objects.filter(
        slot__site=site, slot__begins_at__gte=begins_at, slot__begins_at__lt=ends_at
    )
    given = today.filter(dose__isnull=False).select_related("dose").order_by("-changed_at").first()
    return given.dose if given else None


def fetch_walk_in_slots(*, by: Actor) -> list[Slot]:
    """Today's slots of this institution that still have places and are not over."""
    slots = Slot.objects.free(day_span(clock.today())[0]).filter(
        site__in=Site.objects.visible_to(by),
        begins_at__lt=day_span(clock.today())[1],
        ends_at__gt=clock.now(),
    )
    return list(slots.select_related("site__institution", "site__campaign").order_by("begins_at"))


def fetch_case(reading_id: UUID) -> ExceptionCase:
    """The case of a typed reading, with its rule."""
    return ExceptionCase.objects.select_related("rule").get(reading=reading_id)


def fetch_entry_by_card(reading: Reading, *, campaign: str = "") -> WaitingEntry:
    """The entry on a waiting list of the person whose card was just read, or else the latest; of the
    campaign with this code, if one is given.
    """
    mine = WaitingEntry.objects.filter(patient=reading.patient_id).for_page()
    if campaign:
        mine = mine.filter(campaign__code=campaign)
    on_list = Case(When(state__in=ON_LIST, then=0), default=1)
    found = mine.order_by(on_list, "-joined_at").first()
    if found is None:
        raise NotFound(reason="no_entry_of_this_person")
    return found


def find_offer(entry: WaitingEntry) -> Offer | None:
    """The place that is kept for this entry at present."""
    found = entry.offers.select_related("slot__site__institution__district", "entry__campaign")
    return found.filter(state=OfferState.OPEN, expires_at__gt=clock.now()).first()


def count_before(entry: WaitingEntry) -> int:
    """How many come first who would take the same place."""
    return WaitingEntry.objects.before(entry).count()


def fetch_waiting_list(site: Site) -> list[WaitingEntry]:
    """Who waits for a place at a site, in order, each with `kept`: the open offer, if there is one."""
    kept = Prefetch(
        "offers", Offer.objects.filter(state=OfferState.OPEN).select_related("slot"), to_attr="kept"
    )
    entries = WaitingEntry.objects.for_site(site).on_list().in_order()
    return list(entries.prefetch_related(kept))


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


def count_booked(site: Site, day: date) -> int:
    """How many people are booked and have not come yet."""
    begins_at, ends_at = day_span(day)
    booked = Booking.objects.filter(slot__site=site, state=BookingState.BOOKED)
    return booked.filter(slot__begins_at__gte=begins_at, slot__begins_at__lt=ends_at).count()
