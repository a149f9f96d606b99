"""Services on patients' data stop when the log's sealing has stood still; the exempt go on, flagged."""

import time
from datetime import timedelta

import pytest

from apps.audit.lag import last_look
from tests.support.counter import Counter, code_of

pytestmark = pytest.mark.django_db


@pytest.fixture
def stood_still(monkeypatch):
    """As if this process had just asked and heard: five hours."""
    monkeypatch.setattr(last_look, "at", time.monotonic() + 3600)
    monkeypatch.setattr(last_look, "lag", timedelta(hours=5))


@pytest.fixture
def counter() -> Counter:
    return Counter()


def test_a_sensitive_service_answers_without_data_and_the_refusal_is_recorded(
    counter, stood_still, events
) -> None:
    page = counter.browser.get("/booking/")
    assert (page.status_code, code_of(page)) == (503, "AUD-503")
    (refused,) = events()
    assert (refused["outcome"], refused["reason"]) == ("refused", "sealing_stopped")


def test_other_pages_go_on(counter, stood_still) -> None:
    assert counter.browser.get("/my/").status_code == 200


def test_an_exempt_service_goes_on_and_its_events_say_so(
    counter, stood_still, events, settings
) -> None:
    settings.SEALING_EXEMPT = frozenset({"VBK"})
    shown = counter.open_form()
    assert shown.status_code == 200
    assert events()[-1]["detail"]["unsealed"] is True


def test_nothing_says_so_while_sealing_keeps_up(counter, events) -> None:
    counter.open_form()
    assert "unsealed" not in events()[-1]["detail"]
