"""The NHI card of a call, as the enrolled workstation read it."""

import json
from dataclasses import dataclass
from datetime import date
from typing import Any, Self
from uuid import UUID

from apps.cards.readings import NhiReading
from apps.identities.sealing import seal
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.visits.moments import write_day
from apps.visits.signatures import Patient


@dataclass(frozen=True)
class PresentedCard:
    """Its reading, the cancellation mark, and whom it is about."""

    reading: NhiReading
    cancelled: bool
    patient: UUID

    @classmethod
    def of_claims(cls, claims: dict[str, Any]) -> Self:
        """From the agent's JSON; raises Invalid. A cancelled card is for the policies to refuse."""
        reading = NhiReading.of_claims(claims | {"cancelled": False})
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=reading.national_id)
        return cls(reading, claims.get("cancelled") is not False, patient)

    @property
    def born_on(self) -> date:
        return self.reading.birth_date

    @property
    def signed_part(self) -> Patient:
        told = self.reading
        return Patient(told.card_number, told.national_id, write_day(told.birth_date))

    def sealed_for(self, visit: UUID) -> tuple[str, bytes]:
        """Card number and birth date (M02, M04), bound to the visit's row."""
        told = self.signed_part
        body = {"card_number": told.card_number, "birth_date": told.birth_date}
        return seal(json.dumps(body).encode(), bound_to=b"visit:" + visit.bytes)
