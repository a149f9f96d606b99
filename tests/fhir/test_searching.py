"""Search parameters, pages, formats: FHIR R4, 3.1.1, and clear refusals."""

from datetime import timedelta

import pytest
from django.test import Client
from django.utils import timezone

from apps.core.fhir.searching import LARGEST_COUNT, read_date
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from tests.fhir.program import refused, resources, valid
from tests.support.booking import make_booking, make_slot

pytestmark = pytest.mark.django_db


@pytest.mark.parametrize(
    ("text", "prefix", "begins", "lasts"),
    [
        ("2026", "eq", "2026-01-01T00:00:00+08:00", timedelta(days=365)),
        ("ge2026-02", "ge", "2026-02-01T00:00:00+08:00", timedelta(days=28)),
        ("2028-02", "eq", "2028-02-01T00:00:00+08:00", timedelta(days=29)),
        ("2026-12", "eq", "2026-12-01T00:00:00+08:00", timedelta(days=31)),
        ("lt2026-11-24", "lt", "2026-11-24T00:00:00+08:00", timedelta(days=1)),
        ("2026-11-24T10:00", "eq", "2026-11-24T10:00:00+08:00", timedelta(minutes=1)),
        ("2026-11-24T10:00:00Z", "eq", "2026-11-24T18:00:00+08:00", timedelta(seconds=1)),
        ("2026-11-24T10:00:00-05:00", "eq", "2026-11-24T23:00:00+08:00", timedelta(seconds=1)),
        ("2026-11-24T10:00+08:00", "eq", "2026-11-24T10:00:00+08:00", timedelta(minutes=1)),
    ],
)
def test_a_date_spans_what_it_does_not_say(text, prefix, begins, lasts) -> None:
    found, start, end = read_date(text)
    assert (found, timezone.localtime(start).isoformat()) == (prefix, begins)
    assert end - start == lasts


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13", "2026-02-30", "ap2026", "20261124", "2026-11-24T25:00", "２０２６"]
)
def test_what_is_no_date(program, text) -> None:
    refused(program.get("Slot", {"start": text}), 400, "FHIR-VALUE")


@pytest.fixture
def three(site) -> list[str]:
    """At ten, tomorrow and on the two days after."""
    return [str(make_slot(site, days=days).pk) for days in (1, 2, 3)]


def on(days: int) -> str:
    return (timezone.localdate() + timedelta(days=days)).isoformat()


@pytest.mark.parametrize(
    ("prefix", "found"),
    [
        ("", [1]),
        ("eq", [1]),
        ("ne", [0, 2]),
        ("gt", [2]),
        ("sa", [2]),
        ("ge", [1, 2]),
        ("lt", [0]),
        ("eb", [0]),
        ("le", [0, 1]),
    ],
)
def test_prefixes(program, three, prefix, found) -> None:
    bundle = valid(program.get("Slot", {"start": f"{prefix}{on(2)}"}))
    assert [each["id"] for each in resources(bundle)] == [three[place] for place in found]


def test_repeated_parameters_must_all_hold_and_commas_are_alternatives(program, three) -> None:
    both = valid(program.get("Slot", [("start", f"gt{on(1)}"), ("start", f"lt{on(3)}")]))
    assert [each["id"] for each in resources(both)] == [three[1]]
    either = valid(program.get("Slot", {"_id": f"{three[0]},{three[2]}"}))
    assert [each["id"] for each in resources(either)] == [three[0], three[2]]


def test_pages_follow_each_other_without_gap_or_repeat(program, site) -> None:
    slots = [make_slot(site, days=1 + place // 8, hour=8 + place % 8) for place in range(20)]
    bundle = valid(program.get("Slot", {"_count": "7", "start": f"ge{on(0)}"}))
    seen = resources(bundle)
    while any(link["relation"] == "next" for link in bundle["link"]):
        bundle = valid(program.follow(bundle))
        seen += resources(bundle)
    assert [each["id"] for each in seen] == [str(slot.pk) for slot in slots]


def test_a_link_keeps_what_was_asked_and_shows_no_number(program, site) -> None:
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value="A123456789")
    for hour in (8, 9, 10):
        make_booking(make_slot(site, hour=hour), patient_id=patient, state="CANCELLED")
    make_booking(make_slot(site, hour=7))
    first = valid(
        program.search("Appointment", {"patient.identifier": "A123456789", "_count": "2"})
    )
    assert all("A123456789" not in link["url"] for link in first["link"])
    second = valid(program.follow(first))
    assert len(resources(first)) == 2
    assert len(resources(second)) == 1


@pytest.mark.parametrize("cursor", ["x", "W10", "WzFd", "bnVsbA", "WyJhIiwiYiJd", "WzEsMl0"])
def test_a_cursor_of_something_else(program, cursor) -> None:
    refused(program.get("Slot", {"_cursor": cursor}), 400, "FHIR-VALUE")


def test_count(program, three) -> None:
    assert len(resources(valid(program.get("Slot", {"_count": "2"})))) == 2
    none = valid(program.get("Slot", {"_count": "0"}))
    assert (none["total"], resources(none)) == (3, [])
    refused(program.get("Slot", {"_count": "-1"}), 400, "FHIR-VALUE")
    large = valid(program.get("Slot", {"_count": "99999"}))
    assert f"_count={LARGEST_COUNT}" in large["link"][0]["url"]


@pytest.mark.parametrize(
    "name", ["colour", "Status", "status:not", "_sort", "_include", "_lastUpdated", "_summary"]
)
def test_an_unknown_parameter_is_refused_by_name(program, name) -> None:
    issue = refused(program.get("Slot", {name: "x"}), 400, "FHIR-PARAM")
    assert f"({name})" in issue["details"]["text"]


@pytest.mark.parametrize(
    "query",
    [{"status": "open"}, {"schedule": "5"}, {"_id": "5"}, {"status": ""}, {"status": "free,x"}],
)
def test_a_wrong_value_is_refused(program, query) -> None:
    refused(program.get("Slot", query), 400, "FHIR-VALUE")


@pytest.mark.parametrize("wanted", ["json", "application/json", "application/fhir+json"])
def test_json_in_all_its_names(program, wanted) -> None:
    valid(program.get("Slot", {"_format": wanted}))
    if "/" in wanted:
        valid(program.get("Slot", Accept=wanted))


def test_only_json(program) -> None:
    refused(program.get("Slot", {"_format": "xml"}), 406, "ANK-406")
    refused(program.get("Slot", Accept="application/fhir+xml"), 406, "ANK-406")


@pytest.mark.parametrize("path", ["Patient/1", "Nothing", "Slot/1/history", "Slot/_history"])
def test_what_is_not_served_is_not_found(program, path) -> None:
    refused(program.get(path), 404, "ANK-404")


def test_nothing_is_written_here(program, site) -> None:
    slot = make_slot(site)
    for method in ("post", "put", "delete", "patch"):
        call = getattr(program.client, method)
        path = "/fhir/Slot" if method == "post" else f"/fhir/Slot/{slot.pk}"
        refused(call(path, headers=program.headers), 405, "ANK-405")


def test_a_search_by_post_is_a_form(program) -> None:
    answer = program.client.post(
        "/fhir/Slot/_search", "{}", content_type="application/json", headers=program.headers
    )
    refused(answer, 415, "ANK-415")


def test_a_refusal_of_another_institutions_row_is_recorded(program, events) -> None:
    refused(program.get("Slot/7d8d9b0e-5f7e-4c58-9d4c-0d3f1a0b2c3d"), 404, "ANK-404")
    assert events()[-1]["outcome"] == "refused"
    assert Client().get("/fhir/Slot").status_code == 401
