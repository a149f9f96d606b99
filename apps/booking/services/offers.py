"""A place that becomes free while people wait for it is offered to the next in line (FEATURES C11).

An open offer keeps its place in `Slot.booked` until it is answered or expires, so nobody can take
it at a counter (DESIGN section 6). The order of locks is: the entry on the list, the booking, slots
by id; who holds a slot takes the next entry only if nobody else has it (SKIP LOCKED), so these
deeds never wait for each other in a circle. An entry that was skipped so gets the place from
`offer_places`, which runs each minute.
"""

import uuid
from collections.abc import Iterable
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.db import connection, transaction
from django.db.models import Exists, F, OuterRef, Q
from django.db.models.functions import TruncDate

from apps.audit.actors import Actor
from apps.audit.services import as_json, event, record_changes
from apps.audit.terms import Action
from apps.booking.models import Booking, Campaign, Offer, Site, Slot, WaitingEntry
from apps.booking.services.places import free_place
from apps.booking.terms import LIVE, SERVICE, OfferState, Priority, Topic, WaitingState
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.institutions.models import Institution

BY = Actor.system("offer_places")
# Whoever is offered a place needs time to hear of it and to come.
SHORT_NOTICE = timedelta(minutes=30)
TO_COME = timedelta(minutes=15)
BEFORE_THE_SLOT = timedelta(hours=2)

# The next in line, the place, the offer, the message and the event in one statement: all or
# nothing. The campaign's window counts, but not for whoever was called off by the site.
_OFFER = f"""
    WITH next AS (
        SELECT entry.id, entry.patient_id, slot.id AS slot_id,
               CASE WHEN slot.begins_at - %(before)s > %(now)s + %(short)s
                    THEN LEAST(%(now)s + make_interval(hours => campaign.offer_hours),
                               slot.begins_at - %(before)s)
                    ELSE LEAST(%(now)s + %(short)s, slot.ends_at - %(to_come)s) END AS expires_at
        FROM {Slot._meta.db_table} slot
        JOIN {Site._meta.db_table} place ON place.id = slot.site_id
        JOIN {Institution._meta.db_table} here ON here.id = place.institution_id
        JOIN {WaitingEntry._meta.db_table} entry ON entry.campaign_id = place.campaign_id
             AND (entry.site_id = place.id OR entry.district_id = here.district_id)
        JOIN {Campaign._meta.db_table} campaign ON campaign.id = entry.campaign_id
        WHERE slot.id = %(slot)s AND slot.ends_at >= %(now)s + %(short)s
          AND entry.state = '{WaitingState.WAITING}'
          AND (slot.begins_at AT TIME ZONE %(zone)s)::date BETWEEN entry.first_day AND entry.last_day
          AND campaign.published
          AND (%(now)s BETWEEN campaign.books_from AND campaign.books_until
               OR entry.priority = {Priority.CALLED_OFF.value})
          AND NOT EXISTS (SELECT FROM {Offer._meta.db_table} offer
                          WHERE offer.entry_id = entry.id AND offer.slot_id = slot.id)
          AND NOT EXISTS (SELECT FROM {Booking._meta.db_table} booking
                          WHERE booking.patient_id = entry.patient_id
                            AND booking.campaign_id = entry.campaign_id
                            AND booking.state = ANY(%(live)s))
        ORDER BY entry.priority, entry.queued_at, entry.id
        LIMIT 1
        FOR UPDATE OF entry SKIP LOCKED
    ), place AS (
        UPDATE {Slot._meta.db_table} slot SET booked = slot.booked + 1
        FROM {Site._meta.db_table} site, next
        WHERE slot.id = next.slot_id AND site.id = slot.site_id AND site.active
          AND NOT slot.closed AND slot.booked < slot.capacity
        RETURNING slot.id
    ), made AS (
        INSERT INTO {Offer._meta.db_table} (id, entry_id, slot_id, state, offered_at, expires_at)
        SELECT %(id)s, next.id, place.id, '{OfferState.OPEN}', %(now)s, next.expires_at
        FROM next, place
        RETURNING id, entry_id
    ), marked AS (
        UPDATE {WaitingEntry._meta.db_table} entry SET state = '{WaitingState.OFFERED}'
        FROM made WHERE entry.id = made.entry_id
    ), told AS (
        INSERT INTO {OutboxMessage._meta.db_table} (id, topic, payload, created_at, attempts)
        SELECT %(outbox)s, '{Topic.PLACE_OFFERED}', jsonb_build_object('offer', made.id), %(now)s, 0
        FROM made
    )
    SELECT audit.append(%(event)s::jsonb
                        || jsonb_build_object('object_id', made.id, 'patient', next.patient_id))
    FROM made, next
"""


def offer_place(slot: UUID) -> bool:
    """Offers one free place of the slot to the next in line; whether there was somebody.

    Inside the caller's transaction, which may have freed the place a moment ago.
    """
    logged = event(Action.OFFER_PLACE, by=BY, service=SERVICE, object_type="offer")
    values: dict[str, Any] = {
        "slot": slot,
        "id": uuid.uuid4(),
        "outbox": uuid.uuid4(),
        "now": clock.now(),
        "zone": settings.TIME_ZONE,
        "live": list(LIVE),
        "short": SHORT_NOTICE,
        "to_come": TO_COME,
        "before": BEFORE_THE_SLOT,
        "event": as_json(logged | {"detail": {"slot": str(slot)} | logged.get("detail", {})}),
    }
    with connection.cursor() as cursor:
        cursor.execute(_OFFER, values)
        return cursor.fetchone() is not None


def hand_on_place(slot: UUID) -> None:
    """Frees a place for the next in line, or for everybody. Inside the caller's transaction."""
    free_place(slot)
    offer_place(slot)


def offer_places(*, site: UUID | None = None) -> int:
    """Offers every free place for which somebody waits, at one site or at all; how many.

    For what no deed handed on: new slots, and people who joined while a place became free.
    """
    here = Q(site=OuterRef("site")) | Q(district=OuterRef("site__institution__district"))
    waiting = WaitingEntry.objects.filter(
        here,
        state=WaitingState.WAITING,
        campaign=OuterRef("site__campaign"),
        first_day__lte=OuterRef("falls_on"),
        last_day__gte=OuterRef("falls_on"),
    )
    free = Slot.objects.filter(
        closed=False, booked__lt=F("capacity"), ends_at__gt=clock.now() + SHORT_NOTICE
    )
    if site:
        free = free.filter(site=site)
    wanted = free.annotate(falls_on=TruncDate("begins_at")).filter(Exists(waiting))
    made = 0
    for slot in wanted.order_by("begins_at", "pk").values_list("pk", flat=True):
        made += offer_places_of(slot)
    return made


def offer_places_of(slot: UUID) -> int:
    """As many of the slot's free places as there are people who wait for them."""
    made = 0
    with transaction.atomic():
        while offer_place(slot):
            made += 1
    return made


def hold_entries(entries: Iterable[UUID]) -> list[WaitingEntry]:
    """Those entries with their rows locked, in the order of their ids."""
    held = WaitingEntry.objects.filter(pk__in=list(entries))
    return list(held.select_for_update().order_by("pk"))


def withdraw_offers(*, slots: Iterable[UUID], by: Actor) -> int:
    """Takes back the open offers of slots that the site called off; how many.

    Their people wait on at the same rank. The slots are closed already, so no new offer comes.
    """
    with transaction.atomic():
        offers = Offer.objects.filter(slot__in=list(slots), state=OfferState.OPEN)
        hold_entries(offers.values_list("entry_id", flat=True))
        taken = list(offers.select_related("entry").order_by("slot_id", "pk"))
        for offer in taken:
            free_place(offer.slot_id)
        ids = [offer.pk for offer in taken]
        Offer.objects.filter(pk__in=ids).update(state=OfferState.WITHDRAWN)
        entries = WaitingEntry.objects.filter(offers__in=ids)
        entries.update(state=WaitingState.WAITING)
        OutboxMessage.objects.bulk_create(
            OutboxMessage(topic=Topic.OFFER_WITHDRAWN, payload={"offer": str(pk)}) for pk in ids
        )
        record_changes([about_offer(Action.WITHDRAW_OFFER, offer, by=by) for offer in taken])
    return len(taken)


def about_offer(action: Action, offer: Offer, *, by: Actor) -> dict[str, object]:
    """The access event of something that happens to an offer by itself; its entry is loaded."""
    return event(
        action,
        by=by,
        service=SERVICE,
        patient=offer.entry.patient_id,
        object_type="offer",
        object_id=str(offer.pk),
        detail={"slot": str(offer.slot_id)},
    )
