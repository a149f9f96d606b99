"""An outside FHIR R4 server, running as a process of its own, in every way it can fail."""

import subprocess
import sys
from collections.abc import Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import httpx
import pytest

from apps.core import clock
from apps.identities.models import Identity
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.immunizations.doses import Dose
from apps.immunizations.providers import FhirImmunizations, merge, source_of
from apps.queries.answers import Answer, Question
from apps.queries.providers import SourceFailed, ask, fhir
from apps.queries.providers.breaker import Breaker
from apps.queries.providers.fhir import FhirServer
from apps.queries.terms import AnswerState
from tests.support.bedside import PATIENT

PROGRAM = Path(__file__).parent / "fhir_server.py"
QUICK = httpx.Timeout(0.5, connect=0.5)


@pytest.fixture(scope="module")
def origin() -> Iterator[str]:
    with subprocess.Popen([sys.executable, PROGRAM], stdout=subprocess.PIPE, text=True) as process:
        assert process.stdout is not None
        yield f"http://127.0.0.1:{process.stdout.readline().strip()}"
        process.kill()


@pytest.fixture(autouse=True)
def no_waiting(monkeypatch) -> None:
    monkeypatch.setattr(fhir, "FIRST_WAIT", 0.01)


def server(origin: str, way: str, **more: Any) -> FhirServer:
    values = {"timeout": QUICK, "breaker": Breaker()} | more
    return FhirServer(f"{origin}/{way}", **values)


def search(origin: str, way: str) -> fhir.Found:
    return server(origin, way).search("Immunization", {"status": "completed"})


def asked(origin: str, way: str) -> list[dict[str, Any]]:
    return [each for each in httpx.get(f"{origin}/asked").json() if each["way"] == way]


def test_all_pages_are_read(origin) -> None:
    found = search(origin, "pages")
    assert (len(found.resources), found.complete) == (3, True)


@pytest.mark.parametrize(
    ("way", "number"), [("elsewhere", 1), ("warned", 1), ("endless", fhir.MOST_PAGES)]
)
def test_an_answer_in_part_says_so(origin, way, number) -> None:
    found = search(origin, way)
    assert (len(found.resources), found.complete) == (number, False)


def test_a_passing_fault_is_tried_again(origin) -> None:
    assert search(origin, "flaky").complete
    assert len(asked(origin, "flaky")) == 3


@pytest.mark.parametrize(
    ("way", "reason", "tries"),
    [
        ("down", "http_503", 3),
        ("slow", "time_out", 3),
        ("denied", "http_401", 1),
        ("missing", "http_404", 1),
        ("moved", "http_302", 1),
        ("html", "not_json", 1),
        ("list", "not_a_bundle", 1),
        ("patient", "not_a_bundle", 1),
        ("broken", "not_a_bundle", 1),
        ("big", "answer_too_large", 1),
    ],
)
def test_no_fault_becomes_an_empty_answer(origin, way, reason, tries) -> None:
    before = len(asked(origin, way))
    with pytest.raises(SourceFailed) as failure:
        search(origin, way)
    assert failure.value.reason == reason
    assert len(asked(origin, way)) - before == tries


def test_nobody_there() -> None:
    nobody = FhirServer("http://127.0.0.1:9", timeout=QUICK, breaker=Breaker())
    with pytest.raises(SourceFailed) as failure:
        nobody.search("Immunization", {})
    assert failure.value.reason == "no_connection"


def test_the_breaker_opens_closes_and_lets_one_try() -> None:
    now = [0.0]
    breaker = Breaker(failures=2, pause=30, clock=lambda: now[0])

    def question(*, fails: bool) -> str:
        try:
            with breaker.guarding():
                if fails:
                    raise SourceFailed("time_out")
        except SourceFailed as failure:
            return failure.reason
        return ""

    assert [question(fails=True) for _ in range(2)] == ["time_out", "time_out"]
    assert question(fails=False) == "circuit_open"
    now[0] = 29.9
    assert question(fails=False) == "circuit_open"
    now[0] = 30.0
    assert question(fails=True) == "time_out"  # one tries,
    assert question(fails=False) == "circuit_open"  # and the pause begins again
    now[0] = 60.1
    assert question(fails=False) == ""
    assert question(fails=True) == "time_out"
    assert question(fails=False) == ""


def test_an_open_circuit_asks_the_server_nothing(origin) -> None:
    broken = server(origin, "missing", breaker=Breaker(failures=1))
    for _ in range(3):
        with pytest.raises(SourceFailed):
            broken.search("Immunization", {})
    before = len(asked(origin, "missing"))
    with pytest.raises(SourceFailed):
        broken.search("Immunization", {})
    assert len(asked(origin, "missing")) == before


# --- Immunizations ---------------------------------------------------------------------------------


def question(patient: object = None) -> Question:
    known = patient or identify(kind=IdentifierKind.NATIONAL_ID, value=PATIENT)
    return Question(patient=known, until=clock.today() - timedelta(days=1))


def doses(origin: str, way: str, *, influenza: bool) -> Answer[Dose]:
    return ask(FhirImmunizations(server(origin, way), influenza=influenza), question())


@pytest.mark.django_db
def test_doses_are_sorted_into_the_two_tabs(origin) -> None:
    influenza = doses(origin, "pages", influenza=True)
    assert [dose.vaccine for dose in influenza.rows] == ["流感疫苗", "Influenza, nasal"]
    first = influenza.rows[0]
    assert (first.given_on.isoformat(), first.institution) == ("2024-10-01", "外部醫院")
    assert (first.lot, first.brand, first.dose) == ("OUT-1", "國光", 1)
    assert [d.vaccine for d in doses(origin, "pages", influenza=False).rows] == ["狂犬病疫苗"]


@pytest.mark.django_db
def test_the_number_stands_in_the_body_and_in_no_address(origin) -> None:
    before = len(asked(origin, "plain"))  # by other tests
    FhirImmunizations(server(origin, "plain", token="t0"), influenza=True).answer(question())
    (sent,) = asked(origin, "plain")[before:]
    assert sent["parameters"]["patient.identifier"] == [f"http://www.moi.gov.tw|{PATIENT}"]
    assert PATIENT not in sent["path"]
    assert (sent["method"], sent["authorization"]) == ("POST", "Bearer t0")


@pytest.mark.django_db
@pytest.mark.parametrize(
    ("way", "state", "rows"),
    [
        ("plain", AnswerState.COMPLETE, 1),
        ("empty", AnswerState.COMPLETE, 0),
        ("odd", AnswerState.PARTIAL, 1),
        ("warned", AnswerState.PARTIAL, 1),
        ("down", AnswerState.FAILED, 0),
    ],
)
def test_how_far_an_answer_can_be_relied_on(origin, way, state, rows) -> None:
    answer = doses(origin, way, influenza=True)
    assert (answer.state, len(answer.rows)) == (state, rows)
    assert answer.nothing == (state == AnswerState.COMPLETE and rows == 0)


@pytest.mark.django_db
def test_somebody_without_a_national_id_is_not_asked_about(origin) -> None:
    stranger = Identity.objects.create().pk
    answer = ask(FhirImmunizations(server(origin, "plain"), influenza=True), question(stranger))
    assert (answer.failed, answer.reason) == (True, "no_national_id")


@pytest.mark.django_db
def test_both_sources_together_show_a_dose_once(origin, settings) -> None:
    settings.FHIR_SOURCES = {"HIQS": (f"{origin}/pages", "")}
    outside = doses(origin, "pages", influenza=True).rows[0]
    ours = Dose(**vars(outside) | {"institution": "培靈醫院", "source": "NIIS"})
    answer = ask(source_of(lambda asked: [ours], influenza=True), question())
    assert [dose.source for dose in answer.rows] == ["NIIS", "外部預防接種登錄系統"]
    assert answer.state == AnswerState.COMPLETE
    settings.FHIR_SOURCES = {"HIQS": (f"{origin}/down", "")}
    partly = ask(source_of(lambda asked: [ours], influenza=True), question())
    assert (partly.state, partly.missing) == (AnswerState.PARTIAL, ("外部預防接種登錄系統",))


def test_merged_doses_are_newest_first() -> None:
    def dose(day: str, number: int) -> Dose:
        return Dose("FLU", "流感疫苗", "", number, clock.today().fromisoformat(day), "", "", day)

    merged = merge([dose("2020-01-01", 1), dose("2024-01-01", 1), dose("2024-01-01", 2)])
    assert [(each.given_on.year, each.dose) for each in merged] == [(2024, 2), (2024, 1), (2020, 1)]


@pytest.mark.parametrize("text", ["HIQS", "HIQS=ftp://x", "=,"])
def test_a_wrong_setting_does_not_start(text) -> None:
    from django.core.exceptions import ImproperlyConfigured

    from config.environment import read_fhir_sources

    with pytest.raises(ImproperlyConfigured):
        read_fhir_sources(text)


def test_sources_and_their_tokens_come_from_the_environment(monkeypatch) -> None:
    from config.environment import read_fhir_sources

    monkeypatch.setenv("ANKANG_FHIR_TOKEN_HIQS", "secret")
    text = "HIQS=https://a.invalid/fhir, TCH=https://b.invalid/r4"
    assert read_fhir_sources(text) == {
        "HIQS": ("https://a.invalid/fhir", "secret"),
        "TCH": ("https://b.invalid/r4", ""),
    }
