"""What a storm left behind: the checker that looks at every number afterwards (issue 5)."""

import uuid
from collections import Counter
from dataclasses import dataclass
from typing import Any

from apps.booking.models import Booking, Offer, Slot, WaitingEntry
from apps.booking.terms import HOLDING, LIVE, OfferState, WaitingState
from apps.core.models import OutboxMessage

CHANGES = ("change_booking", "cancel_booking", "move_people", "call_off_people")
NOTICES = ("booking_changed", "booking_cancelled", "day_moved", "day_called_off")


@dataclass(frozen=True)
class Acknowledged:
    """What somebody was told is so: this booking, at this revision, has this place and phone."""

    booking: uuid.UUID
    revision: int
    slot: uuid.UUID
    phone: str
    live: bool


def complaints(acknowledged: list[Acknowledged], events: list[dict[str, Any]]) -> list[str]:
    """What is wrong with the bookings in the database; nothing when all is well."""
    bookings = {booking.pk: booking for booking in Booking.objects.all()}
    return [
        *_about_slots(list(bookings.values())),
        *_about_people(list(bookings.values())),
        *_about_lists(events),
        *_about_answers(bookings, acknowledged),
        *_about_traces(list(bookings.values()), events),
    ]


def _about_slots(bookings: list[Booking]) -> list[str]:
    held = Counter(booking.slot_id for booking in bookings if booking.state in HOLDING)
    held.update(Offer.objects.filter(state=OfferState.OPEN).values_list("slot_id", flat=True))
    found = []
    for slot in Slot.objects.all():
        if held[slot.pk] > slot.capacity:
            found.append(f"oversold: {held[slot.pk]} of {slot.capacity}")
        if held[slot.pk] != slot.booked:
            found.append(f"counter says {slot.booked}, rows are {held[slot.pk]}")
    return found


def _about_people(bookings: list[Booking]) -> list[str]:
    live = Counter(
        (booking.patient_id, booking.campaign_id) for booking in bookings if booking.state in LIVE
    )
    return [f"{count} live bookings of one person" for count in live.values() if count > 1]


def _about_lists(events: list[dict[str, Any]]) -> list[str]:
    """Each kept place belongs to one who waits for an answer; one event for each that was made."""
    opened = Counter(Offer.objects.filter(state=OfferState.OPEN).values_list("entry_id", flat=True))
    found = [
        f"{opened[entry.pk]} open offers of an entry that is {entry.state}"
        for entry in WaitingEntry.objects.all()
        if opened[entry.pk] != (entry.state == WaitingState.OFFERED)
    ]
    if accepted := Offer.objects.filter(state=OfferState.ACCEPTED, booking=None).count():
        found.append(f"{accepted} accepted offers without a booking")
    made = sum(event["action"] == "offer_place" for event in events)
    if made != Offer.objects.count():
        found.append(f"{made} events of {Offer.objects.count()} offers")
    return found


def _about_answers(
    bookings: dict[uuid.UUID, Booking], acknowledged: list[Acknowledged]
) -> list[str]:
    found = []
    for told in acknowledged:
        booking = bookings.get(told.booking)
        if booking is None or booking.revision < told.revision:
            found.append(f"acknowledged and gone: {told}")
        elif booking.revision == told.revision:
            live = booking.state in LIVE
            if (booking.slot_id, booking.phone, live) != (told.slot, told.phone, told.live):
                found.append(f"not as acknowledged: {told}")
    return found


def _about_traces(bookings: list[Booking], events: list[dict[str, Any]]) -> list[str]:
    """One event and one outbox row for each thing done, none for what was not."""
    done = Counter(
        (event["object_id"], event["action"])
        for event in events
        if event["outcome"] == "permitted" and event["object_type"] == "booking"
    )
    told = Counter((row.payload.get("booking"), row.topic) for row in OutboxMessage.objects.all())
    found = []
    for booking in bookings:
        pk = str(booking.pk)
        first = done[pk, "book_slot"] + done[pk, "accept_offer"]
        later = sum(done[pk, action] for action in CHANGES)
        messages = sum(told[pk, topic] for topic in NOTICES)
        if (first, later) != (1, booking.revision - 1):
            found.append(f"events of {pk} do not match revision {booking.revision}")
        if (told[pk, "booking_made"], messages) != (1, booking.revision - 1):
            found.append(f"outbox of {pk} does not match revision {booking.revision}")
    known = {str(booking.pk) for booking in bookings}
    found += [f"event of no booking: {pk}" for pk, _ in done if pk not in known]
    return found
