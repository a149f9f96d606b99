"""Connections past Django: as another role, or beside the one of the test."""

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from typing import Any

import psycopg
import pytest
from django.db import connection
from psycopg import Connection, sql

from apps.audit.actors import Actor
from apps.audit.events import Event, event
from apps.audit.terms import Action
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


def ask(statement: str, *parameters: Any) -> Any:
    """The first column of the first row, as the application sees it."""
    with connection.cursor() as cursor:
        cursor.execute(statement, parameters)
        return cursor.fetchone()[0]
