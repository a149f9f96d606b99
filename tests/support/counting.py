"""Counting database round trips as DESIGN section 9 does: statements plus BEGIN and COMMIT."""

import time
from collections.abc import Iterator
from contextlib import AbstractContextManager, contextmanager
from typing import Any, Protocol

import pytest


class RoundTrips(Protocol):
    def __call__(self, *, at_most: int) -> AbstractContextManager[Any]: ...


@pytest.fixture
def round_trips() -> RoundTrips:
    """`with round_trips(at_most=8):` fails with the list of statements when there are more.

    Inside a test's own transaction Django sends SAVEPOINT and RELEASE where production sends BEGIN
    and COMMIT, so the count is the same.
    """
    from django.db import connection
    from django.test.utils import CaptureQueriesContext

    from apps.accounts.models import Session
    from apps.accounts.sessions import TOUCH_EVERY
    from apps.audit import edge
    from apps.audit.lag import last_look
    from apps.core import clock
    from apps.portal.contacts import forget_help_desk, help_desk

    @contextmanager
    def count(*, at_most: int) -> Iterator[CaptureQueriesContext]:
        # Asked or written down every so many seconds in each process: no part of what a request costs.
        last_look.at = edge.answers.flushed_at = time.monotonic()
        forget_help_desk()  # what a test before this one remembered may end in the midst of the count
        help_desk()
        now = clock.now()  # on a slow machine a session may be due for its touch, once a minute
        Session.objects.filter(last_seen_at__gt=now - TOUCH_EVERY * 5).update(last_seen_at=now)
        with CaptureQueriesContext(connection) as captured:
            yield captured
        statements = [query["sql"] for query in captured.captured_queries]
        listing = "\n".join(f"{i}. {sql[:200]}" for i, sql in enumerate(statements, start=1))
        assert len(statements) <= at_most, f"{len(statements)} round trips:\n{listing}"

    return count
