"""Connections past Django, as another role or beside the one of the test; a log that is down."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import DatabaseError, connection
from psycopg import Connection, sql

from apps.audit import services
from apps.audit.actors import Actor
from apps.audit.events import Event, event
from apps.audit.terms import Action
from config.environment import read
from tests.audit import sealed
from tests.support.database import DatabaseUrls

ConnectAs = Callable[[str], Connection]


@pytest.fixture
def connect_as(database_urls: DatabaseUrls, django_db_setup: None) -> Iterator[ConnectAs]:
    """`connect_as(role)` opens a connection to the test database that has exactly the rights of this role."""
    with ExitStack() as opened:

        def connect(role: str) -> Connection:
            made = opened.enter_context(psycopg.connect(database_urls.admin, autocommit=True))
            made.execute(sql.SQL("SET SESSION AUTHORIZATION {}").format(sql.Identifier(role)))
            return made

        yield connect


@pytest.fixture
def log_in() -> Event:
    return event(Action.LOG_IN, by=Actor.system("test"))


@pytest.fixture(scope="session")
def _log_template(django_db_setup: None) -> Iterator[None]:
    sealed.make_template()
    yield
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        sealed.drop(admin, sealed.TEMPLATE)


@pytest.fixture
def log(_log_template: None, tmp_path: Path) -> Iterator[sealed.SealedLog]:
    """An access log in a database of its own, which a test may seal and tamper with."""
    made = sealed.SealedLog("test_ankang_log", tmp_path)
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        sealed.copy(admin, sealed.TEMPLATE, made.name)
        yield made
        made.close()
        sealed.drop(admin, made.name)


@pytest.fixture
def old(log):
    """Three events of March 2019 between others, sealed."""
    log.tamper(
        "CREATE TABLE audit.event_2019_03 PARTITION OF audit.event "
        "FOR VALUES FROM ('2019-03-01') TO ('2019-04-01')"
    )
    log.tamper("ALTER TABLE audit.event_2019_03 OWNER TO ankang_audit")
    log.append(2)
    for number in [log.append() for _ in range(3)]:
        log.tamper(
            "UPDATE audit.event SET recorded_at = '2019-03-0%s' WHERE id = %%s" % (number % 9 + 1),
            number,
        )
    log.append(2)
    log.sealer().seal()
    return log


def ask(statement: str, *parameters: Any) -> Any:
    """The first column of the first row, as the application sees it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]


@pytest.fixture
def downtime_folder(settings: Any, tmp_path: Path) -> None:
    """The journal of this test alone."""
    settings.DOWNTIME = tmp_path / "downtime"


@pytest.fixture
def log_down(monkeypatch: pytest.MonkeyPatch) -> pytest.MonkeyPatch:
    """The database takes no events; `log_down.undo()` repairs it."""

    def refuse(*_: object) -> None:
        raise DatabaseError("no partition of relation")

    monkeypatch.setattr(services, "_append", refuse)
    return monkeypatch
