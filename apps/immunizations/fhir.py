"""Doses over FHIR R4: Immunization, after TW Core IG 1.0.0.

An institution's program reads the doses that this institution gave. Somebody's whole history is
seen by people only, with their card (HIQS).
"""

from uuid import UUID

from django.db.models import Q, QuerySet

from apps.audit.actors import Actor
from apps.core.fhir import searching, words
from apps.core.fhir.resources import Resource
from apps.core.fhir.words import Json
from apps.identities.fhir import patient_parameters
from apps.immunizations.models import VaccinationRecord
from apps.institutions.models import Institution
from apps.workstations.fhir import ReadsForInstitution

PROFILE = f"{words.TW_CORE}Immunization-twcore"
CVX = "http://hl7.org/fhir/sid/cvx"
# CVX of "unspecified formulation": campaigns name the vaccine, not the product.
CVX_CODES = {"COVID19": "213", "FLU": "88"}


def _rows(by: Actor) -> QuerySet[VaccinationRecord]:
    here = Institution.objects.filter(pk__in=[by.institution]).values("code")
    return VaccinationRecord.objects.filter(institution_code__in=here).select_related("vaccine")


def _write(dose: VaccinationRecord) -> Json:
    vaccine = dose.vaccine
    codings = [words.coding(words.system("vaccine"), vaccine.code, vaccine.label)]
    if vaccine.code in CVX_CODES:
        codings.insert(0, words.coding(CVX, CVX_CODES[vaccine.code]))
    return words.without_gaps(
        {
            "resourceType": "Immunization",
            "id": str(dose.pk),
            "meta": words.meta(PROFILE),
            "status": "completed",
            "vaccineCode": words.concept(f"{vaccine.label} {dose.brand}", *codings),
            "patient": words.patient_reference(dose.patient_id),
            "occurrenceDateTime": words.day(dose.given_on),
            "primarySource": True,
            "location": words.institution_reference(dose.institution_code, kind="Location"),
            "manufacturer": {"display": dose.brand} if dose.brand else {},
            "lotNumber": dose.lot,
            "expirationDate": words.day(dose.lot_expires_on) if dose.lot_expires_on else "",
            "performer": [{"actor": {"display": dose.giver}}] if dose.giver else [],
            "protocolApplied": [{"doseNumberPositiveInt": dose.dose_number}],
        }
    )


def _narrow_vaccine(text: str) -> Q:
    """Our own code, or that of CVX."""
    code = text.rpartition("|")[2]
    own = {cvx: name for name, cvx in CVX_CODES.items()}
    return Q(vaccine_id=own.get(code, code))


def _narrow_status(text: str) -> Q:
    """Only what was given is recorded here."""
    return Q() if text.rpartition("|")[2] == "completed" else Q(pk__in=[])


def _patient_of(dose: VaccinationRecord) -> UUID:
    return dose.patient_id


IMMUNIZATION = Resource(
    kind="Immunization",
    about="Doses that the institution gave.",
    rows=_rows,
    write=_write,
    order=("-given_on", "-id"),
    policy=ReadsForInstitution(),
    patient_of=_patient_of,
    profile=PROFILE,
    parameters=(
        searching.row_id(),
        searching.day("date", "When it was given", "given_on"),
        searching.Parameter("vaccine-code", "token", "Vaccine code, or CVX", _narrow_vaccine),
        searching.token("lot-number", "Lot", "lot"),
        searching.Parameter("status", "token", "completed", _narrow_status),
        *patient_parameters(),
    ),
)
