"""There is always a place for the next event."""

import psycopg
import pytest
from django.db import DataError, transaction

from apps.audit.partitions import ensure_partitions, partitions_ready
from apps.audit.tasks import ensure_partitions as ensure_partitions_task
from tests.audit.conftest import ask

MONTHS = """
    SELECT array_agg(to_char(
        date_trunc('month', now() AT TIME ZONE 'UTC') + make_interval(months => step), 'YYYY_MM'))
    FROM generate_series(0, %s) AS step
"""
PARTITIONS = """
    SELECT array_agg(replace(inhrelid::regclass::text, 'audit.event_', '') ORDER BY inhrelid::regclass::text)
    FROM pg_inherits WHERE inhparent = 'audit.event'::regclass
"""


@pytest.mark.django_db
def test_this_month_and_three_more_are_there_from_the_start():
    assert set(ask(MONTHS, 3)) | {"default"} <= set(ask(PARTITIONS))


@pytest.mark.django_db
def test_makes_only_what_is_missing():
    ensure_partitions()
    assert ensure_partitions() == 0
    assert ensure_partitions(months_ahead=5) == 2
    assert set(ask(MONTHS, 5)) <= set(ask(PARTITIONS))
    assert ensure_partitions(months_ahead=5) == 0


@pytest.mark.django_db
@pytest.mark.parametrize("months", [-1, 25, None])
def test_refuses_a_number_of_months_that_makes_no_sense(months):
    with pytest.raises(DataError, match="months_ahead"), transaction.atomic():
        ensure_partitions(months_ahead=months)


@pytest.mark.django_db
def test_the_daily_task_does_the_same():
    assert ensure_partitions_task.name == "audit.ensure_partitions"
    ensure_partitions()
    assert ensure_partitions_task() == 0


@pytest.mark.django_db
def test_a_new_month_has_the_indexes_and_triggers_of_the_others():
    ensure_partitions(months_ahead=7)
    first, *_, newest = ask(MONTHS, 7)
    indexes = "SELECT count(*) FROM pg_index WHERE indrelid = ('audit.event_' || %s)::regclass"
    triggers = """
        SELECT array_agg(tgname::text ORDER BY tgname) FROM pg_trigger
        WHERE tgrelid = ('audit.event_' || %s)::regclass
    """
    assert ask(indexes, newest) == ask(indexes, first) == 10
    assert ask(triggers, newest) == ["append_only", "never_emptied"]


@pytest.mark.django_db
def test_is_ready():
    assert partitions_ready() is True


@pytest.fixture
def keeper(connect_as):
    """The schema's own role, in a transaction that is rolled back."""
    session = connect_as("ankang_audit")
    with session.transaction() as undone:
        yield session
        raise psycopg.Rollback(undone)


@pytest.mark.django_db(transaction=True)
class TestWithoutPartition:
    def test_is_not_ready_without_this_month(self, keeper):
        keeper.execute(f"ALTER TABLE audit.event DETACH PARTITION audit.event_{ask(MONTHS, 0)[0]}")
        assert keeper.execute("SELECT audit.partitions_ready()").fetchone() == (False,)

    def test_the_default_partition_takes_the_event(self, keeper):
        keeper.execute(f"ALTER TABLE audit.event DETACH PARTITION audit.event_{ask(MONTHS, 0)[0]}")
        (number,) = keeper.execute("""SELECT audit.append('{"action": "log_in"}')""").fetchone()
        found = keeper.execute(
            "SELECT tableoid::regclass::text FROM audit.event WHERE id = %s", [number]
        )
        assert found.fetchone() == ("audit.event_default",)


@pytest.mark.django_db(transaction=True)
class TestBesideOthers:
    def test_months_are_made_while_events_are_being_written(self, connect_as):
        writer, maker = connect_as("ankang_app"), connect_as("ankang_app")
        with writer.transaction(), maker.transaction() as undone:
            writer.execute("""SELECT audit.append('{"action": "log_in"}')""")
            assert maker.execute("SELECT audit.ensure_partitions(9)").fetchone() == (6,)
            raise psycopg.Rollback(undone)

    def test_a_long_query_makes_it_give_up_instead_of_queueing_the_writers(self, connect_as):
        reader, maker = connect_as("ankang_sealer"), connect_as("ankang_app")
        with reader.transaction():
            reader.execute("SELECT count(*) FROM audit.event")
            with pytest.raises(psycopg.errors.LockNotAvailable):
                maker.execute("SELECT audit.ensure_partitions(9)")
        assert maker.execute("SELECT audit.partitions_ready()").fetchone() == (True,)
