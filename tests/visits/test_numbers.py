"""Visit numbers: checked in the manual's order, signed, one after the other (FEATURES G2)."""

import uuid
from datetime import timedelta

import pytest

from apps.core import clock
from apps.visits.identifiers import is_identifier
from apps.visits.models import InsuranceStatus, Visit
from apps.visits.signatures import Patient, read_signature
from tests.support.cards import NHI_CARD, refusal_code
from tests.support.his import HisWorkstation, make_status

pytestmark = pytest.mark.django_db


def test_a_number_comes_with_everything_of_the_buffer(events) -> None:
    status, here = make_status(), HisWorkstation()
    answer = here.visit()
    assert answer.status_code == 200, answer.json()
    told = answer.json()
    visit = Visit.objects.get()
    assert told["sequence"] == "0001"
    assert told["institution_code"] == here.institution.code
    assert told["module_code"] == here.workstation.module_code
    assert told["same_day"] == "N"
    assert len(told["signature"]) == 256
    assert told["signature"].isascii()
    assert is_identifier(told["identifier"])
    assert told["identifier"][:7] == told["visited_at"][:7]
    status.refresh_from_db()
    assert (status.visits_left, status.last_number) == (5, 1)
    (event,) = [each for each in events() if each["action"] == "open_visit"]
    assert (event["patient"], event["object_id"]) == (status.patient_id, str(visit.pk))
    assert (event["institution"], event["workstation"]) == (
        here.institution.pk,
        here.workstation.pk,
    )


def test_the_signature_is_about_this_visit_and_this_patient() -> None:
    make_status()
    told = HisWorkstation().visit().json()
    statement = read_signature(told["signature"])
    assert statement is not None
    assert statement.identifier == told["identifier"]
    assert (statement.visited_at, statement.sequence) == (told["visited_at"], "0001")
    assert statement.is_about(Patient(NHI_CARD["card_number"], "C121103509", "0570229"))
    assert not statement.is_about(Patient(NHI_CARD["card_number"], "C121103509", "0570228"))


def test_numbers_go_on_across_institutions_and_the_same_day_is_marked() -> None:
    make_status()
    here, elsewhere = HisWorkstation(), HisWorkstation()
    told = [each.visit().json() for each in (here, elsewhere, here)]
    assert [each["sequence"] for each in told] == ["0001", "0002", "0003"]
    assert [each["same_day"] for each in told] == ["N", "N", "Y"]
    assert len({each["visited_at"] for each in told}) == 3


@pytest.mark.parametrize(("visited", "most"), [(False, 7), (True, 8)], ids=["first", "second"])
def test_a_number_costs_as_many_round_trips(visited, most, round_trips) -> None:
    """Workstation, identity, BEGIN, lock, earlier visits where there were any, write, COMMIT; and the
    first call of a minute notes that the workstation was seen.
    """
    make_status()
    here = HisWorkstation()
    challenge = here.challenge()
    if visited:
        here.visit(challenge=challenge)
    with round_trips(at_most=most):
        assert here.visit(challenge=challenge).status_code == 200


def test_the_same_request_is_the_same_visit() -> None:
    make_status()
    here, request = HisWorkstation(), str(uuid.uuid4())
    first, second = here.visit(request=request).json(), here.visit(request=request).json()
    assert first == second
    assert InsuranceStatus.objects.get().visits_left == 5


def test_a_new_year_begins_with_the_first_number() -> None:
    make_status(number_year=114, last_number=37)
    assert HisWorkstation().visit().json()["sequence"] == "0001"


def test_a_course_goes_on_with_the_last_number_and_takes_no_visit() -> None:
    make_status(visits_left=1)
    here = HisWorkstation()
    assert here.visit().json()["sequence"] == "0001"
    assert here.visit(treat_item="AA").json()["sequence"] == "0001"
    assert refusal_code(here.visit()) == "HIS-5001"
    assert InsuranceStatus.objects.get().visits_left == 0


YESTERDAY = clock.today() - timedelta(days=1)
CHANGES = {
    "no status": (None, {}, "HIS-5012"),
    "cancelled by the list": ({"card_cancelled": True}, {}, "HIS-5002"),
    "cancelled by the card": ({}, {"card": NHI_CARD | {"cancelled": True}}, "HIS-5002"),
    "cancelled and unknown": (None, {"card": NHI_CARD | {"cancelled": True}}, "HIS-5002"),
    "expired": ({"card_valid_until": YESTERDAY}, {}, "HIS-5003"),
    "last day": ({"card_valid_until": clock.today()}, {}, ""),
    "no visits": ({"visits_left": 0}, {}, "HIS-5001"),
    "another birth date": ({"born_on": YESTERDAY}, {}, "HIS-9093"),
    "suspended": ({"state": "SUSPENDED"}, {}, "HIS-9094"),
    "withdrawn": ({"state": "WITHDRAWN"}, {}, "HIS-9094"),
    "arrears": ({"arrears": True}, {}, "HIS-9095"),
    "newborn unknown": ({}, {"newborn": "Y"}, "HIS-9093"),
    "newborn of yesterday": ({"newborn_born_on": YESTERDAY}, {"newborn": "Y"}, ""),
    "newborn of 61 days": (
        {"newborn_born_on": clock.today() - timedelta(days=61)},
        {"newborn": "Y"},
        "HIS-9093",
    ),
    "card before insurance": ({"visits_left": 0, "arrears": True}, {}, "HIS-5001"),
    "cancelled before expired": (
        {"card_cancelled": True, "card_valid_until": YESTERDAY},
        {},
        "HIS-5002",
    ),
}


@pytest.mark.parametrize(("fields", "payload", "code"), CHANGES.values(), ids=list(CHANGES))
def test_the_first_rule_that_does_not_hold_gives_the_code(fields, payload, code, events) -> None:
    if fields is not None:
        make_status(**fields)
    answer = HisWorkstation().visit(**payload)
    assert refusal_code(answer) == code if code else answer.status_code == 200
    assert Visit.objects.count() == (0 if code else 1)
    assert [each["outcome"] for each in events()] == ["refused" if code else "permitted"]


@pytest.mark.parametrize(
    "wrong",
    [
        {"treat_item": "06"},
        {"treat_item": ""},
        {"newborn": "X"},
        {"make_up": "3"},
        {"request": "no-uuid"},
        {"card": NHI_CARD | {"national_id": "C121103508"}},
        {"card": {}},
        {"function": "DROP TABLE"},
    ],
)
def test_a_wrong_field_is_named_and_costs_nothing(wrong) -> None:
    make_status()
    answer = HisWorkstation().visit(**wrong)
    assert answer.status_code == 400
    assert refusal_code(answer) in {"HIS-FIELD", "NHI-NUMBER", "NHI-DATA"}
    assert InsuranceStatus.objects.get().visits_left == 6


def test_an_identifier_is_told_where_the_number_was_given() -> None:
    make_status()
    here = HisWorkstation()
    told = here.visit().json()
    asked = here.call("visit-identifiers", visited_at=told["visited_at"])
    assert asked.json() == {"identifier": told["identifier"]}
    elsewhere = HisWorkstation().call("visit-identifiers", visited_at=told["visited_at"])
    assert refusal_code(elsewhere) == "HIS-5174"
    never = here.call("visit-identifiers", visited_at="1000101000000")
    assert refusal_code(never) == "HIS-5174"
    wrong = here.call("visit-identifiers", visited_at="1150230000000")
    assert refusal_code(wrong) == "HIS-FIELD"
