"""What a HIS uploads after writing a card: once, complete from the drug list, and taken back."""

from datetime import date, timedelta
from decimal import Decimal

import pytest

from apps.identities.models import Identity
from apps.records.models import Allergy, CodeName, Drug, Examination, Medication
from apps.records.services import (
    AllergyEntry,
    ExaminationOrder,
    MedicationOrder,
    UploadedVisit,
    has_password,
    note_password,
    record_upload,
    withdraw_upload,
)
from apps.records.terms import CodeSystem, Origin

pytestmark = pytest.mark.django_db
DAY = date(2026, 11, 1)


def visit(**changes: object) -> UploadedVisit:
    values = {
        "patient": Identity.objects.create().pk,
        "institution_code": "0131060029",
        "visited_on": DAY,
        "visit_number": "0001",
        "diagnosis": "心房顫動",
    }
    return UploadedVisit(**values | changes)  # type: ignore[arg-type]


def order(**changes: object) -> MedicationOrder:
    values = {"sequence": 1, "code": "XX1", "frequency": "BID", "days": 28, "quantity": Decimal(56)}
    return MedicationOrder(**values | changes)  # type: ignore[arg-type]


def test_an_upload_becomes_records_of_its_own_source_and_once_only() -> None:
    Drug.objects.create(code="XX1", name="CARTIL 60MG", ingredient="diltiazem", atc_code="C08DB01")
    written = visit()
    lines = {
        "medications": [order(refills=3, prescribed_months=3), order(sequence=2, code="YY2")],
        "examinations": [ExaminationOrder(sequence=3, code="18001C", name="心電圖")],
        "allergies": [AllergyEntry(ingredient="penicillin", severity="3")],
    }
    assert record_upload(visit=written, **lines) == 4
    assert record_upload(visit=written, **lines) == 0
    first = Medication.objects.get(code="XX1")
    assert (first.name, first.ingredient, first.atc_code) == ("CARTIL 60MG", "diltiazem", "C08DB01")
    assert (first.origin, first.is_chronic, first.refill, first.refills) == (
        Origin.CARD,
        True,
        1,
        3,
    )
    assert (first.dispensed_on, first.diagnosis) == (DAY, "心房顫動")
    other = Medication.objects.get(code="YY2")
    assert (other.name, other.is_chronic, other.dispensed_on) == ("", False, None)
    assert Examination.objects.get().began_on == DAY
    assert Allergy.objects.get().code == "-"


def test_what_was_written_is_taken_back_and_nothing_else() -> None:
    written = visit()
    record_upload(visit=written, medications=[order()])
    record_upload(visit=visit(patient=written.patient, visit_number="0002"), medications=[order()])
    Medication.objects.filter(visit_number="0002").update(sequence=9)
    assert withdraw_upload(visit=written) == 1
    assert Medication.objects.get().visit_number == "0002"


def test_the_newest_word_about_a_card_password_counts() -> None:
    patient = Identity.objects.create().pk
    assert not has_password(patient=patient)
    note_password(patient=patient, is_set=True, known_on=DAY)
    note_password(patient=patient, is_set=False, known_on=DAY - timedelta(days=1))
    assert has_password(patient=patient)
    note_password(patient=patient, is_set=False, known_on=DAY)
    assert not has_password(patient=patient)


@pytest.mark.parametrize(
    ("system", "code", "name"),
    [
        (CodeSystem.ATC, "B01AC06", "acetylsalicylic acid"),
        (CodeSystem.FREQUENCY, "QAM&HS", "上午使用一次且睡前一次"),
        (CodeSystem.ROUTE, "PO", "口服"),
        (CodeSystem.DEPARTMENT, "22", "急診醫學科"),
    ],
)
def test_code_lists_are_loaded(system: CodeSystem, code: str, name: str) -> None:
    assert CodeName.objects.get(system=system, code=code).name == name
