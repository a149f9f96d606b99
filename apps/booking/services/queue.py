"""What happens on the waiting lists by itself: offers expire, entries end (FEATURES C11)."""

from uuid import UUID

from django.db import transaction
from django.db.models import Exists, OuterRef, Q, QuerySet

from apps.audit.actors import Actor
from apps.audit.services import record_change
from apps.audit.terms import Action
from apps.booking.models import Booking, Offer, WaitingEntry
from apps.booking.services.offers import about_offer, hand_on_place
from apps.booking.services.places import once_more_after_deadlock
from apps.booking.terms import LIVE, OfferState, Priority, Topic, WaitingState
from apps.core import clock
from apps.core.models import OutboxMessage

BY = Actor.system("expire_offers")
AT_ONCE = 1000


def expire_offers() -> int:
    """Ends the offers whose time is over, and those of people who booked elsewhere; how many.

    Each in a transaction of its own, so workers at the same time share the work.
    """
    elsewhere = _booked(OuterRef("entry__patient")).filter(campaign=OuterRef("entry__campaign"))
    over = Q(expires_at__lte=clock.now()) | Q(Exists(elsewhere))
    due = Offer.objects.filter(over, state=OfferState.OPEN).order_by("expires_at")
    return sum(_expire(offer) for offer in due.values_list("pk", flat=True)[:AT_ONCE])


@once_more_after_deadlock
def _expire(offer: UUID) -> bool:
    """False when somebody else has answered or is just answering."""
    with transaction.atomic():
        entries = WaitingEntry.objects.filter(offers=offer, state=WaitingState.OFFERED)
        entry = entries.select_for_update(of=("self",), skip_locked=True).first()
        held = Offer.objects.filter(pk=offer, state=OfferState.OPEN).first()
        if entry is None or held is None:
            return False
        held.entry, held.state = entry, OfferState.EXPIRED
        held.save(update_fields=["state"])
        if _booked(entry.patient_id).filter(campaign=entry.campaign_id).exists():
            entry.state = WaitingState.SERVED
        else:
            _go_behind(entry)
            payload = {"offer": str(offer)}
            OutboxMessage.objects.create(topic=Topic.OFFER_EXPIRED, payload=payload)
        entry.save(update_fields=["state", "priority", "queued_at"])
        hand_on_place(held.slot_id)
        record_change(about_offer(Action.EXPIRE_OFFER, held, by=BY))
    return True


def _go_behind(entry: WaitingEntry) -> None:
    """Once unanswered: behind all others; twice: off the list."""
    again = entry.priority == Priority.UNANSWERED
    entry.state = WaitingState.LAPSED if again else WaitingState.WAITING
    entry.priority, entry.queued_at = Priority.UNANSWERED, clock.now()


def close_entries() -> int:
    """Takes off the lists who has a booking, and whose days or campaign are over; how many."""
    waiting = WaitingEntry.objects.filter(state=WaitingState.WAITING)
    booked = waiting.filter(
        Exists(_booked(OuterRef("patient")).filter(campaign=OuterRef("campaign")))
    )
    over = Q(last_day__lt=clock.today()) | (
        Q(campaign__books_until__lt=clock.now()) & ~Q(priority=Priority.CALLED_OFF)
    )
    served = _close(booked, WaitingState.SERVED)
    return served + _close(waiting.filter(over), WaitingState.LAPSED)


def _close(entries: QuerySet[WaitingEntry], state: WaitingState) -> int:
    with transaction.atomic():
        free = entries.select_for_update(of=("self",), skip_locked=True)
        ids = list(free.values_list("pk", flat=True)[:AT_ONCE])
        return WaitingEntry.objects.filter(pk__in=ids).update(state=state)


def _booked(patient: UUID | OuterRef) -> QuerySet[Booking]:
    return Booking.objects.filter(patient=patient, state__in=LIVE)
