"""The waiting list: join it, leave it, take or decline what is offered (FEATURES C11)."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.db.models import Q

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Booking, Offer, Site, Slot, WaitingEntry
from apps.booking.patterns import day_span
from apps.booking.policies import Facts, judge
from apps.booking.services.changing import record_deed, tell
from apps.booking.services.offers import hand_on_place
from apps.booking.services.places import once_more_after_deadlock
from apps.booking.services.refusals import (
    AlreadyBooked,
    AlreadyWaiting,
    NotEligible,
    OfferOver,
    PlaceFree,
    SiteNotTaking,
)
from apps.booking.terms import ON_LIST, OfferState, Topic, WaitingState
from apps.cards.readings import NhiReading
from apps.core import clock
from apps.core.errors import NotFound
from apps.core.models import OutboxMessage
from apps.identities.masking import mask_national_id


@dataclass(frozen=True)
class Hope:
    """What somebody waits for: a place at a site on one of the days, or `anywhere` in its district."""

    site: UUID
    phone: str
    first_day: date
    last_day: date
    anywhere: bool = False


def join_waiting_list(
    *,
    facts: Facts,
    patient: UUID,
    reading: NhiReading,
    hope: Hope,
    decision: Decision,
    by: Actor,
) -> WaitingEntry:
    """Puts the person of `reading` at the end of the list.

    Raises NotEligible, SiteNotTaking, PlaceFree, AlreadyBooked or AlreadyWaiting.
    """
    verdict = judge(facts, at=clock.now())
    if not verdict.eligible:
        raise NotEligible(verdict)
    if facts.live_booking:
        raise AlreadyBooked(reason="one_live_booking_per_campaign")
    taking = Site.objects.filter(pk=hope.site, campaign=facts.campaign, active=True)
    site = taking.select_related("institution").first()
    if site is None:
        raise SiteNotTaking(reason="site_not_of_campaign")
    if _has_free_place(hope, site):
        raise PlaceFree(reason="place_free")
    with transaction.atomic():
        entry = _enter(facts, patient, reading, hope, site, by)
        payload = {"entry": str(entry.pk)}
        OutboxMessage.objects.create(topic=Topic.WAITING_JOINED, payload=payload)
        _record(Action.JOIN_WAITING_LIST, entry, decision=decision, by=by)
    return entry


def _has_free_place(hope: Hope, site: Site) -> bool:
    since, until = day_span(hope.first_day)[0], day_span(hope.last_day)[1]
    here = Q(site=site)
    if hope.anywhere:
        here |= Q(site__campaign=site.campaign_id, site__institution__district=_district(site))
    free = Slot.objects.free(clock.now()).filter(here)
    return free.filter(begins_at__gte=since, begins_at__lt=until).exists()


def _district(site: Site) -> str | None:
    return site.institution.district_id


def _enter(
    facts: Facts, patient: UUID, reading: NhiReading, hope: Hope, site: Site, by: Actor
) -> WaitingEntry:
    try:
        with transaction.atomic():
            return WaitingEntry.objects.create(
                campaign=facts.campaign,
                site=site,
                district_id=_district(site) if hope.anywhere else None,
                patient_id=patient,
                name=reading.name,
                masked_id=mask_national_id(reading.national_id),
                phone=hope.phone,
                first_day=hope.first_day,
                last_day=hope.last_day,
                joined_by_id=by.a_person,
                institution_id=by.an_institution,
            )
    except IntegrityError as error:
        raise AlreadyWaiting(reason="waits_once_per_campaign") from error


@once_more_after_deadlock
def accept_offer(
    *, offer: UUID, facts: Facts, patient: UUID, decision: Decision, by: Actor
) -> Booking:
    """The offered place becomes a booking; accepted twice is once.

    Raises NotFound, OfferOver, NotEligible or AlreadyBooked.
    """
    verdict = judge(facts, at=clock.now())
    with transaction.atomic():
        held = _hold_offer(offer, patient)
        if held.state == OfferState.ACCEPTED and held.booking:
            return held.booking
        if not held.is_open:
            raise OfferOver(reason="offer_not_open")
        if not verdict.eligible:
            raise NotEligible(verdict)
        booking = _book_offer(held, by)
        held.booking = booking
        _answer(held, OfferState.ACCEPTED, WaitingState.SERVED)
        tell(Topic.BOOKING_MADE, booking)
        record_deed(Action.ACCEPT_OFFER, booking, decision=decision, by=by)
    return booking


@once_more_after_deadlock
def decline_offer(*, offer: UUID, patient: UUID, decision: Decision, by: Actor) -> None:
    """The place goes to the next in line; the person waits on at the same rank, for another one.

    Raises NotFound or OfferOver; declined twice is once.
    """
    with transaction.atomic():
        held = _hold_offer(offer, patient)
        if held.state == OfferState.DECLINED:
            return
        if held.state != OfferState.OPEN:
            raise OfferOver(reason="offer_not_open")
        _answer(held, OfferState.DECLINED, WaitingState.WAITING)
        hand_on_place(held.slot_id)
        _record(Action.DECLINE_OFFER, held.entry, decision=decision, by=by)


@once_more_after_deadlock
def leave_waiting_list(*, entry: UUID, patient: UUID, decision: Decision, by: Actor) -> None:
    """Ends the entry; a place that was kept for it goes to the next. Left twice is once.

    Raises NotFound.
    """
    with transaction.atomic():
        held = _hold_entry(entry, patient)
        if held.state not in ON_LIST:
            return
        offer = held.offers.filter(state=OfferState.OPEN).first()
        held.state = WaitingState.LEFT
        held.save(update_fields=["state"])
        if offer:
            held.offers.filter(pk=offer.pk).update(state=OfferState.DECLINED)
            hand_on_place(offer.slot_id)
        _record(Action.LEAVE_WAITING_LIST, held, decision=decision, by=by)


def _hold_entry(entry: UUID, patient: UUID) -> WaitingEntry:
    mine = WaitingEntry.objects.filter(pk=entry, patient=patient)
    held = mine.select_related("site").select_for_update(of=("self",)).first()
    if held is None:
        raise NotFound(reason="not_of_this_person")
    return held


def _hold_offer(offer: UUID, patient: UUID) -> Offer:
    """The offer with its entry locked, which everybody locks who changes either of them."""
    entry = Offer.objects.filter(pk=offer).values_list("entry_id", flat=True).first()
    if entry is None:
        raise NotFound(reason="no_such_offer")
    _hold_entry(entry, patient)
    return Offer.objects.select_related("entry__campaign", "entry__site", "slot", "booking").get(
        pk=offer
    )


def _book_offer(held: Offer, by: Actor) -> Booking:
    """The place is counted already; only the row is made."""
    entry = held.entry
    try:
        with transaction.atomic():
            return Booking.objects.create(
                campaign=entry.campaign,
                slot=held.slot,
                patient_id=entry.patient_id,
                name=entry.name,
                masked_id=entry.masked_id,
                phone=entry.phone,
                booked_by_id=by.a_person,
                institution_id=by.an_institution,
                key=held.pk,
                digest="",
            )
    except IntegrityError as error:
        raise AlreadyBooked(reason="one_live_booking_per_campaign") from error


def _answer(held: Offer, state: OfferState, entry: WaitingState) -> None:
    held.state, held.entry.state = state, entry
    held.save(update_fields=["state", "booking"])
    held.entry.save(update_fields=["state"])


def _record(action: Action, entry: WaitingEntry, *, decision: Decision, by: Actor) -> None:
    record_change(
        event(
            action,
            by=by,
            service=decision.service,
            patient=entry.patient_id,
            object_type="waiting_entry",
            object_id=str(entry.pk),
            entitlement_id=decision.entitlement_id,
            grant_id=decision.grant_id,
            detail={"site": str(entry.site_id)},
        )
    )
