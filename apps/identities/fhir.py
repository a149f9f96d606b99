"""Finding people's records over FHIR, by their number or by the id that stands for them."""

from uuid import UUID

from apps.core.fhir.searching import Parameter, identity, number
from apps.core.fhir.words import NATIONAL_ID_SYSTEM
from apps.identities.services import find
from apps.identities.terms import IdentifierKind


def patient_parameters(lookup: str = "patient_id") -> tuple[Parameter, Parameter]:
    """`patient:identifier` by the id that answers give, `patient.identifier` by national ID."""
    return (
        identity("The person, by the id that other answers give", lookup),
        number("The person, by national ID: POST …/_search only", _identify, lookup),
    )


def _identify(text: str) -> UUID | None:
    """`[system|]national ID`; ValueError for another system or a wrong number."""
    uri, _bar, value = text.rpartition("|")
    if uri not in ("", NATIONAL_ID_SYSTEM):
        raise ValueError("another naming system")
    return find(kind=IdentifierKind.NATIONAL_ID, value=value)
