"""The access events of one test."""

from collections.abc import Callable
from typing import Any

import pytest

Events = Callable[[], list[dict[str, Any]]]


@pytest.fixture
def events(db: None) -> Events:
    """`events()` returns what this test has recorded so far, oldest first, as dictionaries.

    The log cannot be emptied, so the fixture marks where it stood when the test began. Ask for it
    before the deed.
    """
    from django.db import connection

    def fetch(query: str, *parameters: object) -> list[dict[str, Any]]:
        with connection.cursor() as cursor:
            cursor.execute(query, parameters)
            columns = [column.name for column in cursor.description]
            return [dict(zip(columns, row, strict=True)) for row in cursor.fetchall()]

    (mark,) = fetch("SELECT coalesce(max(id), 0) AS id FROM audit.event")
    return lambda: [
        _parsed(row)
        for row in fetch("SELECT * FROM audit.event WHERE id > %s ORDER BY id", mark["id"])
    ]


def _parsed(row: dict[str, Any]) -> dict[str, Any]:
    """Django's cursor leaves jsonb as text, so that JSONField can decode it."""
    import json

    return row | {"detail": json.loads(row["detail"])}
