"""The rules of the house, each under its id."""

from pathlib import Path

import pytest
from django.core.checks import run_checks
from django.urls import path
from django.urls.resolvers import RegexPattern, URLResolver

from apps.core import checks


def resolver_of(*patterns) -> URLResolver:
    module = type("urls", (), {"urlpatterns": list(patterns)})
    return URLResolver(RegexPattern(r"^/"), module)


def test_the_project_keeps_the_rules() -> None:
    assert [found for found in run_checks(tags=["ankang"]) if found.id.startswith("ANK")] == []


def test_ANK_E001_a_route_without_policy(monkeypatch) -> None:
    def bare(request):
        raise AssertionError

    monkeypatch.setattr(checks, "get_resolver", lambda: resolver_of(path("bare/", bare)))
    (error,) = checks.check_routes_have_a_policy()
    assert error.id == "ANK.E001"
    assert "bare/" in error.msg
    assert "@guard" in error.hint


@pytest.mark.parametrize(
    ("source", "lines"),
    [
        ("x = Booking.objects.all()", [1]),
        ("\nfor each in self.model._default_manager.all(): pass", [2]),
        ("x = fetch_booking(pk, by=actor)", []),
        ("# Booking.objects in a comment\nx = 'Booking.objects'", []),
    ],
)
def test_ANK_E002_finds_managers_in_views(source, lines) -> None:
    assert checks.lines_with_objects(source) == lines


def test_ANK_E002_covers_views_packages(monkeypatch, tmp_path) -> None:
    view = tmp_path / "views" / "book_slot.py"
    view.parent.mkdir()
    view.write_text("x = Booking.objects.first()\n")
    monkeypatch.setattr(checks, "_sources", lambda name: [view])
    assert [error.id for error in checks.check_views_do_not_query()] == ["ANK.E002"]


def test_ANK_E003_a_long_file(monkeypatch, tmp_path: Path) -> None:
    long, short = tmp_path / "long.py", tmp_path / "short.py"
    long.write_text("x = 1\n" * 401)
    short.write_text("x = 1\n" * 400)
    monkeypatch.setattr(checks, "_sources", lambda name: [long, short])
    (error,) = checks.check_files_are_short()
    assert error.id == "ANK.E003"
    assert "long.py has 401 lines" in error.msg
