"""Asking: a query is opened, proved, and each answer recorded before it is shown."""

from datetime import datetime
from typing import Any, TypeVar

from django.db import IntegrityError, transaction
from django.utils.translation import gettext as _

from apps.access.guards import ProofNeeded
from apps.access.policies import Decision
from apps.access.services.uses import note_use
from apps.access.terms import ProofRecency, Reason
from apps.audit.actors import Actor
from apps.audit.services import event, record, record_change
from apps.audit.terms import Action, Outcome
from apps.cards.models import Reading
from apps.cards.readings import ReadingGone
from apps.core import clock
from apps.queries.answers import Answer, Question
from apps.queries.models import Query, QueryLimit, QuerySet
from apps.queries.patients import Patient
from apps.queries.policies import is_proved
from apps.queries.providers import Source, ask
from apps.queries.refusals import ConsentIncomplete, ConsentRefused, OtherCard, TooManyPatients
from apps.queries.terms import (
    BREAK_GLASS,
    LIFETIME,
    LIMIT,
    NEEDS_REFERENCE,
    TOO_MANY,
    Consent,
)

Row = TypeVar("Row")


def open_query(
    *,
    service: str,
    patient: Patient,
    purpose: str = "",
    reading: Reading | None = None,
    by: Actor,
) -> Query:
    """A new question about one patient; nothing is shown yet, so nothing is recorded yet.

    Raises OtherCard when `reading` is of somebody else, ReadingGone when the patient may have left
    long ago, and TooManyPatients.
    """
    if reading is not None and reading.patient_id != patient.identity:
        raise OtherCard(reason="card_of_another_patient")
    if reading is not None and reading.read_at <= clock.now() - LIFETIME:
        raise ReadingGone(reason="reading_too_old_for_a_query")
    _check_volume(patient, by)
    return Query.objects.create(
        service_id=service,
        patient_id=patient.identity,
        masked_number=patient.masked_number,
        number_kind=patient.number_kind,
        reading=reading,
        purpose=purpose,
        session_id=by.a_session,
        person_id=by.a_person,
        institution_id=by.institution,
    )


def prove_query(*, query: Query, decision: Decision, by: Actor) -> None:
    """Notes that the query may be answered, and lets a sliding proof slide (FEATURES B7).

    Raises ProofNeeded, whose page asks for the card and comes back to this query.
    """
    if query.proved_at is not None:
        return
    if not is_proved(query, decision=decision, by=by):
        raise _proof_needed(query)
    now = clock.now()
    recency = query.service.recency
    if recency == ProofRecency.SLIDING:
        note_use(session=by.a_session, service=query.service_id, at=now)
    unproved = Query.objects.filter(pk=query.pk, proved_at=None)
    if recency == ProofRecency.EACH:
        _spend_proof(unproved, now, query=query, by=by)
    else:
        unproved.update(proved_at=now, proof_at=by.card_proof_at)
    query.proved_at = now


def give_consent(*, query: Query, consent: Consent, reference: str = "", by: Actor) -> Query:
    """Keeps what the patient said, with the recording's reference or the reason, and its event.

    Raises ConsentIncomplete.
    """
    reference = reference.strip()
    if consent in NEEDS_REFERENCE and not reference:
        raise ConsentIncomplete(reason="consent_without_reference")
    with transaction.atomic():
        Query.objects.filter(pk=query.pk).update(consent=consent, consent_reference=reference)
        query.consent, query.consent_reference = consent, reference
        reason = BREAK_GLASS if consent == Consent.URGENT else ""
        record_change(event(Action.RECORD_CONSENT, by=by, reason=reason, **facts_of(query)))
    return query


def show_answer(
    *,
    query: Query,
    tab: str,
    source: Source[Row],
    question: Question,
    action: Action = Action.QUERY_RECORDS,
    decision: Decision,
    by: Actor,
) -> Answer[Row]:
    """Asks the source and records what it said, before anybody sees it: one event per patient and tab.

    A source that failed is an event of its own kind. Raises LogUnavailable (no row, no data), and
    ConsentRefused.
    """
    if query.consent == Consent.REFUSED:
        raise ConsentRefused(reason="consent_refused")
    answer = ask(source, question)
    record_answer(answer, query=query, tab=tab, action=action, decision=decision, by=by)
    return answer


def record_answer(
    answer: Answer[Any],
    *,
    query: Query,
    tab: str,
    action: Action = Action.QUERY_RECORDS,
    count: int | None = None,
    policy_version: str = "",
    decision: Decision,
    by: Actor,
) -> None:
    """The event of an answer that was put together otherwise than by one source.

    `count` where something else than the rows is shown, `policy_version` of rules that chose it.
    """
    record(
        event(
            action,
            by=by,
            outcome=Outcome.FAILED if answer.failed else Outcome.PERMITTED,
            reason=answer.reason,
            result_count=len(answer.rows) if count is None else count,
            policy_version=policy_version,
            entitlement_id=decision.entitlement_id,
            grant_id=decision.grant_id,
            detail={"tab": tab, "outcome": answer.state.value},
            **facts_of(query),
        )
    )


def facts_of(query: Query) -> dict[str, Any]:
    """What every event about a query names."""
    return {
        "service": query.service_id,
        "patient": query.patient_id,
        "object_type": "query",
        "object_id": str(query.pk),
        "purpose": query.purpose,
        "consent": query.consent,
        "consent_reference": query.consent_reference,
    }


def _spend_proof(unproved: QuerySet, now: datetime, *, query: Query, by: Actor) -> None:
    """Where each query needs a proof of its own: the statement that proves this one uses it up.

    Two queries may come with one proof at the same moment; the second waits for the first and is
    held back by the database (one_query_per_proof).
    """
    try:
        with transaction.atomic():
            unproved.update(proved_at=now, proof_at=by.card_proof_at, spends_proof=True)
    except IntegrityError as error:
        raise _proof_needed(query) from error


def _proof_needed(query: Query) -> ProofNeeded:
    return ProofNeeded(reason=Reason.PROOF_TOO_OLD, detail={"step_up": query.service_id})


def _check_volume(patient: Patient, by: Actor) -> None:
    """So many others in so short a time are refused; somebody asked about before is not another."""
    now = clock.now()
    limit = QueryLimit.objects.with_asked(
        person=by.a_person, besides=patient.identity, now=now
    ).get(pk=LIMIT)
    if limit.first is None or (limit.others or 0) < limit.patients:
        return
    wait = limit.first + limit.length - now
    told = {"patients": limit.patients, "minutes": limit.minutes}
    raise TooManyPatients(
        _(
            "You have looked up %(patients)d people within %(minutes)d minutes. Further queries are"
            " stopped for a while, and the auditors are told."
        )
        % told,
        reason=TOO_MANY,
        detail={"retry_after": max(1, int(wait.total_seconds())), **told},
    )
