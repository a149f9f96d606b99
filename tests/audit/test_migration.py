"""The schema can be made and undone, but never undone over events. On a database of its own."""

from collections.abc import Iterator
from importlib import import_module

import psycopg
import pytest
from psycopg import Connection
from psycopg.conninfo import make_conninfo

from apps.audit.roles import make_database, prepare_database
from config.environment import read

sql_file = import_module("apps.audit.migrations.0001_access_events").read
sealing_file = import_module("apps.audit.migrations.0002_sealing").read
NAME = "test_ankang_migration"


@pytest.fixture
def owner(django_db_setup: None) -> Iterator[Connection]:
    """The owner's connection to an empty database with roles and rights, as create_roles leaves it."""
    admin_url = read("DATABASE_ADMIN_URL")
    with psycopg.connect(admin_url, autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {NAME} WITH (FORCE)")
        assert make_database(admin, NAME) is True
        with psycopg.connect(make_conninfo(admin_url, dbname=NAME), autocommit=True) as inside:
            prepare_database(inside)
            inside.execute("SET SESSION AUTHORIZATION ankang_owner")
            yield inside
        admin.execute(f"DROP DATABASE {NAME} WITH (FORCE)")


def run(owner: Connection, *names: str) -> None:
    with owner.transaction():
        for name in names:
            owner.execute(sql_file(name))


def has_schema(owner: Connection) -> bool:
    row = owner.execute("SELECT to_regnamespace('audit') IS NOT NULL").fetchone()
    assert row is not None
    return bool(row[0])


def test_is_made_undone_and_made_again(owner):
    for _ in range(2):
        run(owner, "events", "append", "partitions")
        assert has_schema(owner)
        run(owner, "reverse")
        assert not has_schema(owner)


def test_leaves_the_owner_itself_again(owner):
    run(owner, "events", "append", "partitions")
    assert owner.execute("SELECT current_user::text").fetchone() == ("ankang_owner",)


def test_is_not_undone_over_events(owner):
    run(owner, "events", "append", "partitions")
    with owner.transaction():
        owner.execute("SET LOCAL ROLE ankang_audit")
        owner.execute("""SELECT audit.append('{"action": "log_in"}')""")
    with pytest.raises(psycopg.errors.RaiseException, match="holds events"):
        run(owner, "reverse")
    assert has_schema(owner)


def run_sealing(owner: Connection, name: str) -> None:
    with owner.transaction():
        owner.execute(sealing_file(name))


def test_sealing_is_made_undone_and_made_again(owner):
    run(owner, "events", "append", "partitions")
    for _ in range(2):
        run_sealing(owner, "sealing")
        run_sealing(owner, "reverse")
    run(owner, "reverse")
    assert not has_schema(owner)


def test_seals_are_not_undone(owner):
    run(owner, "events", "append", "partitions")
    run_sealing(owner, "sealing")
    with owner.transaction():
        owner.execute("SET LOCAL ROLE ankang_audit")
        owner.execute(
            "INSERT INTO audit.checkpoint (shard, size, last_xid, last_event, root, note) "
            "VALUES (1, 1, '3', 1, sha256('')::bytea, 'note')"
        )
    with pytest.raises(psycopg.errors.RaiseException, match="not dropped"):
        run_sealing(owner, "reverse")
