"""An agent hands in what the card said (protocol, section 3)."""

from collections.abc import Callable, Mapping
from dataclasses import dataclass, replace
from typing import Any

from django.conf import settings
from django.db import transaction

from apps.accounts.models import Person
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.cards import logins, results
from apps.cards.certificates import CardCertificate
from apps.cards.models import CardTransaction, Reading, random_token
from apps.cards.proofs import digest_reading
from apps.cards.readings import NhiReading, seal_reading
from apps.cards.refusals import NotEnrolled, OtherAgent, TransactionGone, WrongCardKind
from apps.cards.reports import clean_report
from apps.cards.services.starting import digest_secret
from apps.cards.terms import OVER, Purpose, TransactionState
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.workstations.proofs import claimed_card_kind, read_agent_claims


@dataclass(frozen=True)
class Result:
    """What an agent hands in: its own signature, the card's (PKI cards), the reading (NHI card)."""

    agent: str
    card: str | None
    reading: dict[str, Any] | None


@dataclass(frozen=True)
class Answer:
    """A result whose agent is believed. `expected` is what the card must have signed as well."""

    card_transaction: CardTransaction
    card_kind: str
    result: Result
    expected: dict[str, str]
    fast: bool
    by: Actor


def accept_result(*, card_transaction: CardTransaction, result: Result, by: Actor) -> str:
    """Checks a result, stores what it proved and answers the one-time code for the browser's way back.

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
    key, claims = read_agent_claims(result.agent, expected=expected | {"step": "result"})
    if card_transaction.is_over or card_transaction.state in OVER:
        raise TransactionGone(reason="transaction_over")
    if key != card_transaction.agent_key:
        raise OtherAgent(reason="result_of_another_agent")
    if card_kind not in (card_transaction.cards or [""]):
        raise WrongCardKind(reason="card_kind_not_asked_for")
    answer = Answer(card_transaction, card_kind, result, expected, _asks_for_fast(claims), by)
    return _ACCEPT[Purpose(card_transaction.purpose)](answer)


def _asks_for_fast(claims: Mapping[str, Any]) -> bool:
    """Fast authentication is the workstation's choice, and never one in remote mode (manual 4)."""
    return claims.get("fast_authentication") is True and claims.get("remote_session") is False


def _accept_login(answer: Answer) -> str:
    if answer.card_kind == CardKind.NHI:
        return _accept_nhi_login(answer)
    certificate = _believe(answer)
    login = logins.admit(
        card_kind=CardKind(answer.card_kind),
        reader_kind=answer.card_transaction.reader_kind,
        certificate=certificate,
        workstation=answer.card_transaction.workstation,
    )
    return _answer(
        answer.card_transaction,
        {
            **_card_facts(answer, certificate),
            "person_id": login.person.pk,
            "role": login.role,
            "institution_id": login.institution.pk if login.institution else None,
        },
    )


def _accept_nhi_login(answer: Answer) -> str:
    """Whom the card names, for the password page.

    The reading itself is not kept, and whether the holder is known here makes no difference yet
    (threat 15).
    """
    workstation = answer.card_transaction.workstation
    if workstation is None:
        raise NotEnrolled(reason="reading_without_workstation")
    facts = NhiReading.of_claims(answer.result.reading or {})
    subject = identify(kind=IdentifierKind.NATIONAL_ID, value=facts.national_id)
    person = Person.objects.filter(identity_id=subject).first()
    return _answer(
        answer.card_transaction,
        {
            "card_kind": CardKind.NHI,
            "card_issuer": logins.NHI_ISSUER,
            "card_serial": facts.card_number,
            "card_issued_at": clock.start_of(facts.issued_on),
            "profession": "",
            "proved_at": clock.now(),
            "subject": subject,
            "person_id": person.pk if person else None,
            "role": SessionRole.STAFF,
            "institution_id": workstation.institution_id,
        },
    )


def _accept_step_up(answer: Answer) -> str:
    """The same person again; institution and role stay what the session has."""
    certificate = _believe(answer)
    logins.recognize(
        card_kind=CardKind(answer.card_kind),
        certificate=certificate,
        person=answer.card_transaction.person_id,
    )
    return _answer(answer.card_transaction, _card_facts(answer, certificate))


def _accept_reading(answer: Answer) -> str:
    """Stores a reading for the session that asked.

    It proves nothing by itself: the enrolled workstation does.
    """
    asked = answer.card_transaction
    if asked.workstation is None or asked.session_id is None:
        raise NotEnrolled(reason="reading_without_workstation_or_session")
    facts = NhiReading.of_claims(answer.result.reading or {})
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=facts.national_id)
    reading = seal_reading(
        Reading(patient_id=patient, session_id=asked.session_id, workstation=asked.workstation),
        facts,
    )
    with transaction.atomic():
        reading.save(force_insert=True)
        code = _answer(asked, {"card_kind": CardKind.NHI, "reading_id": reading.pk})
        record_change(
            event(
                Action.READ_CARD,
                by=replace(answer.by, card_kind=CardKind.NHI, card_proof_at=clock.now()),
                service=asked.service,
                patient=patient,
                object_type="reading",
                object_id=str(reading.pk),
            )
        )
    return code


def _accept_own(answer: Answer) -> str:
    """Whoever holds the card is shown what the log says about them; no session, no reading is kept.

    The NHI card is believed at an enrolled workstation, the citizen certificate signs.
    """
    if answer.card_kind != CardKind.NHI:
        certificate = _believe(answer)
        number, facts = certificate.subject_number, _card_facts(answer, certificate)
    elif answer.card_transaction.workstation is None:
        raise NotEnrolled(reason="reading_without_workstation")
    else:
        card = NhiReading.of_claims(answer.result.reading or {})
        number = card.national_id
        facts = {"card_kind": CardKind.NHI, "card_serial": card.card_number}
    subject = identify(kind=IdentifierKind.NATIONAL_ID, value=number)
    return _answer(answer.card_transaction, {**facts, "subject": subject})


def _accept_check(answer: Answer) -> str:
    return _answer(
        answer.card_transaction, {"report": clean_report(answer.result.reading, at=clock.now())}
    )


_ACCEPT: dict[Purpose, Callable[[Answer], str]] = {
    Purpose.LOGIN: _accept_login,
    Purpose.READ_CARD: _accept_reading,
    Purpose.STEP_UP: _accept_step_up,
    Purpose.CHECK: _accept_check,
    Purpose.SHOW_OWN: _accept_own,
}


def _believe(answer: Answer) -> CardCertificate:
    return results.believe_card(
        answer.result.card, card_kind=CardKind(answer.card_kind), expected=answer.expected
    )


def _card_facts(answer: Answer, certificate: CardCertificate) -> dict[str, Any]:
    return {
        "card_kind": answer.card_kind,
        "card_issuer": certificate.issuer,
        "card_serial": certificate.serial,
        "card_issued_at": certificate.not_before,
        "card_expires_at": certificate.not_after,
        "profession": certificate.profession,
        "proved_at": clock.now(),
        "fast_authentication": answer.fast
        and answer.card_kind == CardKind.HPC
        and answer.card_transaction.workstation is not None,
    }


def _answer(card_transaction: CardTransaction, facts: dict[str, Any]) -> str:
    """Burns the nonce: only a transaction still waiting for this result, or repeating it unused, takes it."""
    code = random_token()
    now = clock.now()
    taken = CardTransaction.objects.filter(
        pk=card_transaction.pk,
        nonce=card_transaction.nonce,
        state__in=[TransactionState.CLAIMED, TransactionState.ANSWERED],
        expires_at__gt=now,
    ).update(
        state=TransactionState.ANSWERED, code_digest=digest_secret(code), answered_at=now, **facts
    )
    if not taken:
        raise TransactionGone(reason="nonce_already_used")
    for name, value in facts.items():
        setattr(card_transaction, name, value)
    return code
