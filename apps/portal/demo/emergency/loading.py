"""Puts the records of the emergency room's patients into the tables. Again changes nothing of the day."""

from collections import defaultdict

from django.db import transaction

from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.portal.demo.emergency import chou, hsieh, tseng
from apps.portal.demo.emergency.drugs import DRUGS
from apps.portal.demo.emergency.shape import Patient, day_ago
from apps.records.models import ClinicalRecord, Drug
from apps.records.services import note_password
from apps.travel.models import TravelRecord

PATIENTS = (hsieh.make, chou.make, tseng.make)


def load_emergency() -> None:
    """Their days count back from today, so a demo of last month is moved along."""
    Drug.objects.bulk_create(
        [
            Drug(code=code, name=name, ingredient=ingredient, atc_code=atc_code)
            for code, (name, ingredient, atc_code) in DRUGS.items()
        ],
        ignore_conflicts=True,
    )
    for make in PATIENTS:
        load_patient(make())
    load_journey()


def load_journey() -> None:
    """周志偉 came back a few days ago: his alert names it."""
    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=chou.make().national_id)
    TravelRecord.objects.update_or_create(
        patient_id=patient,
        direction="ENTRY",
        country="JPN",
        defaults={"country_name": "日本", "moved_on": day_ago(4)},
    )


def load_patient(patient: Patient) -> None:
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=patient.national_id)
    by_table: dict[type[ClinicalRecord], list[ClinicalRecord]] = defaultdict(list)
    for record in patient.records:
        record.patient_id = identity
        by_table[type(record)].append(record)
    with transaction.atomic():
        for table, records in by_table.items():
            _remove_earlier_days(table, records)
            table.objects.bulk_create(records, ignore_conflicts=True)
    if patient.has_password:
        note_password(patient=identity, is_set=True, known_on=clock.today())


def _remove_earlier_days(table: type[ClinicalRecord], records: list[ClinicalRecord]) -> None:
    """The same visits, as a demo of another day dated them; what a HIS wrote since stays."""
    table.objects.filter(
        patient=records[0].patient_id,
        institution_code__in={each.institution_code for each in records},
        visit_number__in={each.visit_number for each in records},
    ).exclude(visited_on__in={each.visited_on for each in records}).delete()
