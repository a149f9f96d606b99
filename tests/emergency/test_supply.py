"""How long a medicine lasts and when it may be dispensed again, as truth tables."""

from datetime import date, timedelta

import pytest

from apps.emergency.policies.supply import (
    Supply,
    is_specific,
    next_refill,
    opens_on,
    stock_left,
    valid_until,
)

MARCH = date(2021, 3, 1)


def day(number: int) -> date:
    """1 is the first day of the supply."""
    return MARCH + timedelta(days=number - 1)


@pytest.mark.parametrize(
    ("days", "asked_on", "left"),
    [
        (28, day(1), 28),
        (28, day(2), 27),
        (28, day(28), 1),
        (28, day(29), 0),
        (28, day(400), 0),
        (28, day(0), 28),  # dispensed tomorrow
        (1, day(1), 1),
        (1, day(2), 0),
        (0, day(1), 0),
    ],
)
def test_days_left_of_one_supply(days: int, asked_on: date, left: int) -> None:
    assert Supply(MARCH, days).left_on(asked_on) == left


def test_the_last_day_of_28_days_from_1_march_is_28_march() -> None:
    assert Supply(MARCH, 28).last_day == date(2021, 3, 28)


@pytest.mark.parametrize(
    ("supplies", "asked_on", "left"),
    [
        ([], day(1), 0),
        ([(1, 28)], day(1), 28),
        ([(1, 28)], day(28), 1),
        ([(1, 28)], day(29), 0),
        # fetched ten days early: the old one is used up first
        ([(1, 28), (19, 28)], day(19), 38),
        ([(1, 28), (19, 28)], day(56), 1),
        ([(1, 28), (19, 28)], day(57), 0),
        # the order of the rows does not matter
        ([(19, 28), (1, 28)], day(19), 38),
        # a gap is lost
        ([(1, 28), (40, 28)], day(40), 28),
        # two visits on the same day
        ([(1, 7), (1, 7)], day(1), 14),
        # nothing that lies in the future
        ([(1, 28), (29, 28)], day(20), 9),
    ],
)
def test_days_left_over_all_supplies(
    supplies: list[tuple[int, int]], asked_on: date, left: int
) -> None:
    given = [Supply(day(begins), days) for begins, days in supplies]
    assert stock_left(given, on=asked_on) == left


@pytest.mark.parametrize(
    ("days", "opens"),
    [(28, day(19)), (30, day(21)), (90, day(81)), (10, day(1)), (7, day(1)), (11, day(2))],
)
def test_the_next_dispensing_opens_in_the_last_ten_days(days: int, opens: date) -> None:
    assert opens_on(Supply(MARCH, days)) == opens


@pytest.mark.parametrize(
    ("days", "refills", "ends"),
    [(28, 3, day(84)), (30, 3, day(90)), (28, 4, day(90)), (28, 0, day(28)), (0, 0, day(1))],
)
def test_a_prescription_ends_with_its_supplies_and_after_three_months(
    days: int, refills: int, ends: date
) -> None:
    assert valid_until(prescribed_on=MARCH, days=days, refills=refills) == ends


@pytest.mark.parametrize(
    ("begins", "refill", "refills", "number", "next_on"),
    [
        (day(1), 1, 3, 2, day(19)),
        (day(19), 2, 3, 3, day(37)),
        (day(47), 3, 3, 4, None),  # all dispensed
        (day(80), 2, 3, 3, None),  # the next would open after the prescription has ended
        (day(1), 1, 1, 2, None),
    ],
)
def test_which_dispensing_comes_next(
    begins: date, refill: int, refills: int, number: int, next_on: date | None
) -> None:
    found = next_refill(
        prescribed_on=MARCH, last=Supply(begins, 28), refill=refill, refills=refills
    )
    assert (found.number, found.next_on) == (number, next_on)


@pytest.mark.parametrize(
    ("asked_on", "is_open"),
    [(day(18), False), (day(19), True), (day(84), True), (day(85), False)],
)
def test_the_window_of_a_dispensing(asked_on: date, is_open: bool) -> None:
    found = next_refill(prescribed_on=MARCH, last=Supply(MARCH, 28), refill=1, refills=3)
    assert found.is_open(asked_on) is is_open


@pytest.mark.parametrize(
    ("atc_code", "specific"),
    [("C08DB01", True), ("A10BA02", True), ("J01CA04", False), ("", False), ("N05BA12", True)],
)
def test_which_classes_are_watched_over_all_prescriptions(atc_code: str, specific: bool) -> None:
    assert is_specific(atc_code) is specific
