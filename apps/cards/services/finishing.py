"""The browser comes back (protocol, section 4)."""

import hmac
from datetime import timedelta
from uuid import UUID

from apps.accounts.services import note_card_removed
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.cards.models import LIFETIME, CardTransaction
from apps.cards.refusals import OtherBrowser, TransactionGone
from apps.cards.services.starting import digest_secret
from apps.cards.terms import OVER, Purpose, TransactionState
from apps.core import clock

READING_TIME = timedelta(minutes=15)


def check_browser(card_transaction: CardTransaction, cookie: str) -> None:
    """Only the browser that started the transaction may finish it: a lured victim's card ends nowhere."""
    if not hmac.compare_digest(digest_secret(cookie), card_transaction.cookie_digest):
        raise OtherBrowser(reason="transaction_cookie_missing_or_wrong")


def finish_transaction(*, card_transaction: CardTransaction, code: str) -> bool:
    """Takes the one-time code. True the first time, False for a repeat by the same browser; refuses
    a wrong one.

    The caller has checked the browser. A login opens its session in the same transaction as the
    first time; one that still needs the person (`needs_person`) waits for them as long again.
    """
    if not hmac.compare_digest(digest_secret(code), card_transaction.code_digest):
        raise TransactionGone(reason="return_code_wrong")
    if card_transaction.state in OVER:
        return False
    if card_transaction.is_over:
        raise TransactionGone(reason="transaction_over")
    answered = CardTransaction.objects.filter(
        pk=card_transaction.pk, state=TransactionState.ANSWERED
    )
    if needs_person(card_transaction):
        waits_until = clock.now() + LIFETIME
        return bool(answered.update(state=TransactionState.WAITING, expires_at=waits_until))
    return bool(answered.update(state=TransactionState.RETURNED))


def needs_person(card_transaction: CardTransaction) -> bool:
    """Whether a login is not complete with the card alone: a password, or which institution."""
    return card_transaction.purpose == Purpose.LOGIN and (
        needs_password(card_transaction) or needs_institution(card_transaction)
    )


def needs_password(card_transaction: CardTransaction) -> bool:
    return card_transaction.card_kind == CardKind.NHI


def needs_institution(card_transaction: CardTransaction) -> bool:
    return card_transaction.role == SessionRole.STAFF and card_transaction.institution_id is None


def prolong(*, card_transaction: CardTransaction) -> None:
    """What the card opened stays for a while, for a person who reads."""
    CardTransaction.objects.filter(pk=card_transaction.pk).update(
        expires_at=clock.now() + READING_TIME
    )


def end_transaction(*, card_transaction: CardTransaction) -> None:
    """Nothing can be opened with it any more."""
    CardTransaction.objects.filter(pk=card_transaction.pk).update(
        state=TransactionState.CANCELLED, subject=None
    )


def check_waiting(card_transaction: CardTransaction) -> None:
    """The card was shown in this browser and the login waits for the person; TransactionGone otherwise."""
    if card_transaction.is_over or card_transaction.state != TransactionState.WAITING:
        raise TransactionGone(reason="transaction_not_waiting")


def complete_transaction(*, card_transaction: CardTransaction) -> None:
    """Ends the waiting, once: of two forms sent at the same time one opens a session."""
    taken = CardTransaction.objects.filter(
        pk=card_transaction.pk, state=TransactionState.WAITING, expires_at__gt=clock.now()
    ).update(state=TransactionState.RETURNED)
    if not taken:
        raise TransactionGone(reason="login_already_completed")


def note_session(*, card_transaction: CardTransaction, session: UUID | None, by: Actor) -> None:
    """Which session this card opened or renewed, for its removal (protocol, section 7).

    The removal may have come in since the transaction was fetched. Whoever takes the row second sees
    what the first wrote: the removal our session, or we the removal.
    """
    row = CardTransaction.objects.filter(pk=card_transaction.pk)
    row.update(proved_session_id=session)
    if session is not None and row.exclude(card_removed_at=None).exists():
        note_card_removed(session=session, by=by)
