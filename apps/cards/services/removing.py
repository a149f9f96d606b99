"""The card of a login was pulled (protocol, section 7)."""

from dataclasses import replace

from django.conf import settings
from django.db import transaction

from apps.accounts.services import note_card_removed
from apps.audit.actors import Actor
from apps.cards.models import CardTransaction, is_token
from apps.cards.refusals import TransactionGone
from apps.core import clock
from apps.workstations.proofs import read_agent_claims


def note_removal(*, agent: str, by: Actor) -> None:
    """Notes on the session that its card is gone; on the transaction, in case that the browser has
    not come back yet.

    Only the agent that served the login can say so. Raises AgentProofError or TransactionGone.
    """
    key, payload = read_agent_claims(agent, expected={"origin": settings.ORIGIN, "step": "removal"})
    transaction_id = str(payload.get("transaction", ""))
    with transaction.atomic():
        served = (
            CardTransaction.objects.select_for_update()
            .filter(pk=transaction_id, agent_key=key)
            .first()
            if is_token(transaction_id)
            else None
        )
        if served is None:
            raise TransactionGone(reason="removal_of_unknown_transaction")
        if served.card_removed_at is None:
            CardTransaction.objects.filter(pk=served.pk).update(card_removed_at=clock.now())
        if served.proved_session_id is not None:
            note_card_removed(session=served.proved_session_id, by=_holder(served, by))


def _holder(served: CardTransaction, by: Actor) -> Actor:
    return replace(
        by,
        person=served.person_id,
        role=served.role,
        session=served.proved_session_id,
        institution=served.institution_id,
        workstation=served.workstation_id,
        card_kind=served.card_kind,
        card_serial=served.card_serial,
    )
