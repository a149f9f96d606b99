"""A PIN on its short way from the form to the card."""

from collections.abc import Callable
from types import TracebackType
from typing import Self

SHORTEST = 6
LONGEST = 8
PAD = 0xFF


def wipe(buffer: bytearray) -> None:
    """Overwrite `buffer` in place. Copies that the interpreter made elsewhere are out of reach."""
    for i in range(len(buffer)):
        buffer[i] = 0


class Pin:
    """The digits somebody typed. Use it as a context manager: leaving it overwrites the digits."""

    def __init__(self, digits: bytearray) -> None:
        self._digits = digits

    def __repr__(self) -> str:
        return "Pin(hidden)"

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        value: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        wipe(self._digits)

    @property
    def well_formed(self) -> bool:
        """6 to 8 ASCII digits, the length the card issuers allow (error 9041 of manual 4)."""
        return SHORTEST <= len(self._digits) <= LONGEST and self._digits.isdigit()

    def pass_to(self, write: Callable[[bytearray], object]) -> None:
        """Hand the digits on without a copy."""
        write(self._digits)

    def padded(self) -> bytearray:
        """The 8 bytes that VERIFY carries: digits, then FF (NIST SP 800-73-4 part 2, 3.2.1)."""
        return self._digits + bytearray([PAD]) * (LONGEST - len(self._digits))
