"""Two limits of asking: one proof opens one query, and one person asks about so many patients."""

import time
from collections.abc import Callable
from threading import Event, Thread
from typing import Any

import pytest
from django.db import connection, transaction

from apps.access.guards import ProofNeeded
from apps.access.models import Proposal, Service
from apps.access.terms import ProofRecency
from apps.accounts.models import Session
from apps.audit.actors import Actor
from apps.core import clock
from apps.identities.models import Identity
from apps.oversight import rules
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.services import flagging
from apps.queries.fetches import fetch_query
from apps.queries.models import Query, QueryLimit
from apps.queries.patients import Patient, patient_by_number
from apps.queries.refusals import TooManyPatients
from apps.queries.services import open_query, prove_query
from tests.support.bedside import PATIENT, Bedside, ask_many
from tests.support.institution import operator_browser

LIMIT = "/backoffice/queries/querylimit/patients/change/"


def ask_about(bedside: Bedside, patient: Patient | None = None) -> Query:
    return open_query(service="HIQS", patient=patient or patient_by_number(PATIENT), by=bedside.by)


def ask_about_another(bedside: Bedside) -> Query:
    return ask_about(bedside, Patient(Identity.objects.create().pk, "A1****9"))


# --- one proof, one query --------------------------------------------------------------------------


class Beside:
    """A deed in a thread and on a connection of its own."""

    def __init__(self, deed: Callable[[], None]) -> None:
        self._deed = deed
        self._ready = Event()
        self.backend = 0
        self.refusal: Exception | None = None
        self._thread = Thread(target=self._run)
        self._thread.start()
        self._ready.wait(timeout=20)

    def _run(self) -> None:
        try:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_backend_pid()")
                self.backend = cursor.fetchone()[0]
            self._ready.set()
            self._deed()
        except ProofNeeded as refusal:
            self.refusal = refusal
        finally:
            connection.close()

    def wait_until_it_waits(self) -> None:
        """Until the other connection stands behind a lock of this one; asked inside a transaction."""
        deadline = time.monotonic() + 20
        while time.monotonic() < deadline:
            with connection.cursor() as cursor:
                cursor.execute("SELECT cardinality(pg_blocking_pids(%s))", [self.backend])
                if cursor.fetchone()[0]:
                    return
            assert self._thread.is_alive(), "it went through beside the other"
            time.sleep(0.01)
        raise AssertionError("it never came to the lock")

    def join(self) -> None:
        self._thread.join(timeout=20)
        assert not self._thread.is_alive()


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("commits", [True, False])
def test_two_queries_at_the_same_moment_do_not_share_a_proof(commits: bool) -> None:
    """The first has used the proof and not committed yet when the second comes with it."""
    bedside = Bedside("HIQS")
    Service.objects.filter(pk="HIQS").update(recency=ProofRecency.EACH, recency_seconds=28800)
    asked = [ask_about(bedside), ask_about_another(bedside)]
    Session.objects.update(card_proof_at=clock.now())
    by, decision = bedside.by, bedside.decision
    first, second = (fetch_query(each.pk, service="HIQS", by=by) for each in asked)
    with transaction.atomic():
        prove_query(query=first, decision=decision, by=by)
        other = Beside(lambda: prove_query(query=second, decision=decision, by=by))
        other.wait_until_it_waits()
        transaction.set_rollback(not commits)
    other.join()
    assert isinstance(other.refusal, ProofNeeded) == commits
    proved = Query.objects.exclude(proved_at=None)
    assert [each.pk for each in proved] == [first.pk if commits else second.pk]


@pytest.mark.django_db
def test_a_proof_of_another_service_in_between_costs_no_second_pin() -> None:
    """Only where each query needs its own is a proof used up."""
    bedside = Bedside("HIQS")
    other = ask_about_another(bedside)
    query = ask_about(bedside)
    Session.objects.update(card_proof_at=clock.now())
    prove_query(query=other, decision=bedside.decision, by=bedside.by)  # sliding
    Service.objects.filter(pk="HIQS").update(recency=ProofRecency.EACH, recency_seconds=28800)
    query = fetch_query(query.pk, service="HIQS", by=bedside.by)
    prove_query(query=query, decision=bedside.decision, by=bedside.by)
    assert Query.objects.get(pk=query.pk).spends_proof


# --- so many patients ------------------------------------------------------------------------------


@pytest.fixture
def bedside(db: Any) -> Bedside:
    return Bedside("HIQS")


def draft(**changes: object) -> Proposal:
    maker = operator_browser()
    form = maker.get(LIMIT).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    answer = maker.post(LIMIT, shown | changes)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return Proposal.objects.waiting().get()


def publish(proposal: Proposal) -> None:
    path = f"/backoffice/access/proposal/{proposal.pk}/publish-change/"
    assert operator_browser("周大同").post(path).status_code == 302
    assert not Proposal.objects.waiting().exists()


def test_the_first_figures_are_500_in_ten_minutes(db: Any) -> None:
    limit = QueryLimit.objects.get()
    assert (limit.patients, limit.minutes) == (500, 10)


def test_two_operators_set_both_figures(bedside: Bedside) -> None:
    ask_many(bedside, 20)
    waiting = draft(patients="20", minutes="5")
    ask_about_another(bedside)  # a draft changes nothing
    publish(waiting)
    with pytest.raises(TooManyPatients) as refusal:
        ask_about_another(bedside)
    assert (refusal.value.detail["patients"], refusal.value.detail["minutes"]) == (20, 5)
    assert "5 分鐘內已查詢 20 人" in str(refusal.value.message)
    assert 0 < refusal.value.detail["retry_after"] <= 300


def test_what_was_asked_before_the_new_minutes_counts_no_more(bedside: Bedside) -> None:
    ask_many(bedside, 30, asked_at=clock.now() - QueryLimit(minutes=6).length)
    publish(draft(patients="20", minutes="7"))
    with pytest.raises(TooManyPatients):
        ask_about_another(bedside)
    publish(draft(patients="20", minutes="5"))
    ask_about_another(bedside)


@pytest.mark.parametrize(
    "wrong", [{"patients": "19"}, {"patients": "10001"}, {"minutes": "0"}, {"minutes": "1441"}]
)
def test_figures_that_make_no_sense_are_refused_by_field(wrong: dict[str, str], db: Any) -> None:
    browser = operator_browser()
    page = browser.post(LIMIT, {"patients": "500", "minutes": "10"} | wrong)
    assert set(page.context["adminform"].form.errors) == set(wrong)
    assert not Proposal.objects.exists()


def test_the_draft_says_who_would_have_to_wait(bedside: Bedside) -> None:
    ask_many(bedside, 25)
    waiting = draft(patients="20")
    page = operator_browser("王小明").get(f"/backoffice/access/proposal/{waiting.pk}/change/")
    counts = {effect.name: effect.count for effect in page.context["effects"]}
    assert counts == {"people": 1, "most": 25, "stopped_before": 0, "stopped_after": 1}


def test_the_limit_costs_one_statement(bedside: Bedside, round_trips: Any) -> None:
    ask_many(bedside, 5)
    patient, by = patient_by_number(PATIENT), bedside.by
    with round_trips(at_most=2):  # the limit, and the query
        open_query(service="HIQS", patient=patient, by=by)


def test_the_auditors_find_who_was_stopped(bedside: Bedside, events: Any) -> None:
    asked = bedside.read_card("/immunizations/").request["PATH_INFO"]
    ask_many(bedside, 500)
    for _ in range(2):
        assert bedside.browser.post(asked).status_code == 429
    refused = [each for each in events() if each["reason"] == "too_many_patients"]
    assert len(refused) == 2
    ReviewRule.objects.exclude(pk="throttled").update(enabled=False)
    flagging.find_flags(by=Actor.system("test"))
    hours = {f"{each['recorded_at']:%Y%m%d%H}" for each in refused}
    mine = ReviewCase.objects.filter(rule="throttled", person=bedside.person.pk)
    assert mine.count() == len(hours)  # once a person and hour
    assert "查詢" in str(rules.rule_of("throttled").title)
