"""What is done with visits: `numbers` (a number, an identifier), `insurance` (checks and register
data), `writing` (diagnoses, fees, prescriptions)."""

from apps.visits.services.insurance import (
    check_insurance,
    note_reading,
    password_set,
    read_register,
)
from apps.visits.services.numbers import Place, Wish, find_visit_identifier, open_visit
from apps.visits.services.writing import Diagnoses, Target, write_prescriptions, write_treatment

__all__ = [
    "Diagnoses",
    "Place",
    "Target",
    "Wish",
    "check_insurance",
    "find_visit_identifier",
    "note_reading",
    "open_visit",
    "password_set",
    "read_register",
    "write_prescriptions",
    "write_treatment",
]
