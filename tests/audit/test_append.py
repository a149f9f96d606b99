"""What the database stamps, and what it refuses to take."""

import json
from datetime import timedelta
from uuid import uuid4

import psycopg
import pytest
from django.db import DataError, Error, connection, transaction

from apps.audit.events import as_json
from apps.audit.services import APPEND
from apps.core import clock
from tests.audit.conftest import ask

pytestmark = pytest.mark.django_db


def append(event: object) -> int:
    return ask(f"SELECT {APPEND}", json.dumps(event))


def test_stamps_time_order_and_salt(events):
    begin = ask("SELECT clock_timestamp()")
    append({"action": "log_in"})
    end = ask("SELECT clock_timestamp()")
    (event,) = events()
    assert begin < event["recorded_at"] < end
    assert str(event["xid"]) == str(ask("SELECT pg_current_xact_id()::text"))
    assert (event["shard"], event["schema_version"]) == (1, 1)
    assert len(event["salt"]) == 16


def test_takes_the_moment_of_the_call_and_not_of_the_transaction(events):
    append({"action": "log_in"})
    append({"action": "log_out"})
    first, second = events()
    assert first["recorded_at"] < second["recorded_at"]
    assert first["xid"] == second["xid"]


def test_no_two_events_share_a_salt(events):
    for _ in range(20):
        append({"action": "log_in"})
    assert len({bytes(event["salt"]) for event in events()}) == 20


def test_a_savepoint_keeps_the_number_of_the_whole_transaction(events):
    append({"action": "log_in"})
    with transaction.atomic():
        append({"action": "log_out"})
    assert len({event["xid"] for event in events()}) == 1


STAMPS = ["id", "xid", "recorded_at", "shard", "schema_version", "salt"]


@pytest.mark.parametrize("part", [*STAMPS, "actor_id", "nonsense", ""])
def test_the_caller_cannot_say_what_the_database_stamps(part, events):
    with pytest.raises(DataError, match="an access event has no part"), transaction.atomic():
        append({"action": "log_in", part: "1"})
    assert events() == []


@pytest.mark.parametrize("value", [[], "log_in", 1, None, True])
def test_refuses_what_is_no_object(value, events):
    with pytest.raises(DataError, match="JSON object"), transaction.atomic():
        append(value)
    assert events() == []


@pytest.mark.parametrize("detail", [[], "text", 1, None])
def test_refuses_a_detail_that_is_no_object(detail, events):
    with pytest.raises(DataError, match="JSON object"), transaction.atomic():
        append({"action": "log_in", "detail": detail})
    assert events() == []


@pytest.mark.parametrize(
    "event",
    [
        {},
        {"action": None},
        {"action": ""},
        {"action": "Log in"},
        {"action": "log_in", "outcome": "perhaps"},
        {"action": "log_in", "patient": "A123456789"},
        {"action": "log_in", "ip": "nowhere"},
        {"action": "log_in", "result_count": "many"},
    ],
)
def test_refuses_wrong_values(event, events):
    with pytest.raises(Error), transaction.atomic():
        append(event)
    assert events() == []


def test_what_was_not_said_is_empty(events):
    append({"action": "log_in"})
    (event,) = events()
    assert (event["outcome"], event["reason"], event["service"]) == ("permitted", "", "")
    assert (event["actor"], event["patient"], event["ip"], event["detail"]) == (
        None,
        None,
        None,
        {},
    )


@pytest.mark.django_db(transaction=True)
def test_an_event_committed_late_is_not_behind_the_horizon(connect_as, log_in):
    """Numbers are given out before commit: only below pg_snapshot_xmin nothing can appear any more."""
    slow, reader = connect_as("ankang_app"), connect_as("ankang_sealer")
    with slow.transaction():
        (early,) = slow.execute("SELECT audit.append(%s::jsonb)", [as_json(log_in)]).fetchone()
        late = append({"action": "log_out"})
        assert early < late
        visible = [row[0] for row in reader.execute(_BELOW_THE_HORIZON, [early]).fetchall()]
        assert visible == []
    assert [row[0] for row in reader.execute(_BELOW_THE_HORIZON, [early]).fetchall()] == [
        early,
        late,
    ]


_BELOW_THE_HORIZON = """
    SELECT id FROM audit.event
    WHERE id >= %s AND xid < pg_snapshot_xmin(pg_current_snapshot()) ORDER BY shard, xid, id
"""


@pytest.mark.django_db(transaction=True)
def test_a_rolled_back_event_leaves_only_a_gap_in_the_numbers(connect_as, events, log_in):
    with connect_as("ankang_app") as session, session.transaction() as undone:
        session.execute("SELECT audit.append(%s::jsonb)", [as_json(log_in)])
        raise psycopg.Rollback(undone)
    assert events() == []
    append({"action": "log_in"})
    assert len(events()) == 1


def test_writes_within_the_callers_own_statement(events):
    """As a service does that makes its change and its event in one statement."""
    made = uuid4()
    ask(
        f"WITH made AS (SELECT %s::text AS id) "
        f"SELECT {APPEND[:-1]} || jsonb_build_object('object_id', id)) FROM made",
        str(made),
        json.dumps({"action": "book_slot"}),
    )
    assert [event["object_id"] for event in events()] == [str(made)]


def test_takes_at_most_one_trip(django_assert_num_queries, log_in):
    with django_assert_num_queries(1):
        append(log_in)


def test_lies_in_the_partition_of_its_month(log_in):
    number = append(log_in)
    partition = ask("SELECT tableoid::regclass::text FROM audit.event WHERE id = %s", number)
    months = {
        f"audit.event_{moment:%Y_%m}"
        for moment in (clock.now() - timedelta(minutes=1), clock.now())
    }
    assert partition in months
    assert connection.in_atomic_block
