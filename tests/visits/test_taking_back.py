"""退掛: a visit that did not take place is taken back, once and in time (API 1.39, FEATURES G1)."""

from datetime import timedelta

import pytest
from django.db.models import F
from django.test import Client

from apps.visits.models import InsuranceStatus, Treatment, Visit
from tests.support.cards import refusal_code
from tests.support.his import HisWorkstation, make_status

pytestmark = pytest.mark.django_db


def take_back(here: HisWorkstation, moment: str):
    return here.call("visits-taken-back", function="1.39", visited_at=moment)


def test_the_visit_is_left_again_and_its_number_stays_used_up(events) -> None:
    status, here = make_status(), HisWorkstation()
    first = here.visit().json()
    answer = take_back(here, first["visited_at"])
    assert answer.json() == {"visited_at": first["visited_at"], "sequence": "0001"}
    status.refresh_from_db()
    assert (status.visits_left, status.last_number) == (6, 1)
    second = here.visit().json()
    assert (second["sequence"], second["same_day"]) == ("0002", "N")
    (event,) = [each for each in events() if each["action"] == "take_back_visit"]
    assert (event["patient"], event["workstation"]) == (status.patient_id, here.workstation.pk)


def test_nothing_more_is_told_of_it_or_written_to_it() -> None:
    make_status()
    here = HisWorkstation()
    told = here.visit(request="6f3f0d3e-6f0b-4f3d-9a3c-0d5d5a9c1f11").json()
    take_back(here, told["visited_at"])
    assert refusal_code(here.call("visit-identifiers", visited_at=told["visited_at"])) == "HIS-5174"
    fees = dict.fromkeys(
        (
            "fee",
            "copayment",
            "inpatient_fee",
            "inpatient_copayment_30",
            "inpatient_copayment_180",
        )
    )
    whose = {"national_id": "C121103509", "birth_date": "0570229"}
    written = here.call(
        "treatments", function="1.17", visited_at=told["visited_at"], fees=fees, **whose
    )
    assert refusal_code(written) == "HIS-5022"
    again = here.visit(request="6f3f0d3e-6f0b-4f3d-9a3c-0d5d5a9c1f11")
    assert refusal_code(again) == "HIS-5153"
    asked = Client().post(
        "/his/v1/signatures", {"signature": told["signature"]}, content_type="application/json"
    )
    assert (asked.json()["valid"], asked.json()["taken_back"]) == (True, True)


def elsewhere(here: HisWorkstation) -> HisWorkstation:
    return HisWorkstation()


def late(here: HisWorkstation) -> HisWorkstation:
    Visit.objects.update(visited_at=F("visited_at") - timedelta(hours=24, seconds=1))
    return here


def written(here: HisWorkstation) -> HisWorkstation:
    Treatment.objects.create(visit=Visit.objects.get(), diagnoses=["J069"])
    return here


def again(here: HisWorkstation) -> HisWorkstation:
    assert take_back(here, moment_of_the_visit()).status_code == 200
    return here


def unknown(here: HisWorkstation) -> HisWorkstation:
    Visit.objects.all().delete()
    return here


def moment_of_the_visit() -> str:
    from apps.visits.moments import write_moment

    visit = Visit.objects.first()
    return write_moment(visit.visited_at) if visit else "1151124093000"


CASES = {
    "unknown": (unknown, "01", "HIS-5150"),
    "another institution's": (elsewhere, "01", "HIS-5152"),
    "a course": (lambda here: here, "AA", "HIS-5151"),
    "twice": (again, "01", "HIS-5153"),
    "after a day": (late, "01", "HIS-5154"),
    "written": (written, "01", "HIS-5130"),
    "a course of another's": (elsewhere, "AA", "HIS-5152"),
}


@pytest.mark.parametrize(("change", "kind", "code"), CASES.values(), ids=list(CASES))
def test_the_first_rule_that_does_not_hold_gives_the_code(change, kind, code, events) -> None:
    make_status()
    here = HisWorkstation()
    assert here.visit(treat_item=kind).status_code == 200
    asking = change(here)
    left = InsuranceStatus.objects.get().visits_left
    assert refusal_code(take_back(asking, moment_of_the_visit())) == code
    assert InsuranceStatus.objects.get().visits_left == left
    assert events()[-1]["outcome"] == "refused"
