"""Allergies and medicines of an outside FHIR R4 server, running as a process of its own."""

from collections.abc import Callable, Iterator
from typing import Any

import pytest
from django.http import HttpResponse

from apps.core import clock
from apps.queries.providers import fhir, register
from tests.emergency.conftest import TSENG
from tests.queries.test_fhir import no_waiting, origin  # noqa: F401
from tests.support.emergency import EmergencyRoom
from tests.support.events import Events

pytestmark = pytest.mark.django_db
Load = Callable[[str], None]


@pytest.fixture
def name(origin: str, settings: Any) -> Iterator[Callable[[str], None]]:  # noqa: F811
    """Names the outside server, which then behaves in this way."""

    def choose(way: str) -> None:
        settings.FHIR_SOURCES = {"IMQ": (f"{origin}/{way}", "")}
        register._server.cache_clear()  # each way has a breaker that knows nothing yet

    yield choose
    register._server.cache_clear()


def rows(page: HttpResponse, *columns: str) -> list[tuple[str, ...]]:
    """The cells of these columns, row by row, as the page has them."""
    tab = page.context["tab"]
    lines = ({cell.column: cell.text for cell in line} for line in tab.lines(page.context["rows"]))
    return [tuple(line[column] for column in columns) for line in lines]


def test_allergies_of_the_outside_register_are_shown_beside_ours(
    room: EmergencyRoom, load: Load, name: Callable[[str], None], events: Events
) -> None:
    load(TSENG)
    room.open_tabs(TSENG)
    ours = len(room.tab("allergies").context["rows"])
    name("imq")
    page = room.tab("allergies")
    found = rows(page, "ingredient", "severity", "symptoms", "institution", "origin")
    assert len(found) == ours + 2  # the refuted one is none
    assert ("naproxen", "重度", "休克、紅疹", "外部醫院", "外部登錄系統") in found
    assert ("latex", "輕度", "紅疹", "", "外部登錄系統") in found
    assert page.context["answer"].state == "complete"
    assert events()[-1]["result_count"] == ours + 2


def test_what_only_the_outside_register_knows_marks_medicines(
    room: EmergencyRoom, name: Callable[[str], None]
) -> None:
    """The medicine and the allergy are both from outside; nothing of either is in our tables."""
    name("imq")
    room.open_tabs()
    page = room.tab("cloud_medication")
    (line,) = rows(
        page, "name", "marks", "ingredient", "days", "days_left", "frequency", "quantity"
    )
    assert line[:2] == ("Naposin 250mg", "對此藥品過敏")
    assert line[2:4] + line[5:] == ("naproxen", "14", "一日兩次", "28")
    passed = (clock.today() - page.context["rows"][0].record.visited_on).days
    assert line[4] == str(14 - passed)
    assert rows(page, "institution", "source", "code") == [("外部藥局", "他院", "AC12345100")]
    glance = room.browser.get(room.path("show_first_glance")).content.decode()
    assert "naproxen" in glance
    assert "對此藥品過敏" in glance
    assert room.browser.get(room.path("show_chronic", "valid")).status_code == 200


def test_results_of_the_outside_register_are_shown_with_their_assessment(
    room: EmergencyRoom, name: Callable[[str], None]
) -> None:
    name("imq")
    room.open_tabs()
    page = room.tab("examination_results")
    assert rows(page, "item", "value", "unit", "flag", "reference_range") == [
        ("Potassium", "6.1", "mmol/L", "偏高", "3.5-5.1"),
        ("Blood type", "O+", "", "", ""),
    ]
    narrowed = room.tab("examination_results", abnormal="on")
    assert rows(narrowed, "item", "institution") == [("Potassium", "外部醫院")]


@pytest.mark.parametrize("tab", ["allergies", "cloud_medication", "examination_results"])
@pytest.mark.parametrize(
    ("way", "state"), [("imq-odd", "partial"), ("down", "partial"), ("slow", "partial")]
)
def test_a_register_that_fails_is_said_to_have_failed(
    room: EmergencyRoom,
    load: Load,
    name: Callable[[str], None],
    monkeypatch: Any,
    events: Events,
    tab: str,
    way: str,
    state: str,
) -> None:
    monkeypatch.setattr(fhir, "TIMEOUT", fhir.httpx.Timeout(0.2, connect=0.2))
    monkeypatch.setattr(fhir, "TRIES", 1)
    load(TSENG)
    room.open_tabs(TSENG)
    name(way)
    page = room.tab(tab)
    html = page.content.decode()
    assert page.context["answer"].state == state
    assert 'data-code="QRY-PARTIAL"' in html
    assert "外部登錄系統" in html
    assert "data-nothing" not in html
    assert events()[-1]["detail"]["outcome"] == state


def test_nothing_found_is_not_said_when_the_register_is_silent(
    room: EmergencyRoom, name: Callable[[str], None]
) -> None:
    name("down")
    room.open_tabs()
    html = room.tab("allergies").content.decode()
    assert "data-nothing" not in html
    assert 'data-code="QRY-PARTIAL"' in html


def test_medicines_say_that_a_warning_may_be_missing_when_allergies_are_silent(
    room: EmergencyRoom, name: Callable[[str], None]
) -> None:
    name("imq-half")
    room.open_tabs()
    page = room.tab("cloud_medication")
    assert rows(page, "name", "marks") == [("Naposin 250mg", "")]
    assert 'data-code="QRY-PARTIAL"' in page.content.decode()
