"""The test database: made by an administrator, migrated by ankang_owner, used by ankang_app.

So a test fails where production would: a table the application may not write is not writable here
either. Django is imported inside the functions, because the agent's tests load this conftest
without it.
"""

import os
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

import pytest


@dataclass(frozen=True)
class DatabaseUrls:
    """How to reach the test database, for a second connection or another process."""

    name: str
    app: str
    owner: str
    admin: str


@pytest.fixture(scope="session")
def database_urls(django_test_environment: None) -> DatabaseUrls:
    """Of the test database; the servers come from `python -m config.supervisor test`."""
    from psycopg.conninfo import conninfo_to_dict, make_conninfo

    from config.environment import read

    name = f"test_{conninfo_to_dict(read('DATABASE_URL'))['dbname']}"
    return DatabaseUrls(
        name,
        *(
            make_conninfo(read(variable), dbname=name)
            for variable in ("DATABASE_URL", "DATABASE_OWNER_URL", "DATABASE_ADMIN_URL")
        ),
    )


@pytest.fixture(scope="session")
def django_db_setup(
    database_urls: DatabaseUrls, django_db_blocker: Any, django_db_keepdb: bool
) -> Iterator[None]:
    """Replaces pytest-django's, which would do everything as one and the same role."""
    from django.core.management import call_command
    from django.db import connection
    from django.test import TransactionTestCase

    from tests.support.emptying import Emptier

    with pytest.MonkeyPatch.context() as patch, django_db_blocker.unblock():
        connection.close()
        _make_database(database_urls, keep=django_db_keepdb)
        # In place: connections of other threads share this dictionary.
        patch.setitem(connection.settings_dict, "NAME", database_urls.name)
        with pytest.MonkeyPatch.context() as owner:
            for key, value in _login_of(database_urls.owner).items():
                owner.setitem(connection.settings_dict, key, value)
            call_command("migrate", verbosity=0)
            connection.close()
        call_command("load_reference", verbosity=0)
        emptier = Emptier(database_urls.admin)
        patch.setattr(TransactionTestCase, "_fixture_teardown", lambda case: emptier.empty())
        yield
        connection.close()
        emptier.close()
        if not django_db_keepdb:
            _drop_database(database_urls)


@pytest.fixture
def test_environment(database_urls: DatabaseUrls, django_db_setup: None) -> dict[str, str]:
    """Environment variables under which another process finds the test database."""
    return os.environ | {
        "DATABASE_URL": _as_url(database_urls.app),
        "DATABASE_OWNER_URL": _as_url(database_urls.owner),
        "DATABASE_ADMIN_URL": _as_url(database_urls.admin),
    }


def _make_database(urls: DatabaseUrls, *, keep: bool) -> None:
    import psycopg
    from psycopg import sql

    from apps.audit.roles import APP, make_database, make_roles, passwords_in, prepare_database
    from config.environment import read

    if not keep:
        _drop_database(urls)
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        make_roles(admin, passwords=passwords_in([urls.app, urls.owner]))
        make_database(admin, urls.name)
    with psycopg.connect(urls.admin, autocommit=True) as admin:
        prepare_database(admin)
        # A test's one transaction holds what are hundreds of requests; production's limits are a request's.
        for limit in ("transaction_timeout", "idle_in_transaction_session_timeout"):
            admin.execute(
                sql.SQL("ALTER ROLE {} IN DATABASE {} SET {} = 0").format(
                    sql.Identifier(APP), sql.Identifier(urls.name), sql.Identifier(limit)
                )
            )


def _drop_database(urls: DatabaseUrls) -> None:
    import psycopg
    from psycopg import sql

    from config.environment import read

    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        name = sql.Identifier(urls.name)
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))


def _login_of(conninfo: str) -> dict[str, str]:
    from psycopg.conninfo import conninfo_to_dict

    parts = conninfo_to_dict(conninfo)
    return {"USER": str(parts.get("user", "")), "PASSWORD": str(parts.get("password", ""))}


def _as_url(conninfo: str) -> str:
    from urllib.parse import quote

    from psycopg.conninfo import conninfo_to_dict

    parts = {key: quote(str(value), safe="") for key, value in conninfo_to_dict(conninfo).items()}
    password = f":{parts['password']}" if "password" in parts else ""
    port = f":{parts['port']}" if "port" in parts else ""
    host = parts.get("host", "")
    return f"postgresql://{parts['user']}{password}@{host}{port}/{parts['dbname']}"
