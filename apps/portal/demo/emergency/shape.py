"""The shape in which each patient's records are written down: days count back from today."""

from collections.abc import Sequence
from dataclasses import dataclass, field
from datetime import date, timedelta
from decimal import Decimal
from typing import Any

from apps.core import clock
from apps.portal.demo.emergency.drugs import DRUGS
from apps.records import models
from apps.records.terms import Origin

Place = tuple[str, str]


@dataclass(frozen=True)
class Visit:
    """One visit: where, so many days ago, its number, department, diagnosis and professional."""

    place: Place
    ago: int
    number: str
    department: str
    diagnosis: tuple[str, str]
    by: str = ""
    card: bool = False  # uploaded with the NHI card in place of a claim

    @property
    def day(self) -> date:
        return day_ago(self.ago)

    def facts(self) -> dict[str, Any]:
        return {
            "origin": Origin.CARD if self.card else Origin.CLAIM,
            "institution_code": self.place[0],
            "institution_name": self.place[1],
            "visited_on": self.day,
            "visit_number": self.number,
            "department": self.department,
            "practitioner": self.by,
            "diagnosis_code": self.diagnosis[0],
            "diagnosis": self.diagnosis[1],
        }


@dataclass(frozen=True)
class Patient:
    """Somebody of the demo with all their records, in the order of the tabs."""

    national_id: str
    records: Sequence[models.ClinicalRecord] = field(default=())
    has_password: bool = False


def day_ago(days: int) -> date:
    return clock.today() - timedelta(days=days)


def drug(
    visit: Visit,
    code: str,
    frequency: str,
    days: int,
    quantity: float,
    *,
    model: type[Any] = models.Medication,  # one of the tables of drugs
    route: str = "PO",
    **more: Any,
) -> Any:
    """A dispensing; `sequence` in `more` where a visit gives several of one code."""
    name, ingredient, atc_code = DRUGS[code]
    return model(
        **visit.facts(),
        code=code,
        name=name,
        ingredient=ingredient,
        atc_code=atc_code,
        frequency=frequency,
        route=route,
        days=days,
        quantity=Decimal(str(quantity)),
        **more,
    )


def chronic(
    visit: Visit,
    code: str,
    frequency: str,
    quantity: float,
    *,
    fetched: Sequence[tuple[int, Place]],
) -> list[models.ClinicalRecord]:
    """28 days three times; `fetched` says how many days ago and where each dispensing was."""
    found = []
    for refill, (ago, place) in enumerate(fetched, start=1):
        record = drug(
            visit,
            code,
            frequency,
            28,
            quantity,
            dispensed_on=day_ago(ago),
            prescriber_code=visit.place[0],
            is_chronic=True,
            refill=refill,
            refills=3,
            prescribed_months=3,
        )
        record.institution_code, record.institution_name = place
        record.visit_number = visit.number if refill == 1 else f"IC0{refill}"
        found.append(record)
    return found


def done(
    model: type[Any],  # one of the tables of what is performed
    visit: Visit,
    code: str,
    name: str,
    *,
    body_site: str = "",
    quantity: int = 1,
    lasted: int = 0,
    **more: Any,
) -> Any:
    """Something performed at the visit, over so many days."""
    return model(
        **visit.facts(),
        code=code,
        name=name,
        body_site=body_site,
        began_on=visit.day,
        ended_on=visit.day + timedelta(days=lasted),
        quantity=Decimal(quantity),
        **more,
    )


def results(
    visit: Visit, code: str, name: str, category: str, *items: tuple[str, str, str, str, str]
) -> list[models.ClinicalRecord]:
    """Each item: what, value, unit, reference range, flag."""
    return [
        models.ExaminationResult(
            **visit.facts(),
            code=code,
            name=name,
            category=category,
            item=item,
            value=value,
            unit=unit,
            reference_range=normal,
            flag=flag,
        )
        for item, value, unit, normal, flag in items
    ]


def allergy(
    visit: Visit, ingredient: str, atc_code: str, severity: str, symptoms: str, code: str = "-"
) -> models.ClinicalRecord:
    return models.Allergy(
        **visit.facts() | {"diagnosis": "", "diagnosis_code": ""},
        code=code,
        name=DRUGS[code][0] if code in DRUGS else "",
        ingredient=ingredient,
        atc_code=atc_code,
        severity=severity,
        symptoms=symptoms,
    )


def herbs(
    visit: Visit,
    code: str,
    name: str,
    formula: str,
    effect: str,
    days: int,
    quantity: float,
    *,
    compound: bool = True,
) -> models.ClinicalRecord:
    return models.ChineseMedicine(
        **visit.facts(),
        code=code,
        name=name,
        formula=formula,
        effect=effect,
        form="濃縮細粒",
        is_compound=compound,
        frequency="TID",
        days=days,
        quantity=Decimal(str(quantity)),
        ends_on=visit.day + timedelta(days=days - 1),
    )


def stay(
    visit: Visit, nights: int, *, complaint: str, course: str, condition: str, advice: str
) -> models.ClinicalRecord:
    """A stay that ended on the day of the visit."""
    return models.Discharge(
        **visit.facts(),
        code=visit.diagnosis[0],
        admitted_on=visit.day - timedelta(days=nights),
        complaint=complaint,
        course=course,
        condition=condition,
        advice=advice,
    )
