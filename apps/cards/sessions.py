"""From a card transaction to a session: opened by a login, renewed by a step-up."""

from typing import Any

from django.contrib import messages

from apps.access.http import GuardedRequest
from apps.accounts.middleware import actor_of
from apps.accounts.models import Person
from apps.accounts.services import open_session, renew_session
from apps.accounts.terms import SessionRole
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.cards.models import CardTransaction
from apps.cards.reports import plain_version
from apps.cards.services.finishing import note_session
from apps.institutions.models import Institution


def log_in_with(
    request: GuardedRequest,
    card_transaction: CardTransaction,
    *,
    person: Person,
    institution: Institution | None,
) -> None:
    """Opens the session in the caller's transaction, with its event."""
    drop_messages(request)
    session = open_session(
        request.session,
        person=person,
        role=SessionRole(card_transaction.role),
        institution=(institution.pk, institution.code, institution.name) if institution else None,
        workstation=card_transaction.workstation_id,
        card=_card_of(card_transaction),
    )
    note_session(card_transaction=card_transaction, session=session.id, by=actor_of(request))
    record_change(event(Action.LOG_IN, by=actor_of(request), detail=_detail_of(card_transaction)))


def step_up_with(request: GuardedRequest, card_transaction: CardTransaction) -> None:
    """Renews the session in the caller's transaction, with its event."""
    renew_session(request.session, card=_card_of(card_transaction))
    session = card_transaction.session_id
    note_session(card_transaction=card_transaction, session=session, by=actor_of(request))
    record_change(
        event(
            Action.STEP_UP,
            by=actor_of(request),
            service=card_transaction.service,
            detail=_detail_of(card_transaction),
        )
    )


def drop_messages(request: GuardedRequest) -> None:
    """What was meant for whoever sat here before is not shown to the next person (B15)."""
    for _message in messages.get_messages(request):
        pass


def _detail_of(card_transaction: CardTransaction) -> dict[str, bool]:
    return {"fast_authentication": True} if card_transaction.fast_authentication else {}


def _card_of(card_transaction: CardTransaction) -> dict[str, Any]:
    return {
        "card_kind": card_transaction.card_kind,
        "card_issuer": card_transaction.card_issuer,
        "card_serial": card_transaction.card_serial,
        "card_expires_at": card_transaction.card_expires_at,
        "profession": card_transaction.profession,
        "card_proof_at": card_transaction.proved_at,
        # Pulled while the browser was still on its way back.
        "card_removed_at": card_transaction.card_removed_at,
        "card_fast_until": card_transaction.fast_until,
        "agent_version": plain_version(card_transaction.agent_version),
    }
