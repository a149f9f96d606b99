"""May this card get a visit number now? Read from the top; the first that does not hold is the answer.

The order is the manual's (chapter 3, 取號時進行民眾在保狀態查核): state of the card, its validity,
the visits left, then the insurance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, timedelta
from typing import NamedTuple

from apps.core.errors import Refusal
from apps.visits.models import InsuranceStatus
from apps.visits.refusals import (
    CardCancelled,
    CardExpired,
    IdentityMismatch,
    InArrears,
    InsuranceEnded,
    NotInsured,
    NoVisitsLeft,
)
from apps.visits.terms import NEWBORN_DAYS, InsuranceState


@dataclass(frozen=True)
class Facts:
    """What is known when a number is asked for. `status` is None for a person nobody reported."""

    status: InsuranceStatus | None
    today: date
    born_on: date  # as the card says
    cancelled: bool = False  # as the card says
    newborn: bool = False
    counted: bool = True


class Rule(NamedTuple):
    refusal: type[Refusal]
    holds: Callable[[Facts, InsuranceStatus], bool]


def _newborn_fits(facts: Facts, status: InsuranceStatus) -> bool:
    """A newborn on a parent's card is known to the insurer and not older than 60 days."""
    if not facts.newborn:
        return True
    born = status.newborn_born_on
    return born is not None and born <= facts.today <= born + timedelta(days=NEWBORN_DAYS)


CARD = (
    Rule(CardCancelled, lambda facts, status: not (facts.cancelled or status.card_cancelled)),
    Rule(
        CardExpired,
        lambda facts, status: (
            status.card_valid_until is None or facts.today <= status.card_valid_until
        ),
    ),
    Rule(NoVisitsLeft, lambda facts, status: not facts.counted or status.visits_left > 0),
)
INSURANCE = (
    Rule(
        IdentityMismatch,
        lambda facts, status: status.born_on is None or status.born_on == facts.born_on,
    ),
    Rule(IdentityMismatch, _newborn_fits),
    Rule(InsuranceEnded, lambda facts, status: status.state == InsuranceState.INSURED),
    Rule(InArrears, lambda facts, status: not status.arrears),
)


def check_card(facts: Facts) -> None:
    """State, validity, visits left. Raises the refusal of the first rule that does not hold."""
    _check(CARD, facts)


def check_insurance(facts: Facts) -> None:
    """即時查保 (APIs 1.37, 1.53, 1.55). Raises the refusal of the first rule that does not hold."""
    _check(INSURANCE, facts)


def _check(rules: tuple[Rule, ...], facts: Facts) -> None:
    if facts.status is None:
        # The card's own word comes before the list's silence.
        raise (CardCancelled if facts.cancelled else NotInsured)(reason="no_insurance_status")
    for rule in rules:
        if not rule.holds(facts, facts.status):
            raise rule.refusal
