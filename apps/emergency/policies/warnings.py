"""What a physician must not overlook: the same medicine twice, and medicines that a person is allergic to."""

from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from apps.emergency.terms import Mark

SUBSTANCE = 7  # characters of an ATC code of the fifth level
GROUP = 5  # fourth level: the chemical subgroup
# Whoever reacts to one of these may react to the others, across chemical subgroups (ours; textbook
# knowledge): penicillins; cephalosporins; NSAIDs and salicylates; sulfonamides; quinolones; aromatic
# antiepileptics; local anaesthetics; iodinated contrast media; opium alkaloids.
CROSS_REACTIVE = (
    ("J01C",),
    ("J01D",),
    ("M01A", "N02BA", "B01AC06"),
    ("J01E",),
    ("J01M",),
    ("N03AA", "N03AB", "N03AF"),
    ("N01B",),
    ("V08A",),
    ("N02AA", "R05DA"),
)


@dataclass(frozen=True)
class Drug:
    """A drug as the rules see it. `visit` names the prescription; supplies of one are no duplicates."""

    atc_code: str
    ingredient: str
    visit: str
    days_left: int = 0


@dataclass(frozen=True)
class Allergen:
    atc_code: str
    ingredient: str


def conflicts(drug: Drug, allergens: Iterable[Allergen]) -> Mark | None:
    """Whether a person is allergic to the drug itself, or to another of its group."""
    found = {_conflict(drug, allergen) for allergen in allergens}
    for warning in (Mark.ALLERGY, Mark.ALLERGY_GROUP):
        if warning in found:
            return warning
    return None


def _conflict(drug: Drug, allergen: Allergen) -> Mark | None:
    if _same_ingredient(drug.ingredient, allergen.ingredient):
        return Mark.ALLERGY
    if not drug.atc_code or not allergen.atc_code:
        return None
    if drug.atc_code.startswith(allergen.atc_code):
        return Mark.ALLERGY
    if _same_group(drug.atc_code, allergen.atc_code):
        return Mark.ALLERGY_GROUP
    return None


def _same_group(one: str, other: str) -> bool:
    if len(other) >= GROUP and one[:GROUP] == other[:GROUP]:
        return True
    return any(one.startswith(group) and other.startswith(group) for group in CROSS_REACTIVE)


def _same_ingredient(one: str, other: str) -> bool:
    """By name, for entries without a code; salts of an acid count ("amoxicillin trihydrate")."""
    first, second = one.casefold().strip(), other.casefold().strip()
    if not first or not second:
        return False
    return first.startswith(second) or second.startswith(first)


def duplicates(drugs: Sequence[Drug]) -> set[int]:
    """Places of drugs of the same substance (ATC5) that several prescriptions supply at the same time."""
    supplied: dict[str, dict[str, list[int]]] = {}
    for place, drug in enumerate(drugs):
        if drug.days_left > 0 and len(drug.atc_code) == SUBSTANCE:
            supplied.setdefault(drug.atc_code, {}).setdefault(drug.visit, []).append(place)
    return {
        place
        for visits in supplied.values()
        if len(visits) > 1
        for places in visits.values()
        for place in places
    }


def mark(drugs: Sequence[Drug], allergens: Sequence[Allergen]) -> list[tuple[Mark, ...]]:
    """The marks of each drug, in the order given; the gravest of each first."""
    twice = duplicates(drugs)
    marked: list[tuple[Mark, ...]] = []
    for place, drug in enumerate(drugs):
        conflict = conflicts(drug, allergens)
        found = [conflict] if conflict else []
        found += [Mark.DUPLICATE] if place in twice else []
        marked.append(tuple(found))
    return marked
