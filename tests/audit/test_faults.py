"""Faults F13 to F15 of the security reference, as the application meets them; the others have their number
in the names of the tests beside the code (grep f10_ to f20_).
"""

import pytest
from django.db import connection

from apps.audit import lag
from apps.audit.actors import Actor
from apps.audit.events import event
from apps.audit.services import LogUnavailable, record
from apps.audit.terms import Action
from apps.audit.verification import Verification
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER


@pytest.fixture
def application(log, monkeypatch, django_db_blocker):
    """Django's connection, on the log of this test instead of the shared one."""
    lag.last_look.forget()
    with django_db_blocker.unblock():
        connection.close()
        monkeypatch.setitem(connection.settings_dict, "NAME", log.name)
        yield log
        connection.close()
    lag.last_look.forget()


def look() -> int:
    return record(event(Action.SHOW_BOOKING, by=Actor.system("test"), service="VBK"))


def test_f13_the_right_to_append_revoked_and_given_back(application):
    application.tamper("REVOKE EXECUTE ON FUNCTION audit.append(jsonb) FROM ankang_app")
    with pytest.raises(LogUnavailable):
        look()
    application.tamper("GRANT EXECUTE ON FUNCTION audit.append(jsonb) TO ankang_app")
    assert look() > 0


def test_f13_no_month_and_no_default_partition(application):
    months = application.reuse("postgres").execute(
        "SELECT inhrelid::regclass::text FROM pg_inherits WHERE inhparent = 'audit.event'::regclass"
    )
    for (name,) in months.fetchall():
        application.tamper(f"ALTER TABLE audit.event DETACH PARTITION {name}")
    with pytest.raises(LogUnavailable):
        look()


def test_f14_a_full_disk_refuses_and_recovers_without_repair(application):
    """The error that PostgreSQL gives when an extension of a file finds no room (53100).

    A disk that is full indeed: test_full_disk.py, which only root can run.
    """
    application.tamper(
        "CREATE FUNCTION public.full_disk() RETURNS trigger LANGUAGE plpgsql AS $$ "
        "BEGIN RAISE EXCEPTION 'could not extend file' USING ERRCODE = 'disk_full'; END $$"
    )
    application.tamper(
        "CREATE TRIGGER full_disk BEFORE INSERT ON audit.event "
        "FOR EACH ROW EXECUTE FUNCTION public.full_disk()"
    )
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            look()
    application.tamper("DROP TRIGGER full_disk ON audit.event")
    number = look()
    application.sealer().seal()
    assert application.ask("SELECT events FROM audit.tile WHERE level = 0") == [number]


@pytest.mark.parametrize("jump", ["1 hour", "-1 hour", "40 days", "-40 days"])
def test_f15_a_clock_that_jumps_changes_neither_order_nor_proof(log, jump):
    """Over New Year too: the order is the transactions', the month is the stamp's."""
    first = log.append()
    moved = log.append()
    log.tamper(
        "UPDATE audit.event SET recorded_at = recorded_at + %s::interval WHERE id = %s", jump, moved
    )
    last = log.append()
    log.sealer().seal()
    assert log.ask("SELECT events FROM audit.tile WHERE level = 0") == [first, moved, last]
    report = Verification(
        log.connect("ankang_app"),
        log=LOG_SIGNER.verifier,
        witness=WITNESS_SIGNER.verifier,
        memory=None,
    ).run()
    assert report.findings == []
