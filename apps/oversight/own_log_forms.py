"""What managers look for in the log of their institution."""

from typing import Any
from uuid import UUID

from apps.accounts.models import Person
from apps.oversight.criteria import Criteria
from apps.oversight.forms import PeriodForm
from apps.oversight.services.own_log import find_people_here


class OwnLogForm(PeriodForm):
    """`criteria` and `labels` are there after is_valid()."""

    def __init__(self, *args: Any, institution: UUID, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self.institution = institution

    def find_people(self, text: str) -> list[Person]:
        """Somebody who belongs or belonged here."""
        return find_people_here(text=text, institution=self.institution)

    def chosen_among(self, found: list[Person], chosen: str) -> list[Person]:
        return super().chosen_among(found, chosen) or found

    def criteria(self) -> Criteria:
        names = ("since", "until", "person", "service", "action", "outcome")
        chosen = {name: self.cleaned_data[name] for name in names}
        return Criteria(institution=self.institution, **chosen)
