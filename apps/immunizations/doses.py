"""One line of a tab, wherever it came from."""

from dataclasses import dataclass
from datetime import date


@dataclass(frozen=True)
class Dose:
    """`code` is the vaccine's code, by which two sources' lines are compared."""

    code: str
    vaccine: str
    brand: str
    dose: int | None
    given_on: date
    institution: str
    lot: str
    source: str
