"""One way of querying: whose query it is, its proof, its answer, its trace."""

import uuid
from datetime import timedelta

import pytest
from django.db import connection

from apps.access.guards import ProofNeeded
from apps.access.models import Service, ServiceUse
from apps.access.terms import ProofRecency
from apps.accounts.models import Session
from apps.audit import services as audit
from apps.audit.services import LogUnavailable
from apps.cards.models import Reading
from apps.cards.readings import seal_reading
from apps.core import clock
from apps.identities.models import Identity
from apps.queries.answers import Answer, Question
from apps.queries.fetches import fetch_query
from apps.queries.models import Query
from apps.queries.patients import Patient, patient_by_number
from apps.queries.providers import LocalTable, SourceFailed, Together, ask
from apps.queries.refusals import (
    ConsentIncomplete,
    ConsentRefused,
    OtherCard,
    QueryGone,
    TooManyPatients,
)
from apps.queries.services import give_consent, open_query, prove_query, show_answer
from apps.queries.tasks import clear_queries
from apps.queries.terms import AnswerState, Consent
from tests.support.bedside import PATIENT, Bedside, ask_many
from tests.support.booking import READING

pytestmark = pytest.mark.django_db


@pytest.fixture
def bedside() -> Bedside:
    return Bedside("HIQS")


def ask_about(bedside: Bedside, **more: object) -> Query:
    patient = patient_by_number(PATIENT)
    return open_query(service="HIQS", patient=patient, by=bedside.by, **more)


def answer_of(query: Query, bedside: Bedside, source: object) -> Answer[object]:
    return show_answer(
        query=query,
        tab="other",
        source=source,
        question=Question(patient=query.patient_id, until=clock.today()),
        decision=bedside.decision,
        by=bedside.by,
    )


def failing(question: Question) -> list[object]:
    raise SourceFailed("no_answer")


TWO = LocalTable("two", lambda question: ["a", "b"])
BROKEN = LocalTable("broken", failing)


def test_a_query_belongs_to_the_session_that_asked(bedside) -> None:
    query = ask_about(bedside)
    assert fetch_query(query.pk, service="HIQS", by=bedside.by).masked_number == "C121****09"
    other = Session.objects.get()
    Session.objects.filter(pk=other.pk).update(id=uuid.uuid4())
    with pytest.raises(QueryGone):
        fetch_query(query.pk, service="HIQS", by=bedside.by)


@pytest.mark.parametrize("service", ["TCH", "VBK", ""])
def test_a_query_of_another_service_is_gone(bedside, service) -> None:
    query = ask_about(bedside)
    with pytest.raises(QueryGone):
        fetch_query(query.pk, service=service, by=bedside.by)


def test_an_expired_query_is_gone_and_removed_a_day_later(bedside) -> None:
    query = ask_about(bedside)
    Query.objects.update(expires_at=clock.now())
    with pytest.raises(QueryGone):
        fetch_query(query.pk, service="HIQS", by=bedside.by)
    clear_queries()
    assert Query.objects.count() == 1
    Query.objects.update(expires_at=clock.now() - timedelta(days=1))
    clear_queries()
    assert Query.objects.count() == 0


def test_the_number_stands_in_no_column(bedside) -> None:
    ask_about(bedside)
    with connection.cursor() as cursor:
        cursor.execute("SELECT to_jsonb(queries_query)::text FROM queries_query")
        assert PATIENT not in cursor.fetchone()[0]


def test_card_of_somebody_else_than_the_number(bedside) -> None:
    reading = Reading(
        patient=Identity.objects.create(),
        session_id=bedside.session.id,
        workstation=bedside.workstation,
    )
    seal_reading(reading, READING).save()
    with pytest.raises(OtherCard):
        ask_about(bedside, reading=reading)
    assert Query.objects.count() == 0


def test_answer_leaves_one_event_before_it_is_shown(bedside, events) -> None:
    query = ask_about(bedside)
    answer = answer_of(query, bedside, TWO)
    assert (answer.rows, answer.nothing) == (("a", "b"), False)
    (event,) = [each for each in events() if each["action"] == "query_records"]
    assert (event["patient"], event["service"]) == (query.patient_id, "HIQS")
    assert (event["outcome"], event["result_count"]) == ("permitted", 2)
    assert event["object_id"] == str(query.pk)
    assert event["grant_id"] == bedside.grant.pk
    assert event["detail"] == {"tab": "other", "outcome": "complete"}


def test_without_the_event_there_is_no_answer(bedside, monkeypatch) -> None:
    query = ask_about(bedside)
    monkeypatch.setattr(audit, "APPEND", "audit.no_such_function(%s::jsonb)")
    with pytest.raises(LogUnavailable):
        answer_of(query, bedside, TWO)


def test_a_source_that_failed_never_says_nothing_found(bedside, events) -> None:
    answer = answer_of(ask_about(bedside), bedside, BROKEN)
    assert (answer.failed, answer.nothing, answer.missing) == (True, False, ("broken",))
    event = events()[-1]
    assert (event["outcome"], event["reason"]) == ("failed", "no_answer")


EMPTY = LocalTable("empty", lambda question: [])


@pytest.mark.parametrize(
    ("sources", "state", "rows", "missing"),
    [
        ([TWO, TWO], AnswerState.COMPLETE, 4, ()),
        ([TWO, BROKEN], AnswerState.PARTIAL, 2, ("broken",)),
        ([EMPTY, BROKEN], AnswerState.PARTIAL, 0, ("broken",)),
        ([BROKEN, BROKEN], AnswerState.FAILED, 0, ("broken", "broken")),
        ([EMPTY, EMPTY], AnswerState.COMPLETE, 0, ()),
    ],
)
def test_several_sources_together(sources, state, rows, missing) -> None:
    together = Together("all", sources, merge=lambda found: found)
    answer = ask(together, Question(patient=uuid.uuid4(), until=clock.today()))
    assert (answer.state, len(answer.rows), answer.missing) == (state, rows, missing)
    assert answer.nothing == (state == AnswerState.COMPLETE and rows == 0)


def test_a_query_is_proved_by_a_proof_that_still_counts_and_keeps_it_sliding(bedside) -> None:
    bedside.age_proof(minutes=29)
    prove_query(query=ask_about(bedside), decision=bedside.decision, by=bedside.by)
    use = ServiceUse.objects.get()
    assert (use.session_id, use.service_id) == (bedside.session.id, "HIQS")
    # 29 minutes after that query the card was shown 58 minutes ago.
    Session.objects.update(card_proof_at=clock.now() - timedelta(minutes=58))
    ServiceUse.objects.update(used_at=clock.now() - timedelta(minutes=29))
    prove_query(query=ask_about(bedside), decision=bedside.decision, by=bedside.by)


@pytest.mark.parametrize("minutes", [30, 45, 600])
def test_half_an_hour_after_the_last_query_the_card_is_needed(bedside, minutes) -> None:
    prove_query(query=ask_about(bedside), decision=bedside.decision, by=bedside.by)
    bedside.age_proof(minutes=minutes)
    with pytest.raises(ProofNeeded):
        prove_query(query=ask_about(bedside), decision=bedside.decision, by=bedside.by)


def test_another_service_does_not_keep_the_proof_sliding(bedside) -> None:
    bedside.age_proof(minutes=40)
    ServiceUse.objects.create(session_id=bedside.session.id, service_id="VBK", used_at=clock.now())
    with pytest.raises(ProofNeeded):
        prove_query(query=ask_about(bedside), decision=bedside.decision, by=bedside.by)


def test_where_each_query_needs_the_card_no_proof_serves_two(bedside) -> None:
    Service.objects.filter(pk="HIQS").update(recency=ProofRecency.EACH, recency_seconds=28800)
    first, second = ask_about(bedside), ask_about(bedside)
    for query in (first, second):  # the login's proof is older than both
        with pytest.raises(ProofNeeded):
            prove_query(query=reload(query, bedside), decision=bedside.decision, by=bedside.by)
    Session.objects.update(card_proof_at=clock.now())
    prove_query(query=reload(first, bedside), decision=bedside.decision, by=bedside.by)
    with pytest.raises(ProofNeeded):
        prove_query(query=reload(second, bedside), decision=bedside.decision, by=bedside.by)
    prove_query(query=reload(first, bedside), decision=bedside.decision, by=bedside.by)


def reload(query: Query, bedside: Bedside) -> Query:
    return fetch_query(query.pk, service="HIQS", by=bedside.by)


def test_500_patients_in_ten_minutes_are_the_most(bedside) -> None:
    ask_many(bedside, 499)
    ask_about(bedside)
    with pytest.raises(TooManyPatients) as refusal:
        open_query(
            service="HIQS",
            patient=Patient(Identity.objects.create().pk, "A1****9"),
            by=bedside.by,
        )
    assert (refusal.value.status, refusal.value.code) == (429, "QRY-MANY")
    assert 0 < refusal.value.detail["retry_after"] <= 600
    ask_about(bedside)  # somebody asked about before is not another patient


def test_what_was_asked_longer_ago_or_by_others_does_not_count(bedside) -> None:
    ask_many(bedside, 500, asked_at=clock.now() - timedelta(minutes=10))
    ask_many(
        bedside,
        500,
        person=type(bedside.person).objects.create(identity=Identity.objects.create(), name="別人"),
    )
    ask_about(bedside)


@pytest.mark.parametrize("consent", [Consent.OBTAINED, Consent.URGENT])
def test_consent_needs_its_reference(bedside, consent, events) -> None:
    query = ask_about(bedside)
    with pytest.raises(ConsentIncomplete):
        give_consent(query=query, consent=consent, reference=" ", by=bedside.by)
    give_consent(query=query, consent=consent, reference="REC-0042", by=bedside.by)
    answer_of(query, bedside, TWO)
    consented, shown = events()[-2:]
    assert (consented["action"], consented["consent"]) == ("record_consent", consent)
    assert (shown["consent"], shown["consent_reference"]) == (consent, "REC-0042")


def test_refused_consent_shows_nothing(bedside) -> None:
    query = give_consent(query=ask_about(bedside), consent=Consent.REFUSED, by=bedside.by)
    with pytest.raises(ConsentRefused):
        answer_of(query, bedside, TWO)
