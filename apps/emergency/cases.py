"""An emergency query as its pages see it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from apps.accounts.models import Session
from apps.core import clock
from apps.emergency.models import EmergencyCase
from apps.emergency.policies.admission import admits
from apps.emergency.policies.warnings import Allergen
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, all_tabs
from apps.emergency.terms import Purpose
from apps.queries.models import Query


@dataclass(frozen=True)
class Case:
    """One query with its alert and consent, seen by one profession of one institution."""

    row: EmergencyCase
    profession: str
    own_code: str

    @classmethod
    def of(cls, row: EmergencyCase, *, session: Session | None) -> Self:
        """`session` is there behind a guard."""
        assert session is not None
        return cls(row, session.profession, session.institution_code)

    @property
    def query(self) -> Query:
        return self.row.query

    @property
    def purpose_label(self) -> str:
        return str(Purpose(self.query.purpose).label)

    @property
    def alert_is_open(self) -> bool:
        return self.row.alert_closed_at is None

    @property
    def needs_consent(self) -> bool:
        """The card has a password and nothing was said yet."""
        return self.row.has_password and not self.query.consent

    @cached_property
    def tabs(self) -> list[EmergencyTab]:
        """Those that the profession sees; one that no operator has touched is shown."""
        switches = {each["tab"]: each for each in self.row.switches}
        return [
            tab
            for tab in all_tabs()
            if (switch := switches.get(tab.name)) is None
            or admits(
                enabled=switch["enabled"],
                professions=switch["professions"],
                profession=self.profession,
            )
        ]

    @cached_property
    def today(self) -> date:
        return clock.today()

    def question(self, tab: EmergencyTab) -> EmergencyQuestion:
        return EmergencyQuestion(
            patient=self.query.patient_id,
            since=tab.since(self.today),
            until=self.today,
            own_code=self.own_code,
            allergens=tuple(Allergen(**each) for each in self.row.allergens),
        )
