"""The demo's made-up year goes into an empty log, once: `make demo` again does not double it."""

import pytest

from apps.portal.demo import history


@pytest.fixture
def year(monkeypatch) -> None:
    """One event instead of a year's."""
    parts = ("role", "card_kind", "service")
    told = {"action": "log_in", "outcome": "permitted", **dict.fromkeys(parts, "")}
    monkeypatch.setattr(history, "_year", lambda today: [(history._at(today, 9, 0), told)])


def events(log) -> int:
    return log.ask("SELECT count(*) FROM audit.event")


def test_nothing_into_a_sealed_log(log, year):
    log.append()
    log.sealer().seal()
    assert history.load_history(log.reuse("postgres")) == 0
    assert events(log) == 1


def test_nothing_beside_a_history(log, year):
    number = log.append()
    log.tamper(
        "UPDATE audit.event SET recorded_at = recorded_at - interval '3 days' WHERE id = %s", number
    )
    assert history.load_history(log.reuse("postgres")) == 0
    assert events(log) == 1


def test_once_into_a_log_of_today(log, year):
    log.append()
    assert history.load_history(log.reuse("postgres")) == 1
    assert events(log) == 2
