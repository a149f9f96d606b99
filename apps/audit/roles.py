"""The database roles: cluster-wide, so a command makes them once, not a migration (DESIGN 5).

Who may do what: docs/explanation/access-log.md. Everything here is repeat-safe and runs on psycopg
directly, because no Django connection has the rights, and the tests make their database with the
same functions.
"""

from collections.abc import Iterable, Mapping

from psycopg import Connection, sql
from psycopg.conninfo import conninfo_to_dict

OWNER = "ankang_owner"
AUDIT = "ankang_audit"
APP = "ankang_app"
SEALER = "ankang_sealer"
WITNESS = "ankang_witness"
RETENTION = "ankang_retention"
LOGINS = (OWNER, APP, SEALER, WITNESS, RETENTION)

# The sealer waits for the oldest open transaction of the whole cluster, so no transaction may stay
# open for long. The owner's DDL gives up on a lock instead of queueing every request behind it.
SETTINGS: dict[str, dict[str, str]] = {
    OWNER: {"idle_in_transaction_session_timeout": "1min", "lock_timeout": "5s"},
    APP: {"idle_in_transaction_session_timeout": "30s", "transaction_timeout": "2min"},
    SEALER: {"idle_in_transaction_session_timeout": "10s", "transaction_timeout": "1min"},
    WITNESS: {"idle_in_transaction_session_timeout": "10s", "transaction_timeout": "1min"},
    RETENTION: {"idle_in_transaction_session_timeout": "1min", "transaction_timeout": "1h"},
}


def passwords_in(urls: Iterable[str]) -> dict[str, str]:
    """The passwords that connection URLs hold for our roles."""
    parts = [conninfo_to_dict(url) for url in urls if url]
    return {
        str(each["user"]): str(each["password"])
        for each in parts
        if each.get("user") in LOGINS and each.get("password")
    }


def make_roles(admin: Connection, *, passwords: Mapping[str, str]) -> None:
    """Makes the roles of the cluster; `admin` may create roles and is in autocommit."""
    with admin.transaction():
        admin.execute("SELECT pg_advisory_xact_lock(hashtext('ankang roles'))")
        present = {row[0] for row in admin.execute("SELECT rolname FROM pg_roles")}
        for role in (*LOGINS, AUDIT):
            if role not in present:
                admin.execute(sql.SQL("CREATE ROLE {}").format(sql.Identifier(role)))
        admin.execute(sql.SQL("ALTER ROLE {} NOLOGIN").format(sql.Identifier(AUDIT)))
        for role in LOGINS:
            _let_log_in(admin, role, passwords.get(role))
        # Not inherited: migrations say SET ROLE to touch the log, and nothing touches it by accident.
        _run(admin, "GRANT {audit} TO {owner} WITH INHERIT FALSE, SET TRUE")
        if not _is_superuser(
            admin
        ):  # a managed server's administrator has to belong to the owner it works for
            _run(admin, "GRANT {owner} TO CURRENT_USER WITH INHERIT TRUE, SET TRUE")


def make_database(admin: Connection, name: str) -> bool:
    """Creates the database, owned by ankang_owner; False when it was there. `admin` is in autocommit."""
    if admin.execute("SELECT FROM pg_database WHERE datname = %s", [name]).fetchone() is not None:
        return False
    _run(
        admin, "CREATE DATABASE {name} OWNER {owner} ENCODING 'UTF8' TEMPLATE template0", name=name
    )
    return True


def prepare_database(admin: Connection) -> None:
    """The rights inside the database that `admin` is connected to.

    Tables that the owner will make are the application's to use.
    """
    with admin.transaction():
        name = admin.info.dbname
        _run(admin, "REVOKE ALL ON DATABASE {name} FROM PUBLIC", name=name)
        _run(
            admin,
            "GRANT CONNECT ON DATABASE {name} TO {app}, {sealer}, {witness}, {retention}",
            name=name,
        )
        _run(admin, "GRANT TEMPORARY ON DATABASE {name} TO {app}", name=name)
        _run(admin, "REVOKE CREATE ON SCHEMA public FROM PUBLIC")
        _run(admin, "GRANT USAGE ON SCHEMA public TO {app}")
        default = "ALTER DEFAULT PRIVILEGES FOR ROLE {owner} IN SCHEMA public GRANT "
        _run(admin, default + "SELECT, INSERT, UPDATE, DELETE ON TABLES TO {app}")
        _run(admin, default + "USAGE, SELECT ON SEQUENCES TO {app}")


def _let_log_in(admin: Connection, role: str, password: str | None) -> None:
    command = sql.SQL("ALTER ROLE {} LOGIN").format(sql.Identifier(role))
    if password:
        command += sql.SQL(" PASSWORD {}").format(sql.Literal(password))
    admin.execute(command)
    for setting, value in SETTINGS[role].items():
        admin.execute(
            sql.SQL("ALTER ROLE {} SET {} = {}").format(
                sql.Identifier(role), sql.Identifier(setting), sql.Literal(value)
            )
        )


def _is_superuser(admin: Connection) -> bool:
    row = admin.execute("SELECT rolsuper FROM pg_roles WHERE rolname = current_user").fetchone()
    return bool(row and row[0])


def _run(admin: Connection, command: str, *, name: str = "") -> None:
    admin.execute(
        sql.SQL(command).format(
            name=sql.Identifier(name or "unused"),
            owner=sql.Identifier(OWNER),
            audit=sql.Identifier(AUDIT),
            app=sql.Identifier(APP),
            sealer=sql.Identifier(SEALER),
            witness=sql.Identifier(WITNESS),
            retention=sql.Identifier(RETENTION),
        )
    )
