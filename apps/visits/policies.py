"""May this card get a visit number now? Read from the top; the first that does not hold is the answer.

The order is the manual's (chapter 3, 取號時進行民眾在保狀態查核): state of the card, its validity,
the visits left, then the insurance.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import date, datetime, timedelta
from typing import NamedTuple
from uuid import UUID

from apps.core.errors import Refusal
from apps.visits.models import InsuranceStatus, Visit
from apps.visits.refusals import (
    AlreadyTakenBack,
    CardCancelled,
    CardExpired,
    IdentityMismatch,
    InArrears,
    InsuranceEnded,
    KindStays,
    NothingToTakeBack,
    NotInsured,
    NoVisitsLeft,
    TakenBackTooLate,
    VisitElsewhere,
    VisitWritten,
)
from apps.visits.terms import NEWBORN_DAYS, TAKEN_BACK_WITHIN, InsuranceState


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


@dataclass(frozen=True)
class TakingBack:
    """What is known when a number is to be taken back (退掛). `written`: anything was written to it."""

    visit: Visit
    institution: UUID
    now: datetime
    written: bool


# The order and the numbers are the control software's (5150 to 5154); the last rule is ours.
TAKE_BACK: tuple[tuple[type[Refusal], Callable[[TakingBack], bool]], ...] = (
    (VisitElsewhere, lambda facts: facts.visit.institution_id == facts.institution),
    (KindStays, lambda facts: facts.visit.counted),
    (AlreadyTakenBack, lambda facts: facts.visit.taken_back_at is None),
    (TakenBackTooLate, lambda facts: facts.now - facts.visit.visited_at <= TAKEN_BACK_WITHIN),
    (VisitWritten, lambda facts: not facts.written),
)


def check_taking_back(facts: TakingBack | None) -> None:
    """API 1.39. Raises the refusal of the first rule that does not hold; None is an unknown visit."""
    if facts is None:
        raise NothingToTakeBack(reason="visit_unknown")
    for refusal, holds in TAKE_BACK:
        if not holds(facts):
            raise refusal
