"""What the operators' pages look up."""

from uuid import UUID

from apps.access.fetches import masked_ids
from apps.identities.numbers import InvalidNumber
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.visits.models import InsuranceStatus, Visit
from apps.visits.signatures import read_signature


def find_insured(number: str) -> InsuranceStatus | None:
    """The row of the person with this national ID; None for nobody, and for a number that is none."""
    try:
        patient = find(kind=IdentifierKind.NATIONAL_ID, value=number)
    except InvalidNumber:
        return None
    return InsuranceStatus.objects.filter(patient_id=patient).first() if patient else None


def find_visit_of_signature(signature: str) -> Visit | None:
    """The visit that a right signature of 256 characters speaks of."""
    statement = read_signature(signature)
    if statement is None:
        return None
    return Visit.objects.filter(identifier=statement.identifier).first()


def is_signed(visit: Visit) -> bool:
    """Whether the stored signature is right and speaks of this visit."""
    statement = read_signature(visit.signature)
    return statement is not None and statement.identifier == visit.identifier


def find_masked_number(patient: UUID) -> str:
    """`C221****05`; "" where no national ID is known."""
    return masked_ids([patient]).get(patient, "")


def count_written(visit: Visit) -> dict[str, int]:
    """How much was written to a visit. What was written is medical: operators do not see it."""
    treatment = getattr(visit, "treatment", None)
    return {
        "diagnoses": len(treatment.diagnoses) if treatment else 0,
        "orders": visit.prescriptions.count(),
    }
