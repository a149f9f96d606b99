"""Notices and reminders from the outbox to the citizen's phone, once each (FEATURES C12)."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.booking.models import Booking, Offer, Slot, WaitingEntry
from apps.booking.patterns import day_span
from apps.booking.providers import Sender, SenderError
from apps.booking.terms import BookingState, Topic
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.core.templatetags.ankang import ad_date, ad_moment, clock_times

LANGUAGE = "zh-hant"  # of all messages; bookings know no other language of their person
MOST_ATTEMPTS = 8
TEXTS = {
    Topic.BOOKING_MADE: _("Your vaccination is booked: %(when)s, %(site)s, number %(number)s."),
    Topic.BOOKING_CHANGED: _(
        "Your vaccination booking was changed: %(when)s, %(site)s, number %(number)s."
    ),
    Topic.BOOKING_CANCELLED: _(
        "Your vaccination booking was cancelled: %(when)s, %(site)s, number %(number)s."
    ),
    Topic.DAY_MOVED: _(
        "The site had to move your vaccination. New time: %(when)s, %(site)s, number %(number)s."
    ),
    Topic.DAY_CALLED_OFF: _(
        "The site had to cancel your vaccination of %(when)s, %(site)s, number %(number)s."
        " You may book another time, and you stand first on the site's waiting list."
    ),
    Topic.REMINDER: _(
        "Reminder: your vaccination is tomorrow, %(when)s, %(site)s, number %(number)s."
        " Please bring %(bring)s."
    ),
    Topic.WAITING_JOINED: _(
        "You are on the waiting list of %(site)s for %(days)s. We tell you when a place is free."
    ),
    Topic.PLACE_OFFERED: _(
        "A place is kept for you: %(when)s, %(site)s. Please accept it with your NHI card at any"
        " pharmacy or health station that books, before %(until)s."
    ),
    Topic.OFFER_EXPIRED: _(
        "The place of %(when)s, %(site)s, was not accepted in time and went to the next person."
    ),
    Topic.OFFER_WITHDRAWN: _(
        "The site had to cancel the offered place of %(when)s, %(site)s. You wait on at the same rank."
    ),
}
OF_OFFERS = {Topic.PLACE_OFFERED, Topic.OFFER_EXPIRED, Topic.OFFER_WITHDRAWN}


def write_reminders() -> int:
    """Puts a reminder of each booking of tomorrow into the outbox; how many there are.

    Its id follows from the booking and its slot: however often this runs, there is one.
    """
    begins_at, ends_at = day_span(clock.today() + timedelta(days=1))
    tomorrow = Booking.objects.filter(
        state=BookingState.BOOKED, slot__begins_at__gte=begins_at, slot__begins_at__lt=ends_at
    )
    reminders = [
        OutboxMessage(
            pk=uuid.uuid5(booking, f"reminder {slot}"),
            topic=Topic.REMINDER,
            payload={"booking": str(booking), "revision": revision},
        )
        for booking, slot, revision in tomorrow.values_list("pk", "slot_id", "revision")
    ]
    OutboxMessage.objects.bulk_create(reminders, batch_size=500, ignore_conflicts=True)
    return len(reminders)


def send_waiting(*, sender: Sender, at_most: int = 1000) -> int:
    """Sends what waits, oldest first; how many went out. Workers at the same time share the work.

    A message that fails stays for the next run and does not hold up the others.
    """
    sent, failed = 0, set[uuid.UUID]()
    for _turn in range(at_most):
        with transaction.atomic():
            waiting = OutboxMessage.objects.filter(
                sent_at=None, topic__in=TEXTS, attempts__lt=MOST_ATTEMPTS
            ).exclude(pk__in=failed)
            message = waiting.order_by("created_at").select_for_update(skip_locked=True).first()
            if message is None:
                break
            try:
                sent += _deliver(message, sender)
            except SenderError:
                failed.add(message.pk)
                OutboxMessage.objects.filter(pk=message.pk).update(attempts=F("attempts") + 1)
            else:
                OutboxMessage.objects.filter(pk=message.pk).update(sent_at=clock.now())
    return sent


def _deliver(message: OutboxMessage, sender: Sender) -> bool:
    """False for what is no longer true."""
    with translation.override(LANGUAGE):
        found = _address(message)
        if found is None:
            return False
        phone, facts = found
        text = str(TEXTS[Topic(message.topic)]) % facts
    sender.send(key=str(message.pk), phone=phone, text=text)
    return True


def _address(message: OutboxMessage) -> tuple[str, dict[str, str]] | None:
    """The phone number and what the text says; None for what was overtaken."""
    if message.topic == Topic.WAITING_JOINED:
        return _about_entry(message.payload["entry"])
    if message.topic in OF_OFFERS:
        return _about_offer(message)
    booking = Booking.objects.for_page().filter(pk=message.payload["booking"]).first()
    if booking is None or _is_overtaken(message, booking):
        return None
    return booking.phone, _facts(booking)


def _about_entry(pk: str) -> tuple[str, dict[str, str]] | None:
    entry = WaitingEntry.objects.for_page().on_list().filter(pk=pk).first()
    if entry is None:
        return None
    days = f"{ad_date(entry.first_day)}–{ad_date(entry.last_day)}"
    return entry.phone, {"site": entry.place, "days": days}


def _about_offer(message: OutboxMessage) -> tuple[str, dict[str, str]] | None:
    """An offer that was answered meanwhile needs no message any more."""
    offers = Offer.objects.select_related("entry", "slot__site__institution")
    offer = offers.filter(pk=message.payload["offer"]).first()
    if offer is None or (message.topic == Topic.PLACE_OFFERED and not offer.is_open):
        return None
    facts = {
        "when": _when(offer.slot),
        "site": offer.slot.site.label,
        "until": f"{ad_moment(offer.expires_at)[:-3]}",  # no seconds
    }
    return offer.entry.phone, facts


def _is_overtaken(message: OutboxMessage, booking: Booking) -> bool:
    if message.topic == Topic.REMINDER:
        own = uuid.uuid5(booking.pk, f"reminder {booking.slot_id}")
        return booking.state != BookingState.BOOKED or message.pk != own
    told: int = message.payload.get("revision", 1)
    return booking.revision > told


def _facts(booking: Booking) -> dict[str, str]:
    """What every message says; nothing of the person but their booking's number."""
    card, document = gettext("your NHI card"), gettext("the document that you booked with")
    return {
        "bring": document if booking.by_document else card,
        "when": _when(booking.slot),
        "site": booking.slot.site.label,
        "number": booking.full_number,
    }


def _when(slot: Slot) -> str:
    return gettext("%(day)s %(times)s") % {
        "day": ad_date(slot.begins_at),
        "times": clock_times(slot),
    }
