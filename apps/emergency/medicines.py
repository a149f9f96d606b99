"""Medicines with what the rules say of them: days left, where from, duplicates, allergies."""

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.emergency.policies.admission import source_of
from apps.emergency.policies.supply import Supply
from apps.emergency.policies.warnings import Drug, mark
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.terms import Mark, Source
from apps.queries.providers import LocalTable
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


def fetch_medicines(question: EmergencyQuestion) -> list[Medicine]:
    """The person's medicines with their marks, the latest first. One statement."""
    records = (
        Medication.objects.of(question.patient, since=question.since, until=question.until)
        .with_drug_names()
        .order_by("-visited_on", "-dispensed_on", "institution_code", "sequence", "pk")
    )
    return judge(list(records), question)


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


SOURCE = LocalTable(_("Cloud medication"), fetch_medicines)
