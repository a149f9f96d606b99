"""Every route × every kind of person: works, not granted 403, other institution 404, wrong method 405."""

from collections.abc import Iterator
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from tests.matrix.cells import Row
from tests.matrix.rows import ALL_ROWS, UNNAMED
from tests.matrix.traces import check_trace, recorded
from tests.matrix.world import World, rolled_back


def named_routes(resolver: URLResolver, namespace: str = "", prefix: str = "") -> set[str]:
    """Every route by its name, and those without a name by their pattern."""
    found = set()
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found.add(f"{namespace}{pattern.name}" if pattern.name else route)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found |= named_routes(pattern, inner, route)
    return found


def test_every_route_has_a_row() -> None:
    routes = named_routes(get_resolver())
    unnamed = {route for route in routes if not route.replace(":", "_").replace("_", "").isalnum()}
    assert {route.removesuffix("/") for route in routes - unnamed} == {
        row.route for row in ALL_ROWS
    }
    assert all(any(route.endswith(end[-15:]) for end in UNNAMED) for route in unnamed)


@pytest.fixture(scope="module")
def world(django_db_setup: None, django_db_blocker: Any) -> Iterator[World]:
    """Made once: building it costs ten times what a row does."""
    with django_db_blocker.unblock(), rolled_back():
        yield World()


@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.method} {row.route}") for row in ALL_ROWS]
)
def test_row(world: World, row: Row) -> None:
    """The status for each kind of person, and the trace that each answer leaves in the log (H1)."""
    expected = row.expected()
    found = {}
    for subject in expected:
        answer, events = world.call(subject, row, inside=recorded)
        found[subject] = answer.status_code
        check_trace(row, subject, answer, events)
    assert found == expected


@pytest.mark.django_db
def test_a_refused_route_leaves_a_refused_event(events: Any) -> None:
    world = World()
    world.clients["ungranted"].get("/booking/")
    (event,) = [event for event in events() if event["outcome"] == "refused"]
    assert event["action"] == "read_card"
    assert (event["actor"], event["reason"]) == (world.ungranted.pk, "not_granted")
