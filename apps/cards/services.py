"""Starting, claiming and finishing card transactions (DESIGN section 3,
docs/reference/card-protocol.md).
"""

import hashlib
import hmac
from dataclasses import dataclass, replace
from datetime import datetime
from typing import Any

from django.conf import settings
from django.db import transaction
from django.db.models import Case, F, Value, When
from django.utils.translation import gettext_lazy as _

from apps.accounts.terms import CardKind
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.cards import logins, results
from apps.cards.models import CardTransaction, Reading, random_token
from apps.cards.proofs import digest_reading
from apps.cards.readings import NhiReading, seal_reading
from apps.cards.terms import Purpose, TransactionState
from apps.core import clock
from apps.core.errors import Denied, Gone, Refusal
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.workstations.models import Workstation
from apps.workstations.proofs import claimed_card_kind, read_agent_proof


class TransactionGone(Gone):
    code = "CARD-EXPIRED"
    message = _("This card operation is over or has expired.")
    way_on = _("Please go back to the page and start again.")


class OtherAgent(Refusal):
    code = "CARD-OTHER-AGENT"
    message = _("Another reader program is already working on this.")


class OtherBrowser(Denied):
    code = "CARD-OTHER-BROWSER"
    message = _("This card operation was started in another browser.")
    way_on = _("Please start it again in this browser.")


class WrongWorkstation(Denied):
    code = "CARD-WORKSTATION"
    message = _("This workstation does not belong to the institution you are logged in for.")
    way_on = _("Please log out and log in again at this workstation.")


class NotEnrolled(Denied):
    code = "CARD-NOT-ENROLLED"
    message = _("NHI cards can only be read at a workstation with a security module.")
    way_on = _("Please ask the representative of your institution to set up this workstation.")


class DemoAgent(Denied):
    code = "CARD-DEMO"
    message = _("Test cards cannot be used with the real service.")


def digest_secret(secret: str) -> str:
    return hashlib.sha256(secret.encode()).hexdigest()


def start_transaction(
    *,
    purpose: Purpose,
    cards: list[CardKind],
    return_route: str,
    start_path: str,
    language: str,
    service: str = "",
    by: Actor,
) -> tuple[CardTransaction, str]:
    """A new transaction and the secret of its cookie. One INSERT; nothing is logged before a card
    is touched.
    """
    secret = random_token()
    started = CardTransaction.objects.create(
        purpose=purpose,
        cards=cards,
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


def claim_transaction(
    *, card_transaction: CardTransaction, agent: str, version: str, demo: bool
) -> dict[str, Any]:
    """What the agent is to do (the `200` of the protocol's section 2). Idempotent for the same
    agent key.

    Refuses before any card is touched: expired, another agent's, virtual cards at a real server, a
    workstation other than the session's, and readings at an unenrolled agent.
    """
    if card_transaction.is_over or card_transaction.state == TransactionState.RETURNED:
        raise TransactionGone(reason="transaction_over")
    if demo and not settings.DEMO:
        raise DemoAgent(reason="demo_agent_at_real_server")
    key = read_agent_proof(agent, expected=_proof_of(card_transaction, step="claim"))
    workstation = (
        Workstation.objects.active().select_related("institution").filter(public_key=key).first()
    )
    _check_place(card_transaction, workstation)
    if not _take(card_transaction, key=key, version=version, workstation=workstation):
        raise OtherAgent(reason="claimed_by_another_agent")
    return _job(card_transaction, workstation)


def _proof_of(card_transaction: CardTransaction, *, step: str) -> dict[str, str]:
    return {"transaction": card_transaction.id, "origin": settings.ORIGIN, "step": step}


def _check_place(card_transaction: CardTransaction, workstation: Workstation | None) -> None:
    """Institution and workstation of the session and of the agent agree, as far as both have
    one.
    """
    if workstation is None:
        if card_transaction.purpose == Purpose.READ_CARD:
            raise NotEnrolled(reason="reading_at_unenrolled_agent")
        return
    asked_for = card_transaction.institution_id
    asked_at = card_transaction.asked_workstation_id
    if asked_for and asked_for != workstation.institution_id:
        raise WrongWorkstation(reason="workstation_of_another_institution")
    if asked_at and asked_at != workstation.pk:
        raise WrongWorkstation(reason="another_workstation_than_the_session")


def _take(
    card_transaction: CardTransaction, *, key: str, version: str, workstation: Workstation | None
) -> bool:
    """Ties the transaction to the agent in one statement, so that of two agents exactly one gets
    it.
    """
    return bool(
        CardTransaction.objects.filter(pk=card_transaction.pk, agent_key__in=["", key])
        .exclude(state__in=[TransactionState.RETURNED, TransactionState.CANCELLED])
        .update(
            agent_key=key,
            agent_version=version,
            workstation=workstation,
            state=_claimed_unless_answered(),
        )
    )


def _claimed_unless_answered() -> Case:
    return Case(
        When(state=TransactionState.STARTED, then=Value(TransactionState.CLAIMED)),
        default=F("state"),
    )


def _job(card_transaction: CardTransaction, workstation: Workstation | None) -> dict[str, Any]:
    reading = card_transaction.purpose == Purpose.READ_CARD
    left = card_transaction.expires_at - clock.now()
    return {
        "transaction": card_transaction.id,
        "origin": settings.ORIGIN,
        "nonce": card_transaction.nonce,
        "purpose": card_transaction.purpose,
        "cards": card_transaction.cards,
        "reading": reading,
        "pin": "none" if reading else "always",
        "title": str(Purpose(card_transaction.purpose).label),
        "institution": workstation.institution.name if workstation else "",
        "person": "",
        "language": card_transaction.language,
        "enrolled": workstation is not None,
        "return_url": f"{settings.ORIGIN}/cards/{card_transaction.id}/return",
        "expires_in": max(0, int(left.total_seconds())),
    }


@dataclass(frozen=True)
class Result:
    """What an agent hands in: its own signature, the card's (PKI cards), the reading (NHI card)."""

    agent: str
    card: str | None
    reading: dict[str, Any] | None


def accept_result(*, card_transaction: CardTransaction, result: Result, by: Actor) -> str:
    """Checks a result, stores what it proved and answers the one-time code for the browser's way
    back.

    The nonce is burnt in one statement; the same agent may repeat a result whose code was not used
    yet, because its answer may have been lost on the way.
    """
    card_kind = claimed_card_kind(result.agent)
    expected = {
        "transaction": card_transaction.id,
        "origin": settings.ORIGIN,
        "nonce": card_transaction.nonce,
        "purpose": card_transaction.purpose,
        "card_kind": card_kind,
        "reading_digest": digest_reading(result.reading),
    }
    key = read_agent_proof(result.agent, expected=expected | {"step": "result"})
    if card_transaction.is_over or card_transaction.state == TransactionState.RETURNED:
        raise TransactionGone(reason="transaction_over")
    if key != card_transaction.agent_key:
        raise OtherAgent(reason="result_of_another_agent")
    if card_kind not in card_transaction.cards:
        raise results.WrongCardKind(reason="card_kind_not_asked_for")
    if card_transaction.purpose == Purpose.READ_CARD:
        return _accept_reading(card_transaction, result.reading, by=by)
    return _accept_login(card_transaction, CardKind(card_kind), result.card, expected, by=by)


def _accept_login(
    card_transaction: CardTransaction,
    card_kind: CardKind,
    token: str | None,
    expected: dict[str, str],
    *,
    by: Actor,
) -> str:
    certificate = results.believe_card(token, card_kind=card_kind, expected=expected)
    login = logins.admit(
        card_kind=card_kind, certificate=certificate, workstation=card_transaction.workstation
    )
    facts = {
        "card_kind": card_kind,
        "card_issuer": certificate.issuer,
        "card_serial": certificate.serial,
        "profession": certificate.profession,
        "proved_at": clock.now(),
        "person_id": login.person.pk,
        "role": login.role,
        "institution_id": login.institution.pk if login.institution else None,
    }
    with transaction.atomic():
        return _answer(card_transaction, facts)


def _accept_reading(
    card_transaction: CardTransaction, claims: dict[str, Any] | None, *, by: Actor
) -> str:
    """Stores a reading for the session that asked. It proves nothing by itself: the enrolled
    workstation does.
    """
    if card_transaction.workstation is None or card_transaction.session_id is None:
        raise NotEnrolled(reason="reading_without_workstation_or_session")
    facts = NhiReading.of_claims(claims or {})
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=facts.national_id)
    reading = seal_reading(
        Reading(
            patient_id=patient,
            session_id=card_transaction.session_id,
            workstation=card_transaction.workstation,
        ),
        facts,
    )
    with transaction.atomic():
        reading.save(force_insert=True)
        code = _answer(card_transaction, {"card_kind": CardKind.NHI, "reading_id": reading.pk})
        record_change(
            event(
                Action.READ_CARD,
                by=replace(by, card_kind=CardKind.NHI, card_proof_at=clock.now()),
                service=card_transaction.service,
                patient=patient,
                object_type="reading",
                object_id=str(reading.pk),
            )
        )
    return code


def _answer(card_transaction: CardTransaction, facts: dict[str, Any]) -> str:
    """Burns the nonce: only a transaction still waiting for this result, or repeating it unused,
    takes it.
    """
    code = random_token()
    taken = CardTransaction.objects.filter(
        pk=card_transaction.pk,
        nonce=card_transaction.nonce,
        state__in=[TransactionState.CLAIMED, TransactionState.ANSWERED],
        expires_at__gt=clock.now(),
    ).update(state=TransactionState.ANSWERED, code_digest=digest_secret(code), **facts)
    if not taken:
        raise TransactionGone(reason="nonce_already_used")
    return code


def check_browser(card_transaction: CardTransaction, cookie: str) -> None:
    """Only the browser that started the transaction may finish it: a lured victim's card ends
    nowhere.
    """
    if not hmac.compare_digest(digest_secret(cookie), card_transaction.cookie_digest):
        raise OtherBrowser(reason="transaction_cookie_missing_or_wrong")


def finish_transaction(*, card_transaction: CardTransaction, code: str) -> bool:
    """Takes the one-time code. True the first time, False for a repeat by the same browser; refuses
    a wrong one.

    The caller has checked the browser. A login opens its session in the same transaction as the
    first time.
    """
    if not hmac.compare_digest(digest_secret(code), card_transaction.code_digest):
        raise TransactionGone(reason="return_code_wrong")
    if card_transaction.state == TransactionState.RETURNED:
        return False
    if card_transaction.is_over:
        raise TransactionGone(reason="transaction_over")
    return bool(
        CardTransaction.objects.filter(
            pk=card_transaction.pk, state=TransactionState.ANSWERED
        ).update(state=TransactionState.RETURNED)
    )


def cancel_transaction(*, card_transaction: CardTransaction) -> None:
    CardTransaction.objects.filter(
        pk=card_transaction.pk, state__in=[TransactionState.STARTED, TransactionState.CLAIMED]
    ).update(state=TransactionState.CANCELLED)


def was_never_claimed(transaction_id: str, *, since: datetime) -> bool:
    """Whether a transaction waits for an agent that never came: the commonest fault, told by the
    starting page.
    """
    return CardTransaction.objects.filter(
        pk=transaction_id, state=TransactionState.STARTED, created_at__gt=since
    ).exists()
