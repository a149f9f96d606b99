"""Nobody who logs in can change, remove, invent or backdate an event."""

import psycopg
import pytest
from django.db import connection

from apps.audit.services import record
from tests.audit.conftest import ask

pytestmark = pytest.mark.django_db


@pytest.fixture
def month(log_in):
    """The name of the partition that the event just written lies in."""
    number = record(log_in)
    return ask("SELECT tableoid::regclass::text FROM audit.event WHERE id = %s", number)


ATTACKS = {
    "update": "UPDATE audit.event SET reason = 'another'",
    "update a partition": "UPDATE {month} SET reason = 'another'",
    "delete": "DELETE FROM audit.event",
    "delete from a partition": "DELETE FROM {month}",
    "move to another month": "UPDATE audit.event SET recorded_at = recorded_at + interval '1 month'",
    "truncate": "TRUNCATE audit.event",
    "truncate a partition": "TRUNCATE {month}",
}
ATTACKS_OF_THE_APPLICATION = ATTACKS | {
    "insert": "INSERT INTO audit.event (action) VALUES ('log_in')",
    "insert backdated": "INSERT INTO audit.event (recorded_at) VALUES ('2020-01-01')",
    "insert with an old transaction": "INSERT INTO audit.event (xid) VALUES ('1')",
    "insert into a partition": "INSERT INTO {month} (action) VALUES ('log_in')",
    "choose the number": "INSERT INTO audit.event (id) OVERRIDING SYSTEM VALUE VALUES (1)",
    "overwrite by upsert": (
        "INSERT INTO audit.event OVERRIDING SYSTEM VALUE SELECT * FROM audit.event "
        "ON CONFLICT (shard, xid, id, recorded_at) DO UPDATE SET reason = 'another'"
    ),
    "detach a partition": "ALTER TABLE audit.event DETACH PARTITION {month}",
    "drop a partition": "DROP TABLE {month}",
    "drop the table": "DROP TABLE audit.event CASCADE",
    "disable the triggers": "ALTER TABLE audit.event DISABLE TRIGGER ALL",
    "suspend the triggers": "SET session_replication_role = replica",
    "replace the function": (
        "CREATE OR REPLACE FUNCTION audit.append(event jsonb) RETURNS bigint "
        "LANGUAGE sql AS 'SELECT 1::bigint'"
    ),
    "make something in the schema": "CREATE TABLE audit.copy (id int)",
    "become the schema's owner": "SET ROLE ankang_audit",
    "become the tables' owner": "SET ROLE ankang_owner",
    "read past the parent": "SELECT * FROM {month}",
    "change the shard": "UPDATE audit.shard SET number = 2",
    "turn the sequence back": "SELECT setval('audit.event_id_seq', 1)",
}


@pytest.mark.parametrize(
    "attack", ATTACKS_OF_THE_APPLICATION.values(), ids=ATTACKS_OF_THE_APPLICATION
)
def test_the_application_has_no_right_to(attack, month, connect_as):
    application = connect_as("ankang_app")
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        application.execute(attack.format(month=month))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("role", ["ankang_owner", "ankang_sealer", "ankang_retention"])
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_no_other_login_has_the_right_either(attack, role, month, connect_as):
    with pytest.raises(psycopg.errors.InsufficientPrivilege):
        connect_as(role).execute(attack.format(month=month))


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("attack", ATTACKS.values(), ids=ATTACKS)
def test_the_seat_belt_holds_the_schemas_own_role(attack, month, connect_as):
    with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
        connect_as("ankang_audit").execute(attack.format(month=month))


@pytest.mark.django_db(transaction=True)
def test_every_partition_refuses_to_be_emptied(connect_as):
    keeper = connect_as("ankang_audit")
    partitions = keeper.execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit.event'::regclass"
    ).fetchall()
    assert len(partitions) >= 5  # this month, three ahead, and the default one
    for (partition,) in partitions:
        with pytest.raises(psycopg.errors.InsufficientPrivilege, match="append-only"):
            keeper.execute(f"TRUNCATE {partition}")


def test_the_tests_themselves_run_as_the_application():
    assert ask("SELECT current_user::text") == "ankang_app"
    assert ask("SELECT session_user::text") == "ankang_app"


def test_the_function_looks_nothing_up_in_the_callers_schemas(log_in):
    """A temporary table of the same name as a system function's or our table catches nothing."""
    with connection.cursor() as cursor:
        cursor.execute("CREATE TEMPORARY TABLE shard (number int) ON COMMIT DROP")
        cursor.execute("CREATE TEMPORARY TABLE event (id int) ON COMMIT DROP")
        cursor.execute("SET LOCAL search_path = pg_temp, public")
        number = record(log_in)
    assert ask("SELECT count(*) FROM audit.event WHERE id = %s", number) == 1
