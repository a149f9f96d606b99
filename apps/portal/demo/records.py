"""Vaccination records and travel history of the demo's citizens: one with records, one with an alert,
and everybody else with nothing.
"""

from datetime import date, timedelta
from typing import NamedTuple
from uuid import UUID

from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.immunizations.models import VaccinationRecord
from apps.portal.demo.people import CITIZENS
from apps.travel.models import Advisory, Label, Referral, Release, TravelRecord

HOSPITAL, PHARMACY, STATION = "1101010021", "5901012345", "2301020018"
# Passports and permits to try: nothing in the demo has a card for them.
PASSPORT, PERMIT = "USAX1234567", "AB1234567890"


class DemoDose(NamedTuple):
    vaccine: str
    brand: str
    dose: int
    days_ago: int
    institution: str
    lot: str


DOSES = {
    "nhi-wang": (
        DemoDose("FLU", "國光", 1, 35, PHARMACY, "FV-1151"),
        DemoDose("FLU", "賽諾菲", 1, 402, STATION, "FV-1140"),
        DemoDose("FLU", "國光", 1, 771, HOSPITAL, "FV-1139"),
        DemoDose("PCV13", "輝瑞", 1, 60, HOSPITAL, "P13-7702"),
        DemoDose("TDAP", "葛蘭素", 1, 1460, HOSPITAL, "TD-0421"),
        DemoDose("HEPB", "葛蘭素", 3, 3100, STATION, "HB-0093"),
        DemoDose("HEPB", "葛蘭素", 2, 3250, STATION, "HB-0088"),
        DemoDose("HEPB", "葛蘭素", 1, 3281, STATION, "HB-0087"),
    ),
    "nhi-huang": (
        DemoDose("FLU", "賽諾菲", 2, 20, STATION, "FV-1152"),
        DemoDose("FLU", "賽諾菲", 1, 50, STATION, "FV-1150"),
        DemoDose("MMR", "默沙東", 2, 1000, STATION, "MM-3310"),
        DemoDose("VAR", "默沙東", 1, 2500, STATION, "VZ-1107"),
        DemoDose("DTAPIPVHIB", "賽諾菲", 4, 2400, STATION, "PT-0914"),
        DemoDose("DTAPIPVHIB", "賽諾菲", 3, 2700, STATION, "PT-0871"),
    ),
}


def load_records() -> None:
    """Again changes nothing: each row is found by its key."""
    for card, doses in DOSES.items():
        for each in doses:
            _load_dose(_patient(card), each)
    _load_alert(_patient("nhi-liu"))
    for kind, number in (
        (IdentifierKind.PASSPORT, PASSPORT),
        (IdentifierKind.ENTRY_PERMIT, PERMIT),
    ):
        traveller = identify(kind=kind, value=number)
        _load_travel(traveller, days_ago=5, country="HKG", name="香港")


def _load_dose(patient: UUID, dose: DemoDose) -> None:
    VaccinationRecord.objects.get_or_create(
        patient_id=patient,
        vaccine_id=dose.vaccine,
        dose_number=dose.dose,
        lot=dose.lot,
        defaults={
            "brand": dose.brand,
            "given_on": _ago(dose.days_ago),
            "institution_code": dose.institution,
            "source": "NIIS",
        },
    )


def _load_alert(patient: UUID) -> None:
    """Everything that manual 2's example shows: status, occupation, travel, referral."""
    Advisory.objects.get_or_create(
        country="USA",
        valid_from=date(2020, 3, 19),
        defaults={"country_name": "美國", "level": 3},
    )
    _load_travel(patient, days_ago=15, country="USA", name="美國")
    if not Release.objects.filter(patient_id=patient).exists():
        Release.objects.create(patient_id=patient, kind="QUARANTINE", released_on=_ago(1))
        Referral.objects.create(
            patient_id=patient, referred_on=_ago(1), sampling_site="臺北市立聯合醫院"
        )
    Label.objects.get_or_create(patient_id=patient, kind="OCCUPATION", name="醫事人員")


def _load_travel(patient: UUID, *, days_ago: int, country: str, name: str) -> None:
    if not TravelRecord.objects.filter(patient_id=patient).exists():
        TravelRecord.objects.create(
            patient_id=patient,
            direction="ENTRY",
            moved_on=_ago(days_ago),
            country=country,
            country_name=name,
        )


def _patient(card: str) -> UUID:
    number = next(each.national_id for each in CITIZENS if each.card_id == card)
    return identify(kind=IdentifierKind.NATIONAL_ID, value=number)


def _ago(days: int) -> date:
    return clock.today() - timedelta(days=days)
