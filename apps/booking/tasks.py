"""Jobs of booking: reminders and messages."""

from celery import shared_task

from apps.booking.providers import chosen_sender
from apps.booking.services.messages import send_waiting, write_reminders
from apps.booking.services.offers import offer_places
from apps.booking.services.queue import close_entries, expire_offers


@shared_task(name="booking.remind")
def remind() -> None:
    """Reminds of the bookings of tomorrow."""
    write_reminders()


@shared_task(name="booking.send_messages")
def send_messages() -> None:
    """Sends what waits in the outbox."""
    sender = chosen_sender()
    if sender:
        send_waiting(sender=sender)


@shared_task(name="booking.keep_waiting_lists")
def keep_waiting_lists() -> None:
    """Ends what is over, and offers what is free."""
    expire_offers()
    close_entries()
    offer_places()
