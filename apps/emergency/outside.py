"""Allergies and medicines of an outside FHIR R4 server (AllergyIntolerance, MedicationDispense).

For installations that name one for IMQ (docs/how-to/fhir-source.md). Rows have what the tabs' columns
read, under the names that our own records have.
"""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import date
from decimal import Decimal
from typing import Any

from django.utils.translation import gettext_lazy as _

from apps.emergency.terms import SERVICE
from apps.queries.answers import Question
from apps.queries.providers.register import (
    OutsideRegister,
    Resource,
    code_of,
    day_of,
    outside_server,
    text_of,
)
from apps.records.terms import Severity

ATC = "http://www.whocc.no/atc"
NAME = _("outside register")
# R4: entered in error and refuted were never so; the others are the physician's to judge.
VOID = frozenset({"entered-in-error", "refuted"})
SEVERITIES = {
    "mild": Severity.MILD,
    "moderate": Severity.MODERATE,
    "severe": Severity.SEVERE,
}


@dataclass(frozen=True, kw_only=True)
class OutsideRecord:
    """What records of every kind have."""

    visited_on: date
    institution_label: str
    name: str
    ingredient: str
    atc_code: str = ""
    institution_code: str = ""
    institution_name: str = ""
    department_name: str = ""
    practitioner: str = ""
    diagnosis_code: str = ""
    diagnosis: str = ""
    visit_number: str = ""

    def get_origin_display(self) -> str:
        return str(NAME)


@dataclass(frozen=True, kw_only=True)
class OutsideAllergy(OutsideRecord):
    severity: str = ""
    symptoms: str = ""

    def get_severity_display(self) -> str:
        return str(Severity(self.severity).label) if self.severity else ""


@dataclass(frozen=True, kw_only=True)
class OutsideMedication(OutsideRecord):
    """One dispensing. `atc3_name` and `atc5_name` are filled in from our code list."""

    code: str = ""
    frequency: str = ""
    quantity: Decimal | None = None
    days: int = 0
    dispensed_on: date | None = None
    prescriber_code: str = ""
    is_chronic: bool = False
    refill: int = 0
    refills: int = 0
    prescribed_months: int = 0
    atc3_name: str = ""
    atc5_name: str = ""

    @property
    def frequency_name(self) -> str:
        return self.frequency

    @property
    def supplied_on(self) -> date:
        return self.visited_on


def outside_allergies() -> OutsideRegister[OutsideAllergy] | None:
    """The register of allergies, where one is named."""
    server = outside_server(SERVICE)
    if server is None:
        return None
    return OutsideRegister(NAME, server, "AllergyIntolerance", lambda asked: {}, read_allergy)


def outside_medicines() -> OutsideRegister[OutsideMedication] | None:
    """The register of dispensings, where one is named."""
    server = outside_server(SERVICE)
    if server is None:
        return None
    return OutsideRegister(NAME, server, "MedicationDispense", _dispensed_in_time, read_medication)


def read_allergy(resource: Resource, question: Question) -> OutsideAllergy | None:
    """An allergy of unknown day is of today: a warning must not get lost over its date."""
    if _first_code(resource.get("verificationStatus")) in VOID:
        return None
    ingredient = text_of(resource["code"])
    if not ingredient:
        raise ValueError("an allergy to nothing")
    reactions = resource.get("reaction") or []
    symptoms = [text_of(each) for one in reactions for each in one.get("manifestation") or []]
    told = resource.get("recordedDate") or resource.get("onsetDateTime")
    grades = [SEVERITIES[one["severity"]] for one in reactions if one.get("severity")]
    return OutsideAllergy(
        visited_on=min(day_of(told), question.until) if told else question.until,
        institution_label=_reporter(resource),
        name="",
        ingredient=ingredient,
        atc_code=code_of(resource["code"], ATC)[:7],
        severity=max(grades, default=""),
        symptoms="、".join(dict.fromkeys(filter(None, symptoms))),
    )


def _dispensed_in_time(question: Question) -> Mapping[str, str]:
    since = {"whenhandedover": f"ge{question.since.isoformat()}"} if question.since else {}
    return {"status": "completed", **since}


def read_medication(resource: Resource, question: Question) -> OutsideMedication | None:
    """A dispensing without the number of days counts as used up: nothing is known to be left."""
    medicine = resource["medicationCodeableConcept"]
    name = text_of(medicine)
    if not name:
        raise ValueError("a dispensing of nothing")
    given_on = day_of(resource.get("whenHandedOver") or resource["whenPrepared"])
    if not question.covers(given_on):
        return None
    atc = code_of(medicine, ATC)[:7]
    quantity = (resource.get("quantity") or {}).get("value")
    return OutsideMedication(
        visited_on=given_on,
        institution_label=_dispenser(resource),
        prescriber_code=_dispenser(resource),  # so that two houses on one day are two prescriptions
        name=name,
        ingredient=_ingredient(medicine),
        atc_code=atc,
        code=_own_code(medicine),
        frequency=_usage(resource),
        quantity=None if quantity is None else Decimal(str(quantity)),
        days=max(0, int((resource.get("daysSupply") or {}).get("value") or 0)),
        dispensed_on=given_on,
        atc3_name=atc[:4],
        atc5_name=atc,
    )


def _first_code(concept: Any) -> str:
    """The code of a concept whose code system is fixed by FHIR."""
    codings = (concept or {}).get("coding") or [{}]
    return str(codings[0].get("code", ""))


def _ingredient(medicine: Resource) -> str:
    """The substance's name, as WHO's list of drug classes has it."""
    codings = medicine.get("coding") or []
    return next((str(c.get("display", "")) for c in codings if c.get("system") == ATC), "")


def _own_code(medicine: Resource) -> str:
    """The drug's code of the first list that is not ATC."""
    codings = medicine.get("coding") or []
    return next((str(c.get("code", "")) for c in codings if c.get("system") != ATC), "")


def _usage(resource: Resource) -> str:
    first = (resource.get("dosageInstruction") or [{}])[0]
    timing = text_of((first.get("timing") or {}).get("code"))
    return str(first.get("text") or timing)


def _reporter(resource: Resource) -> str:
    named = (resource.get(role) or {} for role in ("recorder", "asserter"))
    return next((str(each["display"]) for each in named if each.get("display")), "")


def _dispenser(resource: Resource) -> str:
    place = (resource.get("location") or {}).get("display")
    actors = [one.get("actor", {}).get("display") for one in resource.get("performer") or []]
    return str(next((each for each in [place, *actors] if each), ""))
