"""An agent takes a transaction (protocol, section 2)."""

from typing import Any

from django.conf import settings
from django.db.models import Case, F, Value, When

from apps.access.models import Service
from apps.accounts.terms import CardKind, ReaderKind
from apps.cards.models import CardTransaction
from apps.cards.refusals import (
    AgentTooOld,
    DemoAgent,
    NotEnrolled,
    OtherAgent,
    ReaderNotEnrolled,
    TransactionGone,
    WrongWorkstation,
)
from apps.cards.terms import OVER, Purpose, TransactionState
from apps.core import clock
from apps.workstations.models import Workstation
from apps.workstations.modules import WorkstationRevoked
from apps.workstations.proofs import read_agent_proof
from apps.workstations.releases import numbers_of
from apps.workstations.services import note_seen
from apps.workstations.terms import WorkstationState


def claim_transaction(
    *, card_transaction: CardTransaction, agent: str, version: str, demo: bool
) -> dict[str, Any]:
    """What the agent is to do (the `200` of the protocol's section 2). Idempotent for the same agent key.

    Refuses before any card is touched: expired, too old an agent, another agent's, virtual cards at
    a real server, a revoked workstation or one other than the session's, and what needs an enrolled
    agent at another.
    """
    if card_transaction.is_over or card_transaction.state in OVER:
        raise TransactionGone(reason="transaction_over")
    if numbers_of(version) < _lowest_version(card_transaction):
        raise AgentTooOld(reason="agent_too_old")
    if demo and not settings.DEMO:
        raise DemoAgent(reason="demo_agent_at_real_server")
    key = read_agent_proof(agent, expected=_proof_of(card_transaction, step="claim"))
    workstation = Workstation.objects.select_related("institution").filter(public_key=key).first()
    if card_transaction.purpose != Purpose.CHECK:
        _check_place(card_transaction, workstation)
    if not _take(card_transaction, key=key, version=version, workstation=workstation):
        raise OtherAgent(reason="claimed_by_another_agent")
    if workstation is not None:
        note_seen(workstation=workstation, version=version)
    return _job(card_transaction, workstation)


def _lowest_version(card_transaction: CardTransaction) -> list[int]:
    """The platform's floor, or the service's own where that is higher (threat 25)."""
    everywhere = numbers_of(settings.AGENT_MINIMUM_VERSION)
    service = Service.objects.filter(pk=card_transaction.service or None).first()
    return max(everywhere, numbers_of(service.minimum_agent_version)) if service else everywhere


def _proof_of(card_transaction: CardTransaction, *, step: str) -> dict[str, str]:
    return {"transaction": card_transaction.id, "origin": settings.ORIGIN, "step": step}


def _check_place(card_transaction: CardTransaction, workstation: Workstation | None) -> None:
    """Institution and workstation of the session and of the agent agree, as far as both have one."""
    if workstation is None:
        _check_unenrolled(card_transaction)
        return
    if workstation.state == WorkstationState.REVOKED:
        raise WorkstationRevoked(reason="workstation_revoked")
    asked_for = card_transaction.institution_id
    asked_at = card_transaction.asked_workstation_id
    if asked_for and asked_for != workstation.institution_id:
        raise WrongWorkstation(reason="workstation_of_another_institution")
    if asked_at and asked_at != workstation.pk:
        raise WrongWorkstation(reason="another_workstation_than_the_session")


def _check_unenrolled(card_transaction: CardTransaction) -> None:
    """Any agent serves a card that proves itself; believing an NHI reader needs its enrolment."""
    if CardKind.NHI in card_transaction.cards:
        raise NotEnrolled(reason="reading_at_unenrolled_agent")
    if card_transaction.reader_kind == ReaderKind.NHI_READER:
        raise ReaderNotEnrolled(reason="nhi_reader_at_unenrolled_agent")
    if card_transaction.purpose != Purpose.LOGIN and card_transaction.asked_workstation_id:
        raise WrongWorkstation(reason="unenrolled_agent_for_a_workstations_session")


def _take(
    card_transaction: CardTransaction, *, key: str, version: str, workstation: Workstation | None
) -> bool:
    """Ties the transaction to the agent in one statement, so that of two agents exactly one gets it."""
    enrolled = workstation if workstation and workstation.is_active else None
    return bool(
        CardTransaction.objects.filter(pk=card_transaction.pk, agent_key__in=["", key])
        .exclude(state__in=[*OVER, TransactionState.CANCELLED])
        .update(
            agent_key=key,
            agent_version=version,
            workstation=enrolled,
            state=_claimed_unless_answered(),
        )
    )


def _claimed_unless_answered() -> Case:
    return Case(
        When(state=TransactionState.STARTED, then=Value(TransactionState.CLAIMED)),
        default=F("state"),
    )


def _job(card_transaction: CardTransaction, workstation: Workstation | None) -> dict[str, Any]:
    left = card_transaction.expires_at - clock.now()
    asks_for_pin = set(card_transaction.cards) - {CardKind.NHI}
    named = card_transaction.person if card_transaction.purpose == Purpose.STEP_UP else None
    return {
        "transaction": card_transaction.id,
        "origin": settings.ORIGIN,
        "nonce": card_transaction.nonce,
        "purpose": card_transaction.purpose,
        "cards": card_transaction.cards,
        "reading": CardKind.NHI in card_transaction.cards,
        "pin": "always" if asks_for_pin else "none",
        "title": str(Purpose(card_transaction.purpose).label),
        "institution": workstation.institution.name if workstation else "",
        "person": named.name if named else "",
        "language": card_transaction.language,
        "enrolled": workstation is not None and workstation.is_active,
        "return_url": f"{settings.ORIGIN}/cards/{card_transaction.id}/return",
        "expires_in": max(0, int(left.total_seconds())),
    }
