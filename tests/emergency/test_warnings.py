"""Duplicates and allergies, as truth tables."""

import pytest

from apps.emergency.policies.admission import admits, purposes_of, source_of
from apps.emergency.policies.warnings import Allergen, Drug, conflicts, duplicates, mark
from apps.emergency.terms import Mark, Purpose, Source

AMOXICILLIN = "J01CA04"
AUGMENTIN = "J01CR02"


@pytest.mark.parametrize(
    ("drug", "allergen", "expected"),
    [
        ((AMOXICILLIN, "amoxicillin"), (AMOXICILLIN, "amoxicillin"), Mark.ALLERGY),
        # another penicillin
        ((AUGMENTIN, "amoxicillin and clavulanic acid"), (AMOXICILLIN, "x"), Mark.ALLERGY_GROUP),
        # the allergy was entered for a whole group
        ((AUGMENTIN, ""), ("J01C", "penicillins"), Mark.ALLERGY),
        ((AUGMENTIN, ""), ("J01", ""), Mark.ALLERGY),
        # other groups
        (("J01DC02", "cefuroxime"), (AMOXICILLIN, "amoxicillin"), None),
        (("M01AB05", "diclofenac"), ("M01AE01", "ibuprofen"), Mark.ALLERGY_GROUP),
        (("B01AC06", "acetylsalicylic acid"), ("M01AE01", "ibuprofen"), Mark.ALLERGY_GROUP),
        # one chemical subgroup
        (("C09AA05", "ramipril"), ("C09AA02", "enalapril"), Mark.ALLERGY_GROUP),
        # antiepileptics: only the aromatic ones go together
        (("N03AX14", "levetiracetam"), ("N03AB02", "phenytoin"), None),
        (("N03AF01", "carbamazepine"), ("N03AB02", "phenytoin"), Mark.ALLERGY_GROUP),
        # without codes the name counts, in any case, with or without its salt
        (("", "Amoxicillin trihydrate"), ("", "AMOXICILLIN"), Mark.ALLERGY),
        ((AMOXICILLIN, "amoxicillin"), ("", "Amoxicillin "), Mark.ALLERGY),
        (("", ""), ("", ""), None),
        (("", "aspirin"), (AMOXICILLIN, ""), None),
        # a class of one letter would mark half of all drugs of the group: only as a prefix
        (("M02AA15", ""), ("M01AE01", ""), None),
    ],
)
def test_conflicts_with_an_allergy(
    drug: tuple[str, str], allergen: tuple[str, str], expected: Mark | None
) -> None:
    assert conflicts(Drug(*drug, visit="1"), [Allergen(*allergen)]) == expected


def test_the_graver_of_two_allergies_counts() -> None:
    allergens = [Allergen("J01CA01", "ampicillin"), Allergen(AUGMENTIN, "")]
    assert conflicts(Drug(AUGMENTIN, "", "1"), allergens) == Mark.ALLERGY


@pytest.mark.parametrize(
    ("drugs", "expected"),
    [
        # the same substance from two prescriptions, both lasting
        ([("N05BA12", "1", 5), ("N05BA12", "2", 9)], {0, 1}),
        # one is used up
        ([("N05BA12", "1", 0), ("N05BA12", "2", 9)], set()),
        # one prescription, dispensed twice
        ([("N05BA12", "1", 5), ("N05BA12", "1", 28)], set()),
        ([("N05BA12", "1", 5), ("N05BA12", "1", 28), ("N05BA12", "2", 1)], {0, 1, 2}),
        # another substance of the same group
        ([("N05BA12", "1", 5), ("N05BA06", "2", 9)], set()),
        # codes that are no substance, or none
        ([("N05BA", "1", 5), ("N05BA", "2", 9)], set()),
        ([("", "1", 5), ("", "2", 9)], set()),
    ],
)
def test_duplicates_are_of_one_substance_and_of_several_prescriptions(
    drugs: list[tuple[str, str, int]], expected: set[int]
) -> None:
    given = [Drug(atc, "", visit, left) for atc, visit, left in drugs]
    assert duplicates(given) == expected


def test_a_drug_may_carry_both_warnings_the_graver_first() -> None:
    drugs = [Drug(AUGMENTIN, "", "1", 3), Drug(AUGMENTIN, "", "2", 3), Drug("C08DB01", "", "1", 3)]
    found = mark(drugs, [Allergen(AMOXICILLIN, "")])
    both = (Mark.ALLERGY_GROUP, Mark.DUPLICATE)
    assert found == [both, both, ()]


@pytest.mark.parametrize(
    ("emergency", "video", "expected"),
    [
        (True, True, list(Purpose)),
        (True, False, [Purpose.TRIAGE_1, Purpose.TRIAGE_2, Purpose.TRIAGE_3]),
        (False, True, [Purpose.VIDEO]),
        (False, False, []),
    ],
)
def test_purposes_of_an_institution(emergency: bool, video: bool, expected: list[Purpose]) -> None:
    assert purposes_of(has_emergency_department=emergency, offers_video=video) == expected


@pytest.mark.parametrize(
    ("enabled", "professions", "profession", "expected"),
    [
        (True, [], "A", True),
        (True, [], "D", True),
        (True, ["A"], "A", True),
        (True, ["A"], "D", False),
        (True, ["A", "D"], "D", True),
        (False, [], "A", False),
        (True, ["A"], "", False),
    ],
)
def test_which_profession_sees_a_tab(
    enabled: bool, professions: list[str], profession: str, expected: bool
) -> None:
    assert admits(enabled=enabled, professions=professions, profession=profession) is expected


@pytest.mark.parametrize(
    ("code", "expected"),
    [
        ("1101010021", Source.OWN),
        ("0131060029", Source.OTHER),
        ("5901012345", Source.PHARMACY),
    ],
)
def test_where_a_medicine_comes_from(code: str, expected: Source) -> None:
    assert source_of(institution_code=code, own_code="1101010021") == expected
