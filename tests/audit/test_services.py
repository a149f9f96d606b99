"""No row, no data; a change and its event, both or neither."""

import psycopg
import pytest
from django.db import connection, transaction

from apps.audit.actors import Actor
from apps.audit.events import Event, event
from apps.audit.services import LogUnavailable, record, record_change
from apps.audit.terms import Action
from apps.core.errors import Refusal
from apps.identities.models import Identity


@pytest.fixture
def opened() -> Event:
    """Of a service that does not go on without the log."""
    return event(Action.OPEN_PAGE, by=Actor.system("test"), service="VBK")


def change_and(record_it, event):
    """Some change, and its event."""
    Identity.objects.create()
    record_it(event)


@pytest.fixture
def broken_log(connect_as):
    """The application may not append; put right again after the test."""
    keeper = connect_as("ankang_audit")
    keeper.execute("REVOKE EXECUTE ON FUNCTION audit.append(jsonb) FROM ankang_app")
    yield
    keeper.execute("GRANT EXECUTE ON FUNCTION audit.append(jsonb) TO ankang_app")


@pytest.mark.django_db(transaction=True)
class TestRecord:
    def test_is_committed_when_it_returns(self, opened, connect_as):
        number = record(opened)
        elsewhere = connect_as("ankang_sealer")
        assert elsewhere.execute(
            "SELECT action FROM audit.event WHERE id = %s", [number]
        ).fetchone() == ("open_page",)

    def test_takes_one_trip(self, opened, django_assert_num_queries):
        connection.ensure_connection()
        with django_assert_num_queries(1):
            record(opened)

    def test_works_on_a_connection_that_is_not_open_yet(self, opened, events):
        connection.close()
        record(opened)
        assert len(events()) == 1

    def test_refuses_to_stand_in_a_transaction_that_could_take_it_back(self, opened, events):
        with pytest.raises(RuntimeError, match="durable"), transaction.atomic():
            record(opened)
        assert events() == []

    def test_survives_a_change_that_is_undone(self, opened, events):
        with transaction.atomic():
            Identity.objects.create()
            transaction.set_rollback(True)
        record(opened)
        assert len(events()) == 1
        assert Identity.objects.count() == 0

    @pytest.mark.usefixtures("broken_log")
    def test_without_the_right_to_append_there_is_no_answer(self, opened, events):
        with pytest.raises(LogUnavailable) as refusal:
            record(opened)
        assert events() == []
        assert isinstance(refusal.value, Refusal)
        assert (refusal.value.status, refusal.value.code) == (503, "AUD-503")

    def test_a_lost_connection_is_no_answer_either(self, opened, connect_as, database_urls):
        connection.ensure_connection()
        backend = connection.connection.info.backend_pid
        with psycopg.connect(database_urls.admin, autocommit=True) as admin:
            admin.execute("SELECT pg_terminate_backend(%s)", [backend])
        with pytest.raises(LogUnavailable):
            record(opened)
        connection.close()


@pytest.mark.django_db(transaction=True)
class TestRecordChange:
    def test_stands_with_its_change(self, opened, events):
        with transaction.atomic():
            change_and(record_change, opened)
        assert (Identity.objects.count(), len(events())) == (1, 1)

    def test_goes_with_its_change(self, opened, events):
        with transaction.atomic():
            change_and(record_change, opened)
            transaction.set_rollback(True)
        assert (Identity.objects.count(), events()) == (0, [])

    @pytest.mark.usefixtures("broken_log")
    def test_takes_the_change_with_it_when_it_cannot_be_written(self, opened):
        with pytest.raises(LogUnavailable), transaction.atomic():
            change_and(record_change, opened)
        assert Identity.objects.count() == 0

    def test_refuses_to_stand_alone(self, opened, events):
        with pytest.raises(RuntimeError, match="inside the transaction"):
            record_change(opened)
        assert events() == []


@pytest.mark.django_db
def test_records_inside_the_transaction_that_a_test_case_opens(opened, events):
    record(opened)
    assert len(events()) == 1
