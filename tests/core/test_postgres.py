"""A connection is looked at instead of asked, and still found dead when it is."""

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext

from apps.core.postgres import base


@pytest.fixture
def asked(monkeypatch):
    """Counts the round trips of Django's own health check."""
    calls = []
    own = base.base.DatabaseWrapper.is_usable
    monkeypatch.setattr(
        base.base.DatabaseWrapper, "is_usable", lambda self: calls.append(1) or own(self)
    )
    return calls


def begin_request() -> None:
    """What Django does at the first query of a request."""
    connection.health_check_enabled = True
    connection.health_check_done = False
    with connection.cursor() as cursor:
        cursor.execute("SELECT 1")


@pytest.mark.django_db(transaction=True)
def test_a_connection_used_a_moment_ago_is_not_asked(asked) -> None:
    begin_request()
    asked.clear()
    with CaptureQueriesContext(connection) as sent:
        begin_request()
    assert (asked, len(sent)) == ([], 1)


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_rested_is_asked(asked, monkeypatch) -> None:
    begin_request()
    asked.clear()
    monkeypatch.setattr(connection, "_asked_at", connection._asked_at - base.TRUSTED_SECONDS - 1)
    begin_request()
    assert asked == [1]


@pytest.mark.django_db(transaction=True)
def test_a_connection_that_the_server_ended_is_replaced(asked) -> None:
    begin_request()
    dead = connection.connection
    pid = dead.info.backend_pid
    other = connection.copy()
    with other.cursor() as cursor:
        cursor.execute("SELECT pg_terminate_backend(%s, 5000)", [pid])
    other.close()
    begin_request()
    assert connection.connection is not dead
    assert asked
