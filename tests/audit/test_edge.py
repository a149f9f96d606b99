"""Answers about patients are counted at the edge and compared with the log, hour by hour."""

from datetime import timedelta

import pytest
from django.db import DatabaseError
from django.http import HttpResponse
from django.test import RequestFactory
from time_machine import travel

from apps.audit import edge, services
from apps.audit.bringing_in import bring_in
from apps.audit.downtime import journal
from apps.audit.edge import CountingMiddleware
from apps.audit.models import AnswerCount
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.core import clock
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.services import comparing
from tests.support.auditing import make_citizen, note
from tests.support.counter import Counter
from tests.support.world import BY, Pharmacy

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def answers(monkeypatch) -> edge.Answers:
    """This test's own counter."""
    mine = edge.Answers()
    monkeypatch.setattr(edge, "answers", mine)
    return mine


def answer(status: int = 200, **attributes) -> None:
    request = RequestFactory().get("/")
    request.resolver_match = None
    for name, value in attributes.items():
        setattr(request, name, value)
    CountingMiddleware(lambda _: HttpResponse(status=status))(request)


@pytest.mark.parametrize(
    ("status", "patient", "counted"), [(200, "x", 1), (200, None, 0), (303, "x", 0), (403, "x", 0)]
)
def test_what_counts_is_an_answer_with_data_of_a_patient(answers, status, patient, counted) -> None:
    answer(status, patient=patient)
    assert answers.counted.total() == counted


def test_the_counters_form_counts_and_has_its_event(answers, events) -> None:
    counter = Counter()
    counter.open_form()
    assert answers.counted.total() == 1
    assert events()[-1]["action"] == "check_eligibility"


def test_counts_of_several_processes_add_up(answers) -> None:
    for process in (answers, edge.Answers()):
        process.count("show_booking")
        process.count("show_booking")
        process.flush()
    assert AnswerCount.objects.get(route="show_booking").answers == 4


def test_written_down_every_so_often_and_not_each_time(answers, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        answers.count("show_booking")
    answers.flushed_at -= 31
    with django_assert_num_queries(1):
        answers.count("show_booking")
    assert answers.counted.total() == 0


def test_a_database_that_fails_costs_no_answer(answers, monkeypatch) -> None:
    def lost(*_):
        raise DatabaseError

    monkeypatch.setattr(edge.connection, "cursor", lost)
    answers.flushed_at -= 31
    answers.count("show_booking")
    assert answers.counted.total() == 1


class TestComparing:
    @pytest.fixture
    def past(self, time_machine) -> None:
        """Two hours from now, what happens now is a complete hour."""
        self.now = clock.now()
        self.hour = self.now.replace(minute=0, second=0, microsecond=0)
        time_machine.move_to(self.now + timedelta(hours=2), tick=False)

    def gap(self, answered: int, events: int) -> int:
        world = Pharmacy()
        AnswerCount.objects.create(hour=self.hour, route="show_booking", answers=answered)
        known = comparing._events(self.hour)
        AnswerCount.objects.update(answers=answered + known)
        for _ in range(events):
            note(world, Action.SHOW_BOOKING, patient=make_citizen(), by=self.by())
        return comparing.compare_answers(by=BY)

    def by(self):
        import uuid

        from apps.audit.actors import Actor

        return Actor(request_id=uuid.uuid4())

    @pytest.mark.parametrize(("answered", "events", "missing"), [(2, 2, 0), (3, 2, 1), (1, 2, 0)])
    def test_answers_without_events_are_found(self, past, answered, events, missing) -> None:
        assert self.gap(answered, events) == missing
        assert ReviewCase.objects.filter(rule="unanswered").count() == bool(missing)

    def test_the_alarm_stands_on_readyz_until_the_case_is_closed(self, past, client) -> None:
        self.gap(1, 0)
        assert "audit_gap" in client.get("/readyz").json()["warnings"]
        ReviewCase.objects.update(state="CLOSED")
        assert "audit_gap" not in client.get("/readyz").json()["warnings"]

    def test_an_hour_is_flagged_once_with_an_event(self, past, events) -> None:
        self.gap(1, 0)
        comparing.compare_answers(by=BY)
        opened = [each for each in events() if each["action"] == "open_case"]
        assert [each["detail"]["count"] for each in opened] == [1]
        assert "沒有留下紀錄" in ReviewCase.objects.get(rule="unanswered").sentence

    def test_what_a_downtime_kept_counts_in_its_hour(self, monkeypatch, settings, tmp_path) -> None:
        settings.DOWNTIME = tmp_path / "downtime"
        hour = (clock.now() - timedelta(hours=3)).replace(minute=0, second=0, microsecond=0)
        AnswerCount.objects.create(hour=hour, route="show_emergency_tab", answers=1)
        look = event(Action.QUERY_RECORDS, by=self.by(), service="IMQ", patient=make_citizen())
        with monkeypatch.context() as failing, travel(hour + timedelta(minutes=30)):
            failing.setattr(services, "_append", self.refuse)
            record(look)
        assert comparing.compare_answers(by=BY) == 0  # it waits for what is still to be brought in
        journal().path.rename(tmp_path / "kept")
        assert comparing.compare_answers(by=BY) == 1
        (tmp_path / "kept").rename(journal().path)
        bring_in(by=BY)
        assert comparing.compare_answers(by=BY) == 0

    def refuse(self, *_) -> None:
        raise DatabaseError

    def test_the_threshold_is_the_operators(self, past) -> None:
        ReviewRule.objects.filter(pk="unanswered").update(limit=5)
        assert self.gap(4, 0) == 0
