"""What is known of a person comes with the reading of their card, and says what is asked by itself."""

from datetime import timedelta
from typing import Any

import pytest

from apps.booking.models import EligibilityEntry
from apps.booking.policies import ALONG_WITH_READING, facts_about, facts_told
from apps.booking.terms import BookingState
from apps.cards.models import Reading
from apps.cards.readings import fetch_reading_along, seal_reading
from apps.core import clock
from apps.identities.models import Identity
from apps.immunizations.models import VaccinationRecord
from tests.support.booking import (
    READING,
    make_booking,
    make_campaign,
    make_entry,
    make_site,
    make_slot,
)
from tests.support.world import Pharmacy

pytestmark = pytest.mark.django_db


@pytest.fixture
def reading() -> Reading:
    pharmacy = Pharmacy()
    made = Reading(
        patient=Identity.objects.create(),
        session_id=pharmacy.session().id,
        workstation=pharmacy.workstation,
    )
    seal_reading(made, READING).save()
    return made


def told(reading: Reading) -> list[Any]:
    found, card, rows = fetch_reading_along(
        reading.pk, ALONG_WITH_READING, session=reading.session_id
    )
    assert (found, card) == (reading, READING)
    return facts_told(rows, birth_date=card.birth_date)


def asked(reading: Reading) -> list[Any]:
    return facts_about(patient=reading.patient_id, birth_date=READING.birth_date)


def test_no_campaign_is_no_facts(reading) -> None:
    make_campaign(published=False)
    assert told(reading) == asked(reading) == []


def test_campaigns_stand_in_order_of_opening(reading) -> None:
    now = clock.now()
    for days, code in ((3, "B"), (9, "C"), (3, "A")):
        make_campaign(code=code, books_from=now - timedelta(days=days))
    make_campaign(code="D", published=False)
    codes = [each.campaign.code for each in told(reading)]
    assert codes == [each.campaign.code for each in asked(reading)]
    assert codes[0] == "C"
    assert sorted(codes) == ["A", "B", "C"]


def test_everything_that_is_known(reading) -> None:
    listed, booked, waits, called = [make_campaign(code=code) for code in "LBWC"]
    patient = reading.patient_id
    EligibilityEntry.objects.create(campaign=listed, patient_id=patient, kind="INTENT")
    booking = make_booking(make_slot(make_site(booked)), patient_id=patient)
    entry = make_entry(make_site(waits), patient_id=patient)
    make_booking(make_slot(make_site(called)), patient_id=patient, state=BookingState.CALLED_OFF)
    make_booking(make_slot(make_site(called)))  # somebody else's
    for days in (400, 40):
        VaccinationRecord.objects.create(
            patient_id=patient,
            vaccine_id="COVID19",
            brand=f"M{days}",
            dose_number=1,
            given_on=clock.today() - timedelta(days=days),
            institution_code="1101010021",
            source="test",
        )
    found = told(reading)
    assert found == asked(reading)
    by_code = {each.campaign.code: each for each in found}
    assert {code for code, each in by_code.items() if each.listed} == {"L"}
    assert {code: each.live_booking for code, each in by_code.items() if each.live_booking} == {
        "B": booking.pk
    }
    assert {code: each.waiting for code, each in by_code.items() if each.waiting} == {"W": entry.pk}
    assert {code for code, each in by_code.items() if each.called_off} == {"C"}
    assert {each.last_brand for each in found} == {"M40"}
