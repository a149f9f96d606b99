"""Whom a query is about: from a typed number or from a card to a patient's random id."""

from dataclasses import dataclass
from uuid import UUID

from apps.cards.models import Reading
from apps.cards.readings import NhiReading
from apps.identities.masking import mask_national_id
from apps.identities.numbers import normalize
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind


@dataclass(frozen=True)
class Patient:
    """`masked_number` is all that pages show of the number."""

    identity: UUID
    masked_number: str
    number_kind: IdentifierKind = IdentifierKind.NATIONAL_ID


def patient_by_number(value: str, *, kind: IdentifierKind = IdentifierKind.NATIONAL_ID) -> Patient:
    """Also somebody never seen before: asking about them leaves a trace too. Raises InvalidNumber."""
    number = normalize(kind=kind, value=value)
    return Patient(identify(kind=kind, value=number), _mask(kind, number), kind)


def patient_by_card(reading: Reading, card: NhiReading) -> Patient:
    return Patient(reading.patient_id, mask_national_id(card.national_id))


def _mask(kind: IdentifierKind, number: str) -> str:
    """A passport's nationality stands first in its number, and is shown as it is typed: behind it."""
    if kind == IdentifierKind.PASSPORT:
        return f"{mask_national_id(number[3:])}-{number[:3]}"
    return mask_national_id(number)
