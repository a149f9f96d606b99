"""Fetches that can refuse."""

from apps.cards.models import CardTransaction
from apps.cards.services import TransactionGone


def fetch_transaction(transaction_id: str) -> CardTransaction:
    """The transaction with everything that claiming, answering and returning need. One
    statement.
    """
    found = (
        CardTransaction.objects.select_related("workstation", "institution", "person")
        .filter(pk=transaction_id)
        .first()
    )
    if found is None:
        raise TransactionGone(reason="transaction_unknown")
    return found
