"""Who may do what in the database."""

import pytest
from django.core.management import CommandError, call_command

from apps.audit.roles import LOGINS, SETTINGS, passwords_in
from tests.audit.conftest import ask

pytestmark = pytest.mark.django_db


def test_create_roles_may_run_again(capsys, django_db_blocker):
    call_command("create_roles")
    call_command("create_roles")
    assert "was there" in capsys.readouterr().out


def test_create_roles_wants_a_database(monkeypatch):
    monkeypatch.setenv("DATABASE_URL", "postgresql://ankang_app@localhost")
    with pytest.raises(CommandError, match="names no database"):
        call_command("create_roles")


def test_passwords_come_from_the_urls_of_our_roles_only():
    urls = [
        "postgresql://ankang_app:secret%40one@db/ankang",
        "postgresql://ankang_owner@db/ankang",
        "postgresql://postgres:other@db/postgres",
        "",
    ]
    assert passwords_in(urls) == {"ankang_app": "secret@one"}


@pytest.mark.parametrize("role", [*LOGINS, "ankang_audit"])
def test_no_role_is_mighty(role):
    query = """
        SELECT rolsuper OR rolcreaterole OR rolcreatedb OR rolreplication OR rolbypassrls
        FROM pg_roles WHERE rolname = %s
    """
    assert ask(query, role) is False


def test_nobody_logs_in_as_the_owner_of_the_log():
    assert ask("SELECT rolcanlogin FROM pg_roles WHERE rolname = 'ankang_audit'") is False


def test_only_the_owner_may_become_the_owner_of_the_log_and_only_by_saying_so():
    query = """
        SELECT array_agg(member::regrole::text || ' ' || inherit_option || ' ' || set_option)
        FROM pg_auth_members WHERE roleid = 'ankang_audit'::regrole
    """
    assert ask(query) == ["ankang_owner false true"]


@pytest.mark.parametrize(("role", "setting"), [(r, s) for r in SETTINGS for s in SETTINGS[r]])
def test_no_role_keeps_a_transaction_open_for_long(role, setting):
    query = "SELECT %s = ANY(rolconfig) FROM pg_roles WHERE rolname = %s"
    assert ask(query, f"{setting}={SETTINGS[role][setting]}", role) is True


RIGHTS = {
    "ankang_app": {"SELECT"},
    "ankang_sealer": {"SELECT"},
    "ankang_owner": set(),
    "ankang_witness": set(),
    "ankang_retention": {"SELECT"},
}


def rights_on(table: str, role: str) -> set[str]:
    return {
        right
        for right in ("SELECT", "INSERT", "UPDATE", "DELETE", "TRUNCATE", "REFERENCES", "TRIGGER")
        if ask("SELECT has_table_privilege(%s, %s, %s)", role, f"audit.{table}", right)
    }


@pytest.mark.parametrize("role", RIGHTS)
def test_rights_on_the_events(role):
    assert rights_on("event", role) == RIGHTS[role]


# Who adds what to the seals; everybody who handles proofs reads them.
ADDS = {"tile": "ankang_sealer", "checkpoint": "ankang_sealer", "cosignature": "ankang_witness"}


@pytest.mark.parametrize("role", RIGHTS)
@pytest.mark.parametrize("table", ADDS)
def test_rights_on_the_seals(table, role):
    reads = set() if role == "ankang_owner" else {"SELECT"}
    adds = {"INSERT"} if ADDS[table] == role else set()
    assert rights_on(table, role) == reads | adds


@pytest.mark.parametrize("role", LOGINS)
def test_only_the_sealer_opens_a_shard(role):
    query = "SELECT has_function_privilege(%s, 'audit.open_shard(integer, text)', 'EXECUTE')"
    assert ask(query, role) is (role == "ankang_sealer")
    assert ask("SELECT has_table_privilege(%s, 'audit.shard', 'UPDATE')", role) is False


@pytest.mark.parametrize("role", LOGINS)
def test_only_retention_takes_a_month_away(role):
    query = "SELECT has_function_privilege(%s, 'audit.retire_month(date, bigint, text)', 'EXECUTE')"
    assert ask(query, role) is (role == "ankang_retention")


@pytest.mark.parametrize("role", LOGINS)
def test_only_the_application_appends(role):
    query = "SELECT has_function_privilege(%s, 'audit.append(jsonb)', 'EXECUTE')"
    assert ask(query, role) is (role == "ankang_app")


def test_the_application_owns_nothing_and_makes_nothing():
    assert ask("SELECT count(*) FROM pg_class WHERE relowner = 'ankang_app'::regrole") == 0
    assert ask("SELECT has_schema_privilege('ankang_app', 'public', 'CREATE')") is False


def test_the_application_uses_every_table_of_the_owner_and_empties_none():
    query = """
        SELECT array_agg(relname::text) FROM pg_class
        WHERE relnamespace = 'public'::regnamespace AND relkind = 'r'
          AND (NOT has_table_privilege('ankang_app', oid, 'SELECT, INSERT, UPDATE, DELETE')
               OR has_table_privilege('ankang_app', oid, 'TRUNCATE'))
    """
    assert ask(query) is None
