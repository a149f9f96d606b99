"""How long a medicine lasts, and when a prescription for chronic illness may be dispensed again.

A supply of 28 days that begins on 1 March covers 1 to 28 March; on 1 March 28 days are left, on the
28th one, from the 29th none. Manual 3: 持慢性病連續處方箋調劑，須於給藥期間屆滿前十日內，始得再次調劑.
"""

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta

# The ten days before the supply ends, its last day counted (manual 3, notice 4).
OPENS_DAYS_BEFORE_END = 10
# A prescription for chronic illness is good for three months at most (全民健康保險醫療辦法).
LONGEST_PRESCRIPTION = 90
# Classes of which the NHI computes the days that must be left over all prescriptions
# (門診特定藥品重複用藥費用管理方案); the prefixes are our reading of its list.
SPECIFIC_CLASSES = (
    "A10",
    "B01A",
    "C01",
    "C02",
    "C03",
    "C07",
    "C08",
    "C09",
    "C10",
    "G04",
    "M04",
    "N03",
    "N04",
    "N05",
    "N06",
    "R03",
)


@dataclass(frozen=True)
class Supply:
    """A medicine for `days` days from `begins_on`."""

    begins_on: date
    days: int

    @property
    def last_day(self) -> date:
        """The last day it covers; the day before it begins when it is for no day at all."""
        return self.begins_on + timedelta(days=self.days - 1)

    def left_on(self, day: date) -> int:
        """單筆餘藥日數: days of this supply alone that are left, `day` counted. A supply of the
        future is all left.
        """
        gone = max(0, (day - self.begins_on).days)
        return max(0, self.days - gone)


def stock_left(supplies: Iterable[Supply], *, on: date) -> int:
    """門診特定藥品遵醫囑應餘用藥日數: what is left of several supplies of one medicine.

    Who fetches the next supply before the last has ended uses the old one up first, so that the
    days add up; a gap between two supplies is lost.
    """
    covered_until: date | None = None  # the first day that is not covered
    for supply in sorted(supplies, key=lambda each: each.begins_on):
        if supply.begins_on > on:
            break
        begins = max(covered_until, supply.begins_on) if covered_until else supply.begins_on
        covered_until = begins + timedelta(days=supply.days)
    return max(0, (covered_until - on).days) if covered_until else 0


def is_specific(atc_code: str) -> bool:
    return atc_code.startswith(SPECIFIC_CLASSES)


def opens_on(supply: Supply) -> date:
    """The first day on which the next supply may be dispensed; at once for one of up to ten days."""
    return max(
        supply.begins_on,
        supply.last_day - timedelta(days=OPENS_DAYS_BEFORE_END - 1),
    )


def valid_until(*, prescribed_on: date, days: int, refills: int) -> date:
    """The last day of a prescription: all its supplies end to end, three months at most."""
    total = min(days * max(refills, 1), LONGEST_PRESCRIPTION)
    return prescribed_on + timedelta(days=max(total, 1) - 1)


@dataclass(frozen=True)
class Refill:
    """The state of a prescription: `next_on` is None when nothing is left to be dispensed."""

    valid_until: date
    number: int
    next_on: date | None

    def is_open(self, on: date) -> bool:
        return self.next_on is not None and self.next_on <= on <= self.valid_until


def next_refill(*, prescribed_on: date, last: Supply, refill: int, refills: int) -> Refill:
    """Which dispensing comes next, and from when. `refill` is the number of the last one."""
    ends = valid_until(prescribed_on=prescribed_on, days=last.days, refills=refills)
    opens = opens_on(last)
    left = refill < refills and opens <= ends
    return Refill(ends, refill + 1, opens if left else None)
