"""Vaccination records of an outside FHIR R4 server (Immunization), for installations that name one.

docs/how-to/fhir-source.md.
"""

from collections.abc import Callable, Iterable, Sequence
from datetime import date
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.immunizations.doses import Dose
from apps.immunizations.models import Vaccine
from apps.immunizations.terms import SERVICE
from apps.queries.answers import Answer, Question
from apps.queries.providers import LocalTable, Source, Together
from apps.queries.providers.fhir import FhirServer
from apps.queries.providers.register import outside_server, patient_number
from apps.queries.terms import AnswerState

INFLUENZA_WORDS = ("流感", "influenza")


class FhirImmunizations:
    """The doses of one tab, as the outside server tells them."""

    name: str | Promise = _("outside immunization register")

    def __init__(self, server: FhirServer, *, influenza: bool) -> None:
        self._server, self._influenza = server, influenza

    def answer(self, question: Question) -> Answer[Dose]:
        """Doses that cannot be understood make the answer partial. Raises SourceFailed."""
        found = self._server.search(
            "Immunization",
            {
                "patient.identifier": patient_number(question.patient),
                "date": f"le{question.until.isoformat()}",
                "status": "completed",
            },
        )
        vaccines = {each.code: each for each in Vaccine.objects.all()}
        doses = [_read(each, vaccines, str(self.name)) for each in found.resources]
        mine = [
            dose
            for dose, influenza in (each for each in doses if each is not None)
            if influenza == self._influenza and dose.given_on <= question.until
        ]
        complete = found.complete and None not in doses
        return Answer(
            rows=mine,
            state=AnswerState.COMPLETE if complete else AnswerState.PARTIAL,
            missing=() if complete else (self.name,),
            reason="" if complete else "incomplete_answer",
        )


def source_of(fetch: Callable[[Question], Iterable[Dose]], *, influenza: bool) -> Source[Dose]:
    """Our own table; together with the outside register where one is named."""
    local = LocalTable(_("vaccination records"), fetch)
    server = outside_server(SERVICE)
    if server is None:
        return local
    register = FhirImmunizations(server, influenza=influenza)
    return Together(_("vaccination records"), [local, register], merge)


def merge(doses: list[Dose]) -> Sequence[Dose]:
    """Newest first. A dose that both report is shown once, as our own table has it (it comes first)."""
    once: dict[tuple[str, int | None, date], Dose] = {}
    for each in doses:
        once.setdefault((each.code, each.dose, each.given_on), each)
    return sorted(once.values(), key=lambda dose: (dose.given_on, dose.dose or 0), reverse=True)


def _read(
    resource: dict[str, Any], vaccines: dict[str, Vaccine], source: str
) -> tuple[Dose, bool] | None:
    """The dose and whether it is influenza; None for what is no dose on a day."""
    try:
        given_on = date.fromisoformat(str(resource["occurrenceDateTime"])[:10])
        codings = resource["vaccineCode"].get("coding", [])
        words = resource["vaccineCode"].get("text") or codings[0].get("display") or ""
        known = next((vaccines[c["code"]] for c in codings if c.get("code") in vaccines), None)
        applied = (resource.get("protocolApplied") or [{}])[0]
        dose = Dose(
            code=known.code if known else str(codings[0]["code"] if codings else words),
            vaccine=known.label if known else str(words),
            brand=str((resource.get("manufacturer") or {}).get("display", "")),
            dose=applied.get("doseNumberPositiveInt"),
            given_on=given_on,
            institution=_place_of(resource),
            lot=str(resource.get("lotNumber", "")),
            source=source,
        )
    except (KeyError, IndexError, TypeError, ValueError, AttributeError):
        return None
    if not dose.vaccine:
        return None
    if known:
        return dose, known.is_influenza
    return dose, any(word in dose.vaccine.lower() for word in INFLUENZA_WORDS)


def _place_of(resource: dict[str, Any]) -> str:
    performers = [each.get("actor", {}).get("display") for each in resource.get("performer", [])]
    location = (resource.get("location") or {}).get("display")
    return str(next((place for place in [location, *performers] if place), ""))
