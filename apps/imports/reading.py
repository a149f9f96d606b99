"""From the bytes of a file to its lines, without ever holding more than a piece of it."""

import codecs
import csv
from collections.abc import Iterator
from dataclasses import dataclass
from io import TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from apps.imports.columns import Column
from apps.imports.kinds import Kind
from apps.imports.terms import Fault

PIECE = 256 * 1024
LONGEST_LINE = 64 * 1024
# In the order in which they are tried; cp950 is Big5 as Windows writes it, big5hkscs knows the rare
# characters of names.
ENCODINGS = ("utf-8-sig", "cp950", "big5hkscs")


class FileRefused(Exception):
    """The file as a whole cannot be read; `faults` are (line, column, code)."""

    def __init__(self, *faults: tuple[int, str, Fault]) -> None:
        super().__init__(*[code for _, _, code in faults])
        self.faults = faults


@dataclass(frozen=True)
class Line:
    """One line of the file, by the number of its first physical line.

    Either `fields`, trimmed, in the order of the header, or the `fault` that keeps it from having
    any.
    """

    number: int
    fields: list[str]
    fault: Fault | None = None


def detect_encoding(path: Path) -> str:
    """The first of ENCODINGS that the whole file is valid in; raises FileRefused."""
    for encoding in ENCODINGS:
        if _is_valid(path, encoding):
            return encoding
    raise FileRefused((0, "", Fault.ENCODING))


def _is_valid(path: Path, encoding: str) -> bool:
    decoder = codecs.getincrementaldecoder(encoding)()
    try:
        with path.open("rb") as file:
            while piece := file.read(PIECE):
                decoder.decode(piece)
        decoder.decode(b"", final=True)
    except UnicodeDecodeError:
        return False
    return True


class Reader:
    """The columns and lines of one file. `bytes_read` tells how far it got."""

    def __init__(self, file: BinaryIO, *, encoding: str, kind: Kind) -> None:
        self._file = file
        self._text = TextIOWrapper(file, encoding=encoding, newline="")
        self._pieces = _Pieces(self._text)
        self._csv = csv.reader(self._pieces, strict=True)
        self.columns = _columns_of(self._header(), kind)

    @property
    def bytes_read(self) -> int:
        return self._file.tell()

    def lines(self) -> Iterator[Line]:
        """Lines of blanks only are passed over, as spreadsheets leave them at the end."""
        width = len(self.columns)
        while True:
            number = self._pieces.number + 1
            try:
                fields = [field.strip() for field in next(self._csv)]
            except StopIteration:
                return
            except csv.Error:
                yield Line(number, [], self._pieces.take_fault() or Fault.QUOTE)
                continue
            if fault := self._pieces.take_fault():
                yield Line(number, [], fault)
            elif not any(fields):
                continue
            elif len(fields) == width:
                yield Line(number, fields)
            else:
                yield Line(number, [], Fault.WIDTH)

    def _header(self) -> list[str]:
        try:
            header = next(self._csv, [])
        except csv.Error as error:
            raise FileRefused((1, "", self._pieces.take_fault() or Fault.QUOTE)) from error
        if not any(name.strip() for name in header):
            raise FileRefused((1, "", Fault.NO_HEADER))
        return [name.strip() for name in header]


class _Pieces:
    """The physical lines for the csv module, none longer than LONGEST_LINE.

    One that cannot be used is given as an empty line, and what was wrong with it kept for the
    record that it belongs to.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self.number = 0
        self._fault: Fault | None = None

    def take_fault(self) -> Fault | None:
        """What was wrong with the record just read, once."""
        fault, self._fault = self._fault, None
        return fault

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._text.readline(LONGEST_LINE)
        if not line:
            raise StopIteration
        self.number += 1
        if "\0" in line:
            self._fault = Fault.NUL
            return "\n"
        if len(line) == LONGEST_LINE and line[-1] not in "\r\n":
            self._skip_rest()
            self._fault = Fault.TOO_LONG
            return "\n"
        return line

    def _skip_rest(self) -> None:
        while (piece := self._text.readline(LONGEST_LINE)) and piece[-1] not in "\r\n":
            pass


def _columns_of(header: list[str], kind: Kind) -> list[Column]:
    """The kind's columns in the order of the file; raises FileRefused with every fault there is."""
    found = [(name, kind.find_column(name)) for name in header]
    columns = [column for _, column in found if column]
    names = [column.name for column in columns]
    faults = [(1, name[:60], Fault.UNKNOWN_COLUMN) for name, column in found if column is None]
    faults += [
        (1, name, Fault.COLUMN_TWICE) for name in dict.fromkeys(names) if names.count(name) > 1
    ]
    faults += [
        (1, column.name, Fault.MISSING_COLUMN)
        for column in kind.columns
        if column.required and column.name not in names
    ]
    if faults:
        raise FileRefused(*faults)
    return columns
