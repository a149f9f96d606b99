"""The five kinds of card, by the words of the card protocol."""

from enum import StrEnum


class CardKind(StrEnum):
    HPC = "HPC"
    NHI = "NHI"
    CITIZEN = "CITIZEN"
    INSTITUTION = "INSTITUTION"
    GOVERNMENT = "GOVERNMENT"

    @property
    def has_pin(self) -> bool:
        """Whether the card proves itself by a signature behind a PIN. The NHI card only reads."""
        return self is not CardKind.NHI
