"""Jobs of booking: reminders and messages."""

from celery import shared_task

from apps.booking.providers import chosen_sender
from apps.booking.services.messages import send_waiting, write_reminders


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
