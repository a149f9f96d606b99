"""What is done with visits: `numbers` (a number, an identifier), `insurance` (checks and register
data), `writing` (diagnoses, fees, prescriptions), `taking_back` (a number that was not needed)."""

from apps.visits.services.insurance import (
    check_insurance,
    note_reading,
    password_set,
    read_register,
)
from apps.visits.services.numbers import Place, Wish, find_visit_identifier, open_visit
from apps.visits.services.taking_back import is_taken_back, take_back_visit
from apps.visits.services.writing import Diagnoses, Target, write_prescriptions, write_treatment

__all__ = [
    "Diagnoses",
    "Place",
    "Target",
    "Wish",
    "check_insurance",
    "find_visit_identifier",
    "is_taken_back",
    "note_reading",
    "open_visit",
    "password_set",
    "read_register",
    "take_back_visit",
    "write_prescriptions",
    "write_treatment",
]
