"""Fixed-width fields and records, as the control software's buffers have them.

Every field is `width` bytes, whatever is in it. Text is Big5 (cp950, and Big5-HKSCS where cp950
has no such character), padded with blanks on the right and cut between characters, never within.
"""

import re
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from decimal import Decimal, InvalidOperation
from functools import cached_property
from typing import Protocol

from agent.cards.nhi import CODE_PAGES, decode_name

BLANK = b" "
PADDING = "\0 "
FIRST_YEAR = 1911


class FieldError(ValueError):
    """A field that cannot be written or read; `field` names it."""

    def __init__(self, field: str, why: str) -> None:
        super().__init__(f"{field}: {why}")
        self.field = field


class Field(Protocol):
    @property
    def name(self) -> str: ...

    @property
    def width(self) -> int: ...

    def pack(self, value: object) -> bytes:
        """Exactly `width` bytes. Raises FieldError."""
        ...

    def unpack(self, data: bytes) -> object:
        """The value in exactly `width` bytes. Raises FieldError."""
        ...


@dataclass(frozen=True)
class Text:
    """Letters, digits and Chinese. A text that is too long is cut where `cut`, else refused."""

    name: str
    width: int
    cut: bool = False

    def pack(self, value: object) -> bytes:
        text = str(value)
        encoded = b"".join(self._characters(text))
        if len(encoded) > self.width and not self.cut:
            raise FieldError(self.name, f"longer than {self.width} bytes")
        kept = bytearray()
        for character in self._characters(text):
            if len(kept) + len(character) > self.width:
                break
            kept += character
        return bytes(kept).ljust(self.width, BLANK)

    def unpack(self, data: bytes) -> str:
        return decode_name(data)

    def _characters(self, text: str) -> list[bytes]:
        """Each character by itself, in the code page that the whole text can be written in."""
        for code_page in CODE_PAGES:
            try:
                return [character.encode(code_page) for character in text]
            except UnicodeEncodeError:
                continue
        raise FieldError(self.name, "has characters that Big5 does not have")


@dataclass(frozen=True)
class Ascii:
    """Letters, digits and signs; blanks on the right do not count."""

    name: str
    width: int

    def pack(self, value: object) -> bytes:
        text = str(value)
        if not text.isascii() or len(text) > self.width:
            raise FieldError(self.name, f"has to be at most {self.width} ASCII characters")
        return text.encode("ascii").ljust(self.width, BLANK)

    def unpack(self, data: bytes) -> str:
        try:
            return data.decode("ascii").rstrip(PADDING)
        except UnicodeDecodeError:
            raise FieldError(self.name, "has to be ASCII") from None


@dataclass(frozen=True)
class Digits:
    """A number with zeros on the left. A blank field is None."""

    name: str
    width: int

    def pack(self, value: object) -> bytes:
        if value is None or value == "":
            return BLANK * self.width
        text = str(value)
        if not (text.isascii() and text.isdecimal()) or len(text) > self.width:
            raise FieldError(self.name, f"has to be a number of at most {self.width} digits")
        return text.rjust(self.width, "0").encode("ascii")

    def unpack(self, data: bytes) -> int | None:
        text = data.decode("ascii", errors="replace").strip(PADDING)
        if not text:
            return None
        if not (text.isascii() and text.isdecimal()):
            raise FieldError(self.name, "has to be digits")
        return int(text)


@dataclass(frozen=True)
class Day:
    """YYYMMDD of the Republic of China; in JSON an ISO day, "" for a blank field."""

    name: str
    width: int = 7

    def pack(self, value: object) -> bytes:
        if value in (None, ""):
            return BLANK * self.width
        day = self._day(value)
        if not 1 <= day.year - FIRST_YEAR <= 999:
            raise FieldError(self.name, "lies before the year 1912")
        return f"{day.year - FIRST_YEAR:03d}{day:%m%d}".encode("ascii")

    def unpack(self, data: bytes) -> str:
        text = data.decode("ascii", errors="replace").strip(PADDING)
        if not text or set(text) == {"0"}:
            return ""
        try:
            if not (text.isascii() and text.isdecimal() and len(text) == self.width):
                raise ValueError
            return date(int(text[:3]) + FIRST_YEAR, int(text[3:5]), int(text[5:7])).isoformat()
        except ValueError:
            raise FieldError(self.name, "has to be a day YYYMMDD") from None

    def _day(self, value: object) -> date:
        try:
            return value if isinstance(value, date) else date.fromisoformat(str(value))
        except ValueError:
            raise FieldError(self.name, "has to be a day such as 1968-02-29") from None


@dataclass(frozen=True)
class Filler:
    """Positions without meaning: blank when written, not looked at when read."""

    name: str
    width: int

    def pack(self, value: object) -> bytes:
        return BLANK * self.width

    def unpack(self, data: bytes) -> None:
        return None


@dataclass(frozen=True)
class Amount:
    """A decimal number with one decimal, as "00000.0"; in JSON a text such as "9.0"."""

    name: str
    width: int = 7

    def pack(self, value: object) -> bytes:
        try:
            text = f"{Decimal(str(value)):.1f}"
            whole = Decimal(str(value)) == Decimal(text)
        except InvalidOperation:
            raise FieldError(self.name, "has to be a number") from None
        if not whole or text.startswith("-") or len(text) > self.width or "N" in text.upper():
            raise FieldError(self.name, "has to be from 0.0 to 99999.9, with one decimal")
        return text.rjust(self.width, "0").encode("ascii")

    def unpack(self, data: bytes) -> str:
        text = data.decode("ascii", errors="replace")
        if not re.fullmatch(r"[0-9]{5}\.[0-9]", text):
            raise FieldError(self.name, 'has to be written as "00000.0"')
        return f"{Decimal(text):.1f}"


@dataclass(frozen=True)
class Record:
    """Fields one after the other; `length` bytes in all."""

    fields: Sequence[Field]

    @cached_property
    def length(self) -> int:
        return sum(field.width for field in self.fields)

    @cached_property
    def names(self) -> tuple[str, ...]:
        return tuple(field.name for field in self.fields if not isinstance(field, Filler))

    def pack(self, values: Mapping[str, object]) -> bytes:
        """Raises FieldError, also for a field that is not given."""
        missing = [name for name in self.names if name not in values]
        if missing:
            raise FieldError(missing[0], "is missing")
        return b"".join(field.pack(values.get(field.name)) for field in self.fields)

    def unpack(self, data: bytes) -> dict[str, object]:
        """Raises FieldError, also for another length."""
        if len(data) != self.length:
            raise FieldError("buffer", f"has to be {self.length} bytes, not {len(data)}")
        values: dict[str, object] = {}
        start = 0
        for field in self.fields:
            value = field.unpack(data[start : start + field.width])
            if not isinstance(field, Filler):
                values[field.name] = value
            start += field.width
        return values
