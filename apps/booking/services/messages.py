"""Notices and reminders from the outbox to the citizen's phone, once each (FEATURES C12)."""

import uuid
from datetime import timedelta

from django.db import transaction
from django.db.models import F
from django.utils import translation
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.booking.models import Booking
from apps.booking.patterns import day_span
from apps.booking.providers import Sender, SenderError
from apps.booking.terms import BookingState, Topic
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.core.templatetags.ankang import ad_date, clock_times

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
        " You may book another time."
    ),
    Topic.REMINDER: _(
        "Reminder: your vaccination is tomorrow, %(when)s, %(site)s, number %(number)s."
        " Please bring your NHI card."
    ),
}


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
    """False for what is no longer true: a newer message of the same booking tells more."""
    booking = Booking.objects.for_page().filter(pk=message.payload["booking"]).first()
    if booking is None or _is_overtaken(message, booking):
        return False
    with translation.override(LANGUAGE):
        text = str(TEXTS[Topic(message.topic)]) % _facts(booking)
    sender.send(key=str(message.pk), phone=booking.phone, text=text)
    return True


def _is_overtaken(message: OutboxMessage, booking: Booking) -> bool:
    if message.topic == Topic.REMINDER:
        own = uuid.uuid5(booking.pk, f"reminder {booking.slot_id}")
        return booking.state != BookingState.BOOKED or message.pk != own
    told: int = message.payload.get("revision", 1)
    return booking.revision > told


def _facts(booking: Booking) -> dict[str, str]:
    """What every message says; nothing of the person but their booking's number."""
    day, times = ad_date(booking.slot.begins_at), clock_times(booking.slot)
    return {
        "when": gettext("%(day)s %(times)s") % {"day": day, "times": times},
        "site": booking.slot.site.label,
        "number": booking.full_number,
    }
