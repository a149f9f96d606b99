"""Medicines with what the rules say of them: days left, where from, duplicates, allergies."""

from collections.abc import Sequence
from dataclasses import dataclass, replace
from datetime import date
from operator import attrgetter
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.emergency.outside import (
    OutsideAllergy,
    OutsideMedication,
    outside_allergies,
    outside_medicines,
)
from apps.emergency.policies.admission import source_of
from apps.emergency.policies.supply import Supply
from apps.emergency.policies.warnings import Allergen, Drug, mark
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.terms import Mark, Source
from apps.queries.answers import Answer
from apps.queries.providers import LocalTable, Together, ask
from apps.queries.providers import Source as Provider
from apps.queries.providers.register import OutsideRegister
from apps.queries.terms import AnswerState
from apps.records.models import Medication


@dataclass(frozen=True)
class Medicine:
    """One dispensing. `days_left` is of this supply alone (單筆餘藥日數試算)."""

    record: Any  # a Medication with its names
    source: Source
    days_left: int
    marks: tuple[Mark, ...] = ()

    @property
    def supply(self) -> Supply:
        return supply_of(self.record)

    @property
    def prescription(self) -> str:
        return prescription_of(self.record)


def supply_of(record: Medication) -> Supply:
    return Supply(record.supplied_on, record.days)


def prescription_of(record: Medication) -> str:
    """Supplies of one prescription share prescriber and visit, wherever each was dispensed."""
    prescriber = record.prescriber_code or record.institution_code
    visit = "" if record.is_chronic else record.visit_number
    return f"{prescriber} {record.visited_on} {visit}"


def fetch_medications(question: EmergencyQuestion) -> list[Any]:
    """The person's dispensings, the latest first. One statement."""
    return list(
        Medication.objects.of(question.patient, since=question.since, until=question.until)
        .with_drug_names()
        .order_by("-visited_on", "-dispensed_on", "institution_code", "sequence", "pk")
    )


def fetch_medicines(question: EmergencyQuestion) -> list[Medicine]:
    """The dispensings with their marks."""
    return judge(fetch_medications(question), question)


def judge(records: Sequence[Any], question: EmergencyQuestion) -> list[Medicine]:
    lefts = [supply_of(record).left_on(question.until) for record in records]
    drugs = [
        Drug(record.atc_code, record.ingredient, prescription_of(record), left)
        for record, left in zip(records, lefts, strict=True)
    ]
    return [
        Medicine(record, _source(record, question), left, marks)
        for record, left, marks in zip(records, lefts, mark(drugs, question.allergens), strict=True)
    ]


def _source(record: Any, question: EmergencyQuestion) -> Source:
    return source_of(institution_code=record.institution_code, own_code=question.own_code)


LOCAL = LocalTable(_("Cloud medication"), fetch_medicines)


def medicines_source() -> Provider[Medicine]:
    """Our own table; together with the outside register where one is named."""
    medicines, allergies = outside_medicines(), outside_allergies()
    return MedicinesTogether(medicines, allergies) if medicines and allergies else LOCAL


@dataclass(frozen=True)
class MedicinesTogether:
    """Both tables before the marks: a duplicate may be in the one and its other half in the other.

    Allergies that only the outside register knows count too; when it does not tell them, medicines
    may lack their warning, so the answer is partial.
    """

    medicines: OutsideRegister[OutsideMedication]
    allergies: OutsideRegister[OutsideAllergy]

    @property
    def name(self) -> str | Promise:
        return LOCAL.name

    def answer(self, question: EmergencyQuestion) -> Answer[Medicine]:
        own: LocalTable[Any] = LocalTable(LOCAL.name, fetch_medications)
        sources: list[Provider[Any]] = [own, self.medicines]
        found = Together(LOCAL.name, sources, merge).answer(question)
        told = ask(self.allergies, question)
        allergens = tuple(Allergen(row.atc_code, row.ingredient) for row in told.rows)
        known = replace(question, allergens=question.allergens + allergens)
        missing = tuple(dict.fromkeys((*found.missing, *told.missing)))
        state = AnswerState.PARTIAL if missing and not found.failed else found.state
        return Answer(
            rows=judge(found.rows, known),
            state=state,
            missing=missing,
            reason=found.reason or told.reason,
        )


def merge(records: list[Any]) -> Sequence[Any]:
    """The latest first. A dispensing that both report is shown once, as our own table has it."""
    own = [each for each in records if isinstance(each, Medication)]
    known = {_dispensing(each) for each in own}
    others = [each for each in records if not isinstance(each, Medication)]
    further = [each for each in others if _dispensing(each) not in known]
    return sorted([*own, *further], key=attrgetter("visited_on"), reverse=True)


def _dispensing(record: Any) -> tuple[str, date, int]:
    return record.atc_code or record.name.casefold(), record.supplied_on, record.days
