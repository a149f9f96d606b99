"""Asking for a card, and what can be told while it has not come."""

import hashlib
from datetime import datetime

from apps.accounts.terms import CardKind
from apps.audit.actors import Actor
from apps.cards.models import CardTransaction, is_token, random_token
from apps.cards.terms import Purpose, TransactionState


def digest_secret(secret: str) -> str:
    """What the table keeps of a cookie's or a code's secret."""
    return hashlib.sha256(secret.encode()).hexdigest()


def start_transaction(
    *,
    purpose: Purpose,
    cards: list[CardKind],
    return_route: str,
    start_path: str,
    language: str,
    service: str = "",
    reader_kind: str = "",
    by: Actor,
) -> tuple[CardTransaction, str]:
    """A new transaction and the secret of its cookie.

    One INSERT; nothing is logged before a card is touched.
    """
    secret = random_token()
    started = CardTransaction.objects.create(
        purpose=purpose,
        cards=cards,
        reader_kind=reader_kind,
        return_route=return_route,
        start_path=start_path,
        language=language,
        service=service,
        cookie_digest=digest_secret(secret),
        session_id=by.session,
        person_id=by.person,
        role=by.role,
        institution_id=by.institution,
        asked_workstation_id=by.workstation,
    )
    return started, secret


def cancel_transaction(*, card_transaction: CardTransaction) -> None:
    """Ends a transaction that nothing came of; one with a result stays as it is."""
    CardTransaction.objects.filter(
        pk=card_transaction.pk, state__in=[TransactionState.STARTED, TransactionState.CLAIMED]
    ).update(state=TransactionState.CANCELLED)


def was_never_claimed(transaction_id: str, *, since: datetime) -> bool:
    """Whether a transaction waits for an agent that never came.

    The commonest fault, told by the starting page.
    """
    started = CardTransaction.objects.filter(state=TransactionState.STARTED, created_at__gt=since)
    return is_token(transaction_id) and started.filter(pk=transaction_id).exists()
