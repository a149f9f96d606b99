"""What is done with visits: `numbers` (a number, an identifier), `insurance` (checks and register
data), `writing` (diagnoses, fees, prescriptions)."""

from apps.visits.services.insurance import check_insurance, read_register
from apps.visits.services.numbers import Place, Wish, find_visit_identifier, open_visit

__all__ = [
    "Place",
    "Wish",
    "check_insurance",
    "find_visit_identifier",
    "open_visit",
    "read_register",
]
