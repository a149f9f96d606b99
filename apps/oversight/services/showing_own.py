"""A person looks at who looked: with the own card, without an account, at a counter or at home."""

from dataclasses import replace
from uuid import UUID

from apps.audit.actors import Actor
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.cards.models import CardTransaction
from apps.cards.refusals import TransactionGone
from apps.cards.terms import Purpose, TransactionState
from apps.oversight.terms import OwnRole


def subject_of(card_transaction: CardTransaction) -> UUID:
    """Whose card it was, while the page may be seen; raises TransactionGone."""
    shown = card_transaction.purpose == Purpose.SHOW_OWN
    ended = card_transaction.is_over or card_transaction.state != TransactionState.RETURNED
    if not shown or ended or card_transaction.subject is None:
        raise TransactionGone(reason="own_accesses_over")
    return card_transaction.subject


def actor_of(card_transaction: CardTransaction, *, by: Actor) -> Actor:
    """The person concerned, at the workstation that read the card; never the staff logged in there."""
    workstation = card_transaction.workstation
    return replace(
        Actor(ip=by.ip, request_id=by.request_id),
        role=OwnRole.PATIENT,
        workstation=workstation.pk if workstation else None,
        institution=workstation.institution_id if workstation else None,
        card_kind=card_transaction.card_kind,
        card_serial=card_transaction.card_serial,
        card_proof_at=card_transaction.answered_at,
    )


def show_own_log(*, subject: UUID, count: int, by: Actor) -> None:
    record(event(Action.SHOW_OWN_LOG, by=by, patient=subject, result_count=count))
