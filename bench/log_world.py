"""Databases with an access log of any size, filled past the sealer, which is not measured there.

Rows first, indexes afterwards, nothing of it in the WAL: ten million events take some minutes and
about 7 GB, which go away with `drop`.
"""

from importlib import import_module

import psycopg
from django.db import connection
from psycopg import sql
from psycopg.conninfo import conninfo_to_dict, make_conninfo

from apps.audit.roles import make_database, prepare_database
from config.environment import read

# Each person, patient and institution has as many events in a large log as in a small one.
EACH = 100

# Ids of people and places are made once a row and used for every part that only has to be there:
# making a random id costs more than storing it.
_FILL = """
    INSERT INTO audit.event (
        xid, recorded_at, shard, schema_version, salt, action, outcome, reason, actor, role, institution,
        session, workstation, card_kind, card_serial, ip, service, object_type, object_id, patient,
        purpose, consent, consent_reference, entitlement_id, grant_id, policy_version, request_id, detail)
    SELECT
        pg_current_xact_id(), now() - interval '20 days' * (1 - n::float / %(count)s), 1, 1,
        uuid_send(random),
        CASE WHEN n %% 1000 = 7 THEN 'open_shard'
             ELSE (ARRAY['show_booking', 'book_slot', 'read_card', 'query_records'])[n %% 4 + 1] END,
        CASE WHEN n %% 50 = 3 THEN 'refused' ELSE 'permitted' END,
        CASE WHEN n %% 500 = 3 THEN 'slot_full' ELSE '' END,
        ('00000000000000000000000' || id)::uuid, 'STAFF', ('aaaaaaaaaaaaaaaaaaaaaaa' || id)::uuid,
        random, random, 'HPC', '000012345678', '192.0.2.7',
        CASE WHEN n %% 100 = 9 THEN 'TCH' ELSE 'VBK' END, 'booking', random::text,
        ('bbbbbbbbbbbbbbbbbbbbbbb' || id)::uuid, '', '', '', random, random, '', random, '{"dose": 1}'
    FROM (
        SELECT n, gen_random_uuid() AS random, lpad(to_hex(n %% %(people)s + 1), 9, '0') AS id
        FROM generate_series(1, %(count)s) AS n OFFSET 0
    ) AS made
"""


def make_log(name: str, events: int = 0) -> None:
    """A database with nothing but the log; Django's connection is on it afterwards."""
    connection.close()
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_named(name)))
        make_database(admin, name)
    with _inside(name) as admin:
        prepare_database(admin)
        admin.execute("SET SESSION AUTHORIZATION ankang_owner")
        with admin.transaction():
            files = import_module("apps.audit.migrations.0001_access_events").read
            for each in ("events", "append", "partitions"):
                admin.execute(files(each))
            admin.execute(import_module("apps.audit.migrations.0002_sealing").read("sealing"))
            admin.execute(import_module("apps.audit.migrations.0003_search").read("search"))
            admin.execute(
                "CREATE TABLE accounts_person (id uuid PRIMARY KEY, name text);"
                "CREATE TABLE institutions_institution (id uuid PRIMARY KEY, name text, code text)"
            )
        admin.execute("RESET SESSION AUTHORIZATION")
    if events:
        fill(name, events)
    connection.settings_dict["NAME"] = name


def copy_database(name: str) -> None:
    """The application's whole database under another name; Django's connection is on it afterwards."""
    source = conninfo_to_dict(read("DATABASE_URL"))["dbname"]
    connection.close()
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_named(name)))
        admin.execute(
            sql.SQL("CREATE DATABASE {} TEMPLATE {}").format(_named(name), _named(str(source)))
        )
    connection.settings_dict["NAME"] = name


def drop(name: str) -> None:
    """And back to the application's database."""
    connection.close()
    connection.settings_dict["NAME"] = conninfo_to_dict(read("DATABASE_URL"))["dbname"]
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(_named(name)))


def fill(name: str, events: int) -> None:
    """Events of the last twenty days."""
    with _inside(name) as admin:
        admin.execute("SET maintenance_work_mem = '512MB'")
        admin.execute("SET session_replication_role = replica")
        for (month,) in admin.execute(
            "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit.event'::regclass"
        ).fetchall():
            admin.execute(f"ALTER TABLE {month} SET UNLOGGED")
        admin.execute("TRUNCATE audit.event")  # of a copy, what the original has seen
        indexes = _take_indexes(admin)
        admin.execute(_FILL, {"count": events, "people": max(events // EACH, 1)})
        for statement in indexes:
            admin.execute(statement)
        admin.execute("ANALYZE audit.event")


def _take_indexes(admin: psycopg.Connection) -> list[str]:
    """Takes all indexes of the log away; the statements that make them again, the key's first."""
    key = "ALTER TABLE audit.event ADD CONSTRAINT event_pkey PRIMARY KEY (shard, xid, id, recorded_at)"
    rows = admin.execute(
        "SELECT indexname, indexdef FROM pg_indexes "
        "WHERE schemaname = 'audit' AND tablename = 'event' AND indexname <> 'event_pkey'"
    ).fetchall()
    for index, _ in rows:
        admin.execute(sql.SQL("DROP INDEX audit.{}").format(_named(index)))
    admin.execute("ALTER TABLE audit.event DROP CONSTRAINT event_pkey")
    return [key, *(definition.replace(" ON ONLY ", " ON ") for _, definition in rows)]


def _inside(name: str) -> psycopg.Connection:
    return psycopg.connect(make_conninfo(read("DATABASE_ADMIN_URL"), dbname=name), autocommit=True)


def _named(name: str) -> sql.Identifier:
    return sql.Identifier(name)
