"""What a tab asks its source."""

from dataclasses import dataclass

from apps.emergency.policies.warnings import Allergen
from apps.queries.answers import Question


@dataclass(frozen=True, kw_only=True)
class EmergencyQuestion(Question):
    """`until` is today. `own_code` is the code of the institution that asks; `allergens` are what
    medicines are compared with.
    """

    own_code: str
    allergens: tuple[Allergen, ...] = ()
