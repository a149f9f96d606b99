"""Retention of readings and card transactions (DESIGN section 5), and revocation lists."""

from datetime import timedelta

from celery import shared_task

from apps.audit.actors import Actor
from apps.cards.models import READING_LIFETIME, CardTransaction, Reading
from apps.cards.services.revoking import update_revocations
from apps.core import clock

# Long enough to answer a help-desk call of the same day.
TRANSACTION_KEPT = timedelta(days=1)


@shared_task(name="cards.clear_transactions")
def clear_transactions() -> None:
    """Removes readings after 24 hours and transactions a day after they ended."""
    now = clock.now()
    Reading.objects.filter(read_at__lte=now - READING_LIFETIME).delete()
    CardTransaction.objects.filter(expires_at__lte=now - TRANSACTION_KEPT).delete()


@shared_task(name="cards.update_revocation_lists")
def update_revocation_lists() -> dict[str, str]:
    """Hourly: what the authorities revoked. A list that cannot be had stays as it is."""
    return update_revocations(by=Actor.system("update_revocation_lists"))
