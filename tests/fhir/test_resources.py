"""What an institution's program reads, and what it never does."""

import pytest

from apps.booking.fhir import APPOINTMENT_STATES
from apps.booking.models import Booking, Campaign, Slot
from apps.booking.terms import BookingState
from apps.core import clock
from apps.identities.models import Identity
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.immunizations.models import VaccinationRecord
from tests.fhir.program import has_national_id, refused, resources, valid
from tests.support.booking import make_booking, make_site, make_slot
from tests.support.world import in_days

pytestmark = pytest.mark.django_db

CITIZEN = "A123456789"


def make_dose(code: str, **fields) -> VaccinationRecord:
    values = {
        "vaccine_id": "COVID19",
        "brand": "AZ",
        "dose_number": 1,
        "given_on": clock.today(),
        "institution_code": code,
        "lot": "A1",
        "lot_expires_on": in_days(90),
        "giver": "吳雅婷",
        "source": "site",
    }
    patient = fields.pop("patient_id", None) or Identity.objects.create().pk
    return VaccinationRecord.objects.create(patient_id=patient, **values | fields)


def test_the_capability_statement_names_everything_that_is_served(client) -> None:
    statement = valid(client.get("/fhir/metadata"))
    assert statement["fhirVersion"] == "4.0.1"
    served = {each["type"]: each for each in statement["rest"][0]["resource"]}
    assert served.keys() >= {"Schedule", "Slot", "Appointment", "Immunization"}
    assert served["Immunization"]["supportedProfile"] == [
        "https://twcore.mohw.gov.tw/ig/twcore/StructureDefinition/Immunization-twcore"
    ]
    names = [each["name"] for each in served["Appointment"]["searchParam"]]
    assert {"date", "status", "patient.identifier"} <= set(names)


def test_openapi_shows_it(client) -> None:
    schema = client.get("/api/schema/").content.decode()
    for part in ("/fhir/Slot:", "/fhir/Appointment/_search:", "/fhir/Immunization/{resource_id}:"):
        assert part in schema
    assert "fhirToken" in schema


def test_a_slot(program, site) -> None:
    slot = make_slot(site, capacity=3)
    make_booking(slot)
    read = valid(program.get(f"Slot/{slot.pk}"))
    assert read["status"] == "free"
    assert read["schedule"]["reference"] == f"Schedule/{site.pk}"
    places = {each["url"]: each["valueInteger"] for each in read["extension"][0]["extension"]}
    assert places == {"capacity": 3, "left": 2}
    assert read["start"].endswith("+08:00")
    schedule = valid(program.get(read["schedule"]["reference"]))
    assert schedule["actor"][0]["identifier"]["value"] == program.institution.code


@pytest.mark.parametrize(
    ("change", "state"),
    [({}, "free"), ({"booked": 10}, "busy"), ({"closed": True}, "busy-unavailable")],
)
def test_the_state_of_a_slot_is_read_and_found(program, site, change, state) -> None:
    slot = make_slot(site)
    Slot.objects.filter(pk=slot.pk).update(**change)
    assert valid(program.get(f"Slot/{slot.pk}"))["status"] == state
    for asked in ("free", "busy", "busy-unavailable"):
        found = resources(valid(program.get("Slot", {"status": asked})))
        assert [each["id"] for each in found] == ([str(slot.pk)] if asked == state else [])


def test_slots_of_a_draft_are_its_own_sites_alone(program, stranger, site) -> None:
    slot = make_slot(site)
    Campaign.objects.update(published=False)
    valid(program.get(f"Slot/{slot.pk}"))
    refused(stranger.get(f"Slot/{slot.pk}"), 404, "ANK-404")
    Campaign.objects.update(published=True)
    valid(stranger.get(f"Slot/{slot.pk}"))


@pytest.mark.parametrize("state", BookingState.values)
def test_an_appointment_in_every_state(program, site, state) -> None:
    booking = make_booking(make_slot(site), state=state)
    read = valid(program.get(f"Appointment/{booking.pk}"))
    assert read["status"] == APPOINTMENT_STATES[BookingState(state)]
    assert read["identifier"][0]["value"] == booking.full_number
    found = resources(valid(program.get("Appointment", {"status": read["status"]})))
    assert [each["id"] for each in found] == [str(booking.pk)]


def test_an_appointment_names_no_national_id_and_no_phone(program, site) -> None:
    booking = make_booking(make_slot(site))
    text = program.get(f"Appointment/{booking.pk}").content.decode()
    assert booking.phone not in text
    assert booking.masked_id not in text
    assert not has_national_id(text)


def test_appointments_are_of_who_booked_and_of_where_they_are(program, stranger, site) -> None:
    here = make_booking(make_slot(site))
    elsewhere = make_slot(make_site(site.campaign))
    booked_by_us = make_booking(elsewhere, institution=program.institution)
    make_booking(elsewhere)
    found = {each["id"] for each in resources(valid(program.get("Appointment")))}
    assert found == {str(here.pk), str(booked_by_us.pk)}
    assert resources(valid(stranger.get("Appointment"))) == []
    refused(stranger.get(f"Appointment/{here.pk}"), 404, "ANK-404")


def test_a_dose(program, stranger) -> None:
    dose = make_dose(program.institution.code)
    read = valid(program.get(f"Immunization/{dose.pk}"))
    assert read["meta"]["profile"] == [
        "https://twcore.mohw.gov.tw/ig/twcore/StructureDefinition/Immunization-twcore"
    ]
    codings = {each["system"]: each["code"] for each in read["vaccineCode"]["coding"]}
    assert codings["http://hl7.org/fhir/sid/cvx"] == "213"
    assert read["occurrenceDateTime"] == dose.given_on.isoformat()
    assert read["lotNumber"] == "A1"
    refused(stranger.get(f"Immunization/{dose.pk}"), 404, "ANK-404")
    assert resources(valid(stranger.get("Immunization"))) == []


def test_an_imported_dose_with_little_known_is_valid_too(program) -> None:
    dose = make_dose(program.institution.code, lot="", lot_expires_on=None, giver="", brand="")
    read = valid(program.get(f"Immunization/{dose.pk}"))
    assert "lotNumber" not in read
    assert "performer" not in read


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ({"vaccine-code": "COVID19"}, 1),
        ({"vaccine-code": "http://hl7.org/fhir/sid/cvx|213"}, 1),
        ({"vaccine-code": "FLU"}, 0),
        ({"vaccine-code": "FLU,COVID19"}, 1),
        ({"lot-number": "A1"}, 1),
        ({"status": "completed"}, 1),
        ({"status": "not-done"}, 0),
        ({"date": "ge2020-01-01"}, 1),
        ({"date": "lt2020"}, 0),
    ],
)
def test_doses_are_found(program, query, found) -> None:
    make_dose(program.institution.code)
    assert len(resources(valid(program.get("Immunization", query)))) == found


def test_a_person_is_found_by_number_in_the_body(program, site, events) -> None:
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=CITIZEN)
    mine = make_booking(make_slot(site), patient_id=patient)
    make_booking(make_slot(site, hour=11))
    before = len(events())
    answer = program.search(
        "Appointment", {"patient.identifier": f"http://www.moi.gov.tw|{CITIZEN}"}
    )
    bundle = valid(answer)
    assert [each["id"] for each in resources(bundle)] == [str(mine.pk)]
    assert CITIZEN not in answer.content.decode()
    read = events()[before:][-1]
    assert (read["patient"], read["result_count"]) == (patient, 1)
    identifier = resources(bundle)[0]["participant"][0]["actor"]["identifier"]
    again = program.get(
        "Appointment", {"patient:identifier": f"{identifier['system']}|{identifier['value']}"}
    )
    assert [each["id"] for each in resources(valid(again))] == [str(mine.pk)]


def test_looking_for_somebody_without_a_booking_is_an_event_of_that_person(program, events) -> None:
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=CITIZEN)
    assert resources(valid(program.search("Appointment", {"patient.identifier": CITIZEN}))) == []
    assert (events()[-1]["patient"], events()[-1]["result_count"]) == (patient, 0)


def test_a_number_that_was_never_seen_finds_nobody(program, site) -> None:
    make_booking(make_slot(site))
    found = valid(program.search("Appointment", {"patient.identifier": "B123456780"}))
    assert resources(found) == []


def test_a_number_in_an_address_is_refused_and_not_repeated(program) -> None:
    answer = program.get("Appointment", {"patient.identifier": CITIZEN})
    refused(answer, 400, "FHIR-POST")
    assert CITIZEN not in answer.content.decode()


@pytest.mark.parametrize("number", ["A123456788", "xyzxyz", "http://example.org|A123456789"])
def test_a_wrong_number_is_refused_and_not_repeated(program, number) -> None:
    answer = program.search("Appointment", {"patient.identifier": number})
    refused(answer, 400, "FHIR-VALUE")
    assert number not in answer.content.decode()


def test_every_patient_of_a_page_has_an_event(program, site, events) -> None:
    slot = make_slot(site)
    twice = make_booking(slot, state=BookingState.CANCELLED)
    again = make_booking(slot, patient_id=twice.patient_id)
    other = make_booking(slot)
    token = program.token
    before = len(events())
    valid(program.get("Appointment", {"date": f"ge{clock.today()}"}))
    assert program.token == token
    read = events()[before:]
    assert {event["patient"]: event["result_count"] for event in read} == {
        again.patient_id: 2,
        other.patient_id: 1,
    }
    assert {event["object_type"] for event in read} == {"Appointment"}
    assert read[0]["detail"]["query"] == f"date=ge{clock.today()}"


def test_a_page_of_many_costs_what_one_does(program, site, round_trips) -> None:
    for hour in range(8, 18):
        make_booking(make_slot(site, hour=hour))
    assert program.token
    # Workstation, entitlement, bookings, and the events of all ten with their savepoint.
    with round_trips(at_most=6):
        assert len(resources(valid(program.get("Appointment")))) == 10
    assert Booking.objects.count() == 10
