"""Rules of the house that a machine can keep, as Django system checks with an id and a hint."""

import ast
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.conf import settings
from django.core.checks import CheckMessage, Error, register
from django.urls import URLPattern, URLResolver, get_resolver

LONGEST_FILE = 400
SKIPPED = {"migrations", "__pycache__"}


@register("ankang")
def check_routes_have_a_policy(**kwargs: Any) -> list[CheckMessage]:
    """ANK.E001: deny by default. A route that forgot to say who may use it does not start."""
    return [
        Error(
            f"The route {route!r} declares no policy.",
            hint="Decorate its view with @guard(…) of apps.access.guards, or set `policy` on its class.",
            id="ANK.E001",
        )
        for route, view in walk_routes(get_resolver())
        if policy_of(view) is None
    ]


@register("ankang")
def check_views_do_not_query(**kwargs: Any) -> list[CheckMessage]:
    """ANK.E002: a view that says `Model.objects` chooses rows by itself, past the tenant's own."""
    return [
        Error(
            f"{path}:{line} uses `.objects` in a view.",
            hint="Fetch through fetches.py or a QuerySet method that knows who asks, e.g. visible_to(actor).",
            id="ANK.E002",
        )
        for path in _sources("*.py")
        if path.stem == "views" or path.parent.name == "views"
        for line in lines_with_objects(path.read_text())
    ]


@register("ankang")
def check_files_are_short(**kwargs: Any) -> list[CheckMessage]:
    """ANK.E003: a file over 400 lines hides a second room."""
    return [
        Error(
            f"{path} has {length} lines; {LONGEST_FILE} is the limit.",
            hint="Split it by subject; modules here are around 200 lines.",
            id="ANK.E003",
        )
        for path in _sources("*.py")
        if (length := len(path.read_text().splitlines())) > LONGEST_FILE
    ]


def walk_routes(resolver: URLResolver, prefix: str = "") -> Iterator[tuple[str, Any]]:
    """Every route of the project with its view."""
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLResolver):
            yield from walk_routes(pattern, route)
        elif isinstance(pattern, URLPattern):
            yield route, pattern.callback


def policy_of(view: Any) -> Any:
    """The policy of a function view, or of the class behind a class-based one."""
    return getattr(view, "policy", None) or getattr(getattr(view, "cls", None), "policy", None)


def lines_with_objects(source: str) -> list[int]:
    """The lines that reach for a manager: `Something.objects`."""
    return [
        node.lineno
        for node in ast.walk(ast.parse(source))
        if isinstance(node, ast.Attribute) and node.attr in {"objects", "_default_manager"}
    ]


def _sources(name: str) -> list[Path]:
    return [
        path
        for folder in ("apps", "agent", "config")
        for path in sorted((settings.BASE_DIR / folder).rglob(name))
        if not SKIPPED.intersection(path.parts)
    ]
