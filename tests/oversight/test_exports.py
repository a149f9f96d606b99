"""Exports: a worker writes the file, only whoever asked fetches it, and it goes after a day."""

import csv
import io
import json
from datetime import timedelta

import pytest
from django.core.cache import cache

from apps.audit.models import Event
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.oversight.fhir import write_event
from apps.oversight.models import LogExport
from apps.oversight.services import exporting
from tests.support.auditing import CITIZEN, make_auditor, make_citizen, note, search
from tests.support.world import BY, Pharmacy

pytestmark = pytest.mark.django_db


@pytest.fixture
def auditor():
    return make_auditor()


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.EXPORTS = tmp_path / "exports"


def ask(auditor, kind: str = "CSV", **wanted) -> LogExport:
    """As the page does; the worker is not running here."""
    address = search(auditor, purpose="LEGAL", note="C-3", **wanted).redirect_chain[-1][0]
    answer = auditor.post(f"{address}export/", {"kind": kind})
    assert answer.status_code == 302
    return LogExport.objects.latest("made_at")


def fetch(auditor, export: LogExport) -> bytes:
    return b"".join(auditor.get(f"/oversight/exports/{export.pk}/").streaming_content)


class TestCsv:
    def test_holds_what_the_search_found_with_names(self, auditor, world) -> None:
        numbers = [note(world, Action.SHOW_BOOKING, patient=make_citizen()) for _ in range(3)]
        export = ask(auditor, person="陳怡君", action="show_booking")
        assert exporting.write_export(export.pk)
        text = fetch(auditor, export).decode("utf-8-sig")
        heading, *rows = csv.reader(io.StringIO(text))
        assert heading[:3] == ["事件編號", "時間", "人員"]
        assert [int(row[0]) for row in rows] == numbers[::-1]
        assert {(row[2], row[6]) for row in rows} == {("陳怡君", "健全藥局")}
        assert CITIZEN not in text

    @pytest.mark.parametrize("start", ["=", "+", "-", "@", "\t", "＝"])
    def test_no_cell_is_a_formula(self, auditor, world, start) -> None:
        world.institution.name = f'{start}1+1"'
        world.institution.save()
        note(world, Action.SHOW_BOOKING)
        export = ask(auditor, action="show_booking", institution=world.institution.code)
        exporting.write_export(export.pk)
        (row,) = list(csv.reader(io.StringIO(fetch(auditor, export).decode("utf-8-sig"))))[1:]
        assert row[6] == f"'{start}1+1\""


class TestFhir:
    def test_is_one_audit_event_a_line(self, auditor, world) -> None:
        patient = make_citizen()
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        export = ask(auditor, "FHIR", action="show_booking", person="陳怡君")
        exporting.write_export(export.pk)
        (line,) = fetch(auditor, export).decode().splitlines()
        resource = json.loads(line)
        assert (resource["resourceType"], resource["id"]) == ("AuditEvent", str(number))
        assert (resource["action"], resource["outcome"]) == ("R", "0")
        assert resource["entity"][0]["what"]["identifier"]["value"] == str(patient)
        assert [each["requestor"] for each in resource["agent"]] == [True, False]

    @pytest.mark.parametrize(
        ("action", "outcome", "verb", "code"),
        [
            (Action.BOOK_SLOT, Outcome.PERMITTED, "C", "0"),
            (Action.CHANGE_BOOKING, Outcome.PERMITTED, "U", "0"),
            (Action.CANCEL_BOOKING, Outcome.REFUSED, "D", "4"),
            (Action.LOG_IN, Outcome.FAILED, "E", "8"),
        ],
    )
    def test_says_kind_and_outcome_in_codes(self, world, action, outcome, verb, code) -> None:
        resource = write_event(Event.objects.get(pk=note(world, action, outcome=outcome)))
        assert (resource["action"], resource["outcome"]) == (verb, code)


def test_a_purpose_a_query_and_the_fetching_stand_in_the_log(auditor, world, events) -> None:
    export = ask(auditor, action="show_booking")
    exporting.write_export(export.pk)
    fetch(auditor, export)
    asked, fetched = (
        each for each in events() if each["action"] in ("export_log", "download_export")
    )
    assert (asked["purpose"], asked["detail"]["note"]) == ("LEGAL", "C-3")
    assert "action=show_booking" in asked["detail"]["query"]
    assert (fetched["purpose"], fetched["object_id"]) == ("LEGAL", str(export.pk))


def test_of_two_workers_one_writes(auditor) -> None:
    export = ask(auditor)
    assert exporting.write_export(export.pk)
    assert not exporting.write_export(export.pk)


def test_a_fault_leaves_no_half_file(auditor, world, monkeypatch) -> None:
    def broken(*_):
        raise OSError("disk full")
        yield

    monkeypatch.setattr(exporting.tables, "rows", broken)
    export = ask(auditor)
    with pytest.raises(OSError, match="disk full"):
        exporting.write_export(export.pk)
    export.refresh_from_db()
    assert (export.state, export.path.exists()) == ("FAILED", False)


def test_the_page_tells_how_far_it_is(auditor) -> None:
    export = ask(auditor)
    assert auditor.get("/oversight/exports/").context["exports"] == [(export, 0)]
    cache.set(f"export:{export.pk}", 5000)
    part = auditor.get("/oversight/exports/", headers={"HX-Request": "true"})
    assert part.context["exports"] == [(export, 5000)]
    assert "<html" not in part.content.decode()


def test_of_somebody_else_or_not_ready_is_not_there(auditor) -> None:
    export = ask(auditor)
    assert auditor.get(f"/oversight/exports/{export.pk}/").status_code == 410
    exporting.write_export(export.pk)
    assert make_auditor("林稽核").get(f"/oversight/exports/{export.pk}/").status_code == 404


@pytest.mark.parametrize("kind", ["", "PDF"])
def test_an_unknown_kind_is_refused(auditor, kind) -> None:
    address = search(auditor).redirect_chain[-1][0]
    assert auditor.post(f"{address}export/", {"kind": kind}).status_code == 400


def test_files_go_after_a_day_with_an_event(auditor, events) -> None:
    export = ask(auditor)
    exporting.write_export(export.pk)
    assert exporting.remove_old_exports(by=BY) == 0
    LogExport.objects.update(made_at=clock.now() - timedelta(hours=25))
    assert exporting.remove_old_exports(by=BY) == 1
    assert not export.path.exists()
    assert events()[-1]["action"] == "remove_export"


class TestOverFhir:
    @pytest.fixture
    def token(self, auditor) -> str:
        return auditor.post("/oversight/exports/token/").context["token"].text

    def test_an_auditors_program_reads_and_is_recorded(self, client, world, token, events) -> None:
        patient = make_citizen()
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        query = {"patient:identifier": str(patient), "_count": "1"}
        headers = {"Authorization": f"Bearer {token}"}
        bundle = client.get("/fhir/AuditEvent", query, headers=headers).json()
        assert [each["resource"]["id"] for each in bundle["entry"]] == [str(number)]
        read = events()[-1]
        assert (read["action"], read["role"], read["patient"]) == ("read_fhir", "AUDITOR", patient)

    def test_a_number_of_a_person_stands_in_no_address(self, client, world, token) -> None:
        number = note(world, Action.SHOW_BOOKING, patient=make_citizen())
        headers = {"Authorization": f"Bearer {token}"}
        asked = client.get("/fhir/AuditEvent", {"patient.identifier": CITIZEN}, headers=headers)
        assert asked.status_code == 400
        found = client.post(
            "/fhir/AuditEvent/_search",
            f"patient.identifier={CITIZEN}",
            content_type="application/x-www-form-urlencoded",
            headers=headers,
        ).json()
        assert str(number) in [each["resource"]["id"] for each in found["entry"]]

    def test_nobody_else_does(self, client) -> None:
        assert client.get("/fhir/AuditEvent").status_code == 401


def test_a_search_of_one_person_has_a_chart_with_its_figures(auditor, world) -> None:
    note(world)
    page = search(auditor, person="陳怡君")
    assert 'data-chart="events_by_day"' in page.content.decode()
    assert sum(row[1] for row in page.context["chart"].rows) >= 1
