"""An emergency query as its pages see it."""

from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Self

from django.utils.translation import get_language

from apps.accounts.models import Session
from apps.core import clock
from apps.emergency.models import EmergencyCase
from apps.emergency.policies.admission import admits
from apps.emergency.policies.warnings import Allergen
from apps.emergency.questions import EmergencyQuestion
from apps.emergency.registry import EmergencyTab, all_tabs
from apps.emergency.terms import Place, Purpose
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

    def notices(self, tab: EmergencyTab) -> list[str]:
        """What stands above a tab; a tab of another module may bring its own."""
        return self._words(Place.NOTICE, tab.name) or [str(each) for each in tab.notices]

    def empty(self, tab: EmergencyTab) -> str:
        """What a tab says that has no records, and whose sources all answered."""
        return next(iter(self._words(Place.EMPTY, tab.name)), str(tab.empty))

    @property
    def explanation(self) -> list[str]:
        return self._words(Place.EXPLANATION)

    def _words(self, place: Place, tab: str = "") -> list[str]:
        name = "text_en" if get_language() == "en" else "text"
        return [
            each[name]
            for each in self.row.texts
            if each["place"] == place and (not tab or tab in each["tabs"])
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
