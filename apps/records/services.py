"""What an institution uploads after writing an NHI card becomes a record (manual 3: 健保卡上傳資料).

The caller (the HIS interface) writes the access event; everything here stands in its transaction.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any, TypeVar
from uuid import UUID

from django.db import transaction

from apps.records.models import (
    Allergy,
    ClinicalRecord,
    Drug,
    Examination,
    Medication,
    PasswordFlag,
)
from apps.records.terms import Origin, Severity

Table = TypeVar("Table", bound=ClinicalRecord)


@dataclass(frozen=True, kw_only=True)
class UploadedVisit:
    """The visit that was written: whose, where, when, and why the person came."""

    patient: UUID
    institution_code: str
    visited_on: date
    visit_number: str
    institution_name: str = ""
    department: str = ""
    practitioner: str = ""
    diagnosis_code: str = ""
    diagnosis: str = ""


@dataclass(frozen=True, kw_only=True)
class MedicationOrder:
    """A prescribed drug. What is left out is taken from the drug list by its code.

    `quantity` is the whole amount for `days`; `refills` above 0 makes it a prescription for chronic
    illness, of which this is the first dispensing.
    """

    sequence: int
    code: str
    frequency: str
    days: int
    quantity: Decimal
    name: str = ""
    ingredient: str = ""
    atc_code: str = ""
    route: str = ""
    dose: str = ""
    refills: int = 0
    prescribed_months: int = 0


@dataclass(frozen=True, kw_only=True)
class ExaminationOrder:
    sequence: int
    code: str
    name: str = ""
    category: str = ""
    body_site: str = ""
    quantity: Decimal | None = None


@dataclass(frozen=True, kw_only=True)
class AllergyEntry:
    """`code` is the drug's; of a free text entry it is a dash."""

    ingredient: str
    code: str = "-"
    atc_code: str = ""
    severity: Severity | str = ""
    symptoms: str = ""


def record_upload(
    *,
    visit: UploadedVisit,
    medications: Sequence[MedicationOrder] = (),
    examinations: Sequence[ExaminationOrder] = (),
    allergies: Sequence[AllergyEntry] = (),
) -> int:
    """Adds the lines of one written visit; returns how many were new.

    A line that was uploaded before stays as it is: a repeat of the same call adds nothing.
    """
    with transaction.atomic():
        codes = {each.code for each in medications} | {each.code for each in allergies}
        drugs = {drug.code: drug for drug in Drug.objects.filter(code__in=codes)}
        return (
            _add(Medication, [_medication(visit, each, drugs) for each in medications])
            + _add(Examination, [_examination(visit, each) for each in examinations])
            + _add(Allergy, [_allergy(visit, each, drugs) for each in allergies])
        )


def withdraw_upload(*, visit: UploadedVisit) -> int:
    """Takes back everything that was uploaded for this visit; returns how many lines."""
    with transaction.atomic():
        return sum(_of_visit(table, visit) for table in (Medication, Examination, Allergy))


def note_password(*, patient: UUID, is_set: bool, known_on: date) -> None:
    """Keeps what a card said of its password (1.36), unless something newer is known."""
    with transaction.atomic():
        PasswordFlag.objects.get_or_create(
            patient_id=patient, defaults={"is_set": is_set, "known_on": known_on}
        )
        PasswordFlag.objects.filter(patient_id=patient, known_on__lte=known_on).update(
            is_set=is_set, known_on=known_on
        )


def has_password(*, patient: UUID) -> bool:
    """Whether the person's card is known to have a password. One statement."""
    return PasswordFlag.objects.filter(patient_id=patient, is_set=True).exists()


def _add(table: type[Table], rows: list[Table]) -> int:
    if not rows:
        return 0
    before = _stored(table, rows)
    table._default_manager.bulk_create(rows, ignore_conflicts=True)
    return _stored(table, rows) - before


def _stored(table: type[Table], rows: list[Table]) -> int:
    first = rows[0]
    return table._default_manager.filter(
        patient=first.patient_id,
        visited_on=first.visited_on,
        institution_code=first.institution_code,
        visit_number=first.visit_number,
        origin=Origin.CARD,
    ).count()


def _of_visit(table: type[Table], visit: UploadedVisit) -> int:
    found = table._default_manager.filter(
        patient=visit.patient,
        visited_on=visit.visited_on,
        institution_code=visit.institution_code,
        visit_number=visit.visit_number,
        origin=Origin.CARD,
    )
    return found.delete()[0]


def _shared(visit: UploadedVisit) -> dict[str, Any]:
    return {
        "patient_id": visit.patient,
        "origin": Origin.CARD,
        "institution_code": visit.institution_code,
        "institution_name": visit.institution_name,
        "visited_on": visit.visited_on,
        "visit_number": visit.visit_number,
        "department": visit.department,
        "practitioner": visit.practitioner,
        "diagnosis_code": visit.diagnosis_code,
        "diagnosis": visit.diagnosis,
    }


def _medication(visit: UploadedVisit, order: MedicationOrder, drugs: dict[str, Drug]) -> Medication:
    drug = drugs.get(order.code, Drug())
    chronic = order.refills > 0
    return Medication(
        **_shared(visit),
        sequence=order.sequence,
        code=order.code,
        name=order.name or drug.name,
        ingredient=order.ingredient or drug.ingredient,
        atc_code=order.atc_code or drug.atc_code,
        frequency=order.frequency,
        route=order.route,
        dose=order.dose,
        quantity=order.quantity,
        days=order.days,
        dispensed_on=visit.visited_on if chronic else None,
        prescriber_code=visit.institution_code,
        is_chronic=chronic,
        refill=1 if chronic else 0,
        refills=order.refills,
        prescribed_months=order.prescribed_months,
    )


def _examination(visit: UploadedVisit, order: ExaminationOrder) -> Examination:
    return Examination(
        **_shared(visit),
        sequence=order.sequence,
        code=order.code,
        name=order.name,
        category=order.category,
        body_site=order.body_site,
        began_on=visit.visited_on,
        quantity=order.quantity,
    )


def _allergy(visit: UploadedVisit, entry: AllergyEntry, drugs: dict[str, Drug]) -> Allergy:
    drug = drugs.get(entry.code, Drug())
    return Allergy(
        **_shared(visit),
        code=entry.code,
        name=drug.name,
        ingredient=entry.ingredient or drug.ingredient,
        atc_code=entry.atc_code or drug.atc_code,
        severity=entry.severity,
        symptoms=entry.symptoms,
    )
