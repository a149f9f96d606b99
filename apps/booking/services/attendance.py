"""The day at the site: arrived, vaccinated, did not come (FEATURES C9 and C14)."""

from dataclasses import replace
from uuid import UUID

from django.db import IntegrityError, transaction

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.terms import Action
from apps.booking.models import Booking, Site
from apps.booking.patterns import day_span
from apps.booking.services.changing import hold_booking, record_deed, save_revision
from apps.booking.services.offers import hand_on_place
from apps.booking.services.places import once_more_after_deadlock, take_place
from apps.booking.services.refusals import (
    AlreadyBooked,
    BookingEnded,
    BrandNotHere,
    NotToday,
    PlaceGone,
    SlotClosed,
    SlotFull,
    TooEarly,
)
from apps.booking.terms import LIVE, BookingState
from apps.core import clock
from apps.immunizations.services import Dose, record_dose

SOURCE = "VBS"


@once_more_after_deadlock
def mark_arrived(*, booking: UUID, decision: Decision, by: Actor) -> Booking:
    """Somebody came. Whoever was marked as not come gets a place again, while there is one.

    Raises NotToday, BookingEnded, AlreadyBooked or PlaceGone; twice is once.
    """
    with transaction.atomic():
        held = _hold_of_today(booking)
        if held.state == BookingState.ARRIVED:
            return held
        if held.state == BookingState.NO_SHOW:
            _take_again(held)
        elif held.state != BookingState.BOOKED:
            raise BookingEnded(reason="booking_not_live")
        _enter(held, BookingState.ARRIVED)
        record_deed(Action.MARK_ARRIVED, held, decision=decision, by=by)
    return held


@once_more_after_deadlock
def mark_no_show(*, booking: UUID, decision: Decision, by: Actor) -> Booking:
    """Somebody did not come; the place is for who waits for it, or for whoever walks in.

    Raises NotToday, TooEarly or BookingEnded; twice is once.
    """
    with transaction.atomic():
        held = _hold_of_today(booking)
        if held.state == BookingState.NO_SHOW:
            return held
        if held.state != BookingState.BOOKED:
            raise BookingEnded(reason="booking_not_live")
        if held.slot.begins_at > clock.now():
            raise TooEarly(reason="slot_not_begun")
        hand_on_place(held.slot_id)
        _enter(held, BookingState.NO_SHOW)
        record_deed(Action.MARK_NO_SHOW, held, decision=decision, by=by)
    return held


@once_more_after_deadlock
def give_dose(*, booking: UUID, dose: Dose, decision: Decision, by: Actor) -> Booking:
    """The dose becomes a vaccination record and the booking is used.

    Raises NotToday, BookingEnded, BrandNotHere, LotExpired or DoseRecordedBefore; twice is once.
    """
    with transaction.atomic():
        held = _hold_of_today(booking)
        if held.state == BookingState.VACCINATED:
            return held
        if held.state not in LIVE:
            raise BookingEnded(reason="booking_not_live")
        held.dose = record_dose(
            patient=held.patient_id,
            vaccine=held.campaign.vaccine,
            dose=replace(dose, brand=_brand_here(held, dose.brand)),
            institution_code=held.slot.site.institution.code,
            source=SOURCE,
        )
        _enter(held, BookingState.VACCINATED, "dose")
        record_deed(Action.GIVE_DOSE, held, decision=decision, by=by)
    return held


def _hold_of_today(booking: UUID) -> Booking:
    held = hold_booking(booking)
    if held.slot.day != clock.today():
        raise NotToday(reason="slot_of_another_day")
    return held


def _brand_here(held: Booking, brand: str) -> str:
    """In the spelling in which the institution was appointed to give it."""
    here = Site.objects.filter(
        campaign=held.campaign_id, institution=held.slot.site.institution_id
    ).values_list("brand", flat=True)
    for each in here:
        if each.casefold() == brand.casefold():
            return each
    raise BrandNotHere(reason="brand_not_of_this_site")


def _take_again(held: Booking) -> None:
    try:
        take_place(held.slot_id, campaign=held.campaign_id, after=day_span(clock.today())[0])
    except (SlotFull, SlotClosed) as refusal:
        raise PlaceGone(reason=refusal.reason) from refusal


def _enter(held: Booking, state: BookingState, *fields: str) -> None:
    held.state = state
    try:
        with transaction.atomic():
            save_revision(held, fields=["state", *fields])
    except IntegrityError as error:  # booked anew after not having come
        raise AlreadyBooked(reason="one_live_booking_per_campaign") from error
