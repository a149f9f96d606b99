"""From the bytes of a file to its lines, without ever holding more than a piece of it."""

import codecs
import csv
import re
from collections.abc import Iterator
from dataclasses import dataclass
from io import StringIO, TextIOWrapper
from pathlib import Path
from typing import BinaryIO, TextIO

from apps.imports.columns import Column
from apps.imports.kinds import Kind
from apps.imports.terms import Fault

PIECE = 256 * 1024
LONGEST_LINE = 64 * 1024
BLOCK = 1024 * 1024  # characters that are read, checked and copied together
# In the order in which they are tried; cp950 is Big5 as Windows writes it, big5hkscs knows the rare
# characters of names.
ENCODINGS = ("utf-8-sig", "cp950", "big5hkscs")


# The first bytes of what is a table for a spreadsheet only: .xlsx and .zip, .xls, .pdf.
NO_TEXT = (b"PK\x03\x04", b"\xd0\xcf\x11\xe0", b"%PDF-")
# How spreadsheets are told that digits are a text: ="0101090517".
_TOLD = re.compile(r'="([^"]*)"')
MARK = "\ufeff"  # in the midst of a file: it was put together from several


class FileRefused(Exception):
    """The file as a whole cannot be read; `faults` are (line, column, code)."""

    def __init__(self, *faults: tuple[int, str, Fault]) -> None:
        super().__init__(*[code for _, _, code in faults])
        self.faults = faults


@dataclass(frozen=True)
class Batch:
    """Lines that were read together, by the numbers of their first physical lines.

    `rows` are [number, field, …], all text, trimmed, in the order of the header; `faults` (number, "", code)
    of lines without fields. `count` leaves out lines of blanks.
    """

    rows: list[list[str]]
    faults: list[tuple[int, str, str]]

    @property
    def count(self) -> int:
        return len(self.rows) + len(self.faults)


def detect_encoding(path: Path) -> str:
    """The first of ENCODINGS that the whole file is valid in; raises FileRefused."""
    with path.open("rb") as file:
        if file.read(8).startswith(NO_TEXT):
            raise FileRefused((0, "", Fault.NOT_TEXT))
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

    def batches(self) -> Iterator[Batch]:
        """Lines of blanks only are passed over, as spreadsheets leave them at the end.

        A piece without quotes, as nearly all are, is split as a whole; the csv module reads others
        record by record.
        """
        while block := self._pieces.next_block():
            if _is_plain(block):
                yield self._split(block)
            else:
                self._pieces.put_back(block)
                yield self._read_put_back()

    def _split(self, block: str) -> Batch:
        lines = _lines_of(block)
        if max(map(len, lines)) >= LONGEST_LINE:
            self._pieces.put_back(block)
            return self._read_put_back()
        first, width, strip = self._pieces.number + 1, len(self.columns) + 1, str.strip
        self._pieces.number += len(lines)
        found = [
            [str(number), *map(strip, line.split(","))] for number, line in enumerate(lines, first)
        ]
        rows = [row for row in found if len(row) == width and (row[1] or any(row[1:]))]
        if len(rows) == len(found):
            return Batch(rows, [])
        others = [row for row in found if len(row) != width and any(row[1:])]
        return Batch(rows, [(int(row[0]), "", str(Fault.WIDTH)) for row in others])

    def _read_put_back(self) -> Batch:
        batch, width = Batch([], []), len(self.columns)
        while self._pieces.has_put_back:
            number = self._pieces.number + 1
            try:
                fields = [plain_field(field) for field in next(self._csv)]
            except StopIteration:
                break
            except csv.Error:
                broken = self._pieces.take_fault() or Fault.QUOTE
                batch.faults.append((number, "", str(broken)))
                continue
            if fault := self._pieces.take_fault():
                batch.faults.append((number, "", str(fault)))
            elif not any(fields):
                continue
            elif len(fields) == width:
                batch.rows.append([str(number), *fields])
            else:
                batch.faults.append((number, "", str(Fault.WIDTH)))
        return batch

    def _header(self) -> list[str]:
        try:
            header = next(self._csv, [])
        except csv.Error as error:
            raise FileRefused((1, "", self._pieces.take_fault() or Fault.QUOTE)) from error
        if not any(name.strip() for name in header):
            raise FileRefused((1, "", Fault.NO_HEADER))
        return [plain_field(name.replace(MARK, "")) for name in header]


def plain_field(text: str) -> str:
    """Without blanks around it, and without what a spreadsheet put there to keep digits a text."""
    text = text.strip()
    told = _TOLD.fullmatch(text)
    return told[1].strip() if told else text


def _is_plain(block: str) -> bool:
    return '"' not in block and "\0" not in block


def _lines_of(block: str) -> list[str]:
    """Line ends may be of three kinds in one file."""
    if "\r" in block:
        block = block.replace("\r\n", "\n").replace("\r", "\n")
    return block.removesuffix("\n").split("\n")


class _Pieces:
    """The physical lines for the csv module, none longer than LONGEST_LINE.

    One that cannot be used is given as an empty line, and what was wrong with it kept for the
    record that it belongs to.
    """

    def __init__(self, text: TextIO) -> None:
        self._text = text
        self._put_back = StringIO()
        self._size = 0
        self.number = 0
        self._fault: Fault | None = None

    def next_block(self) -> str:
        """Whole lines, about a megabyte of them; only a line that is too long may be cut."""
        block = self._text.read(BLOCK)
        if block and not block.endswith("\n"):
            block += self._text.readline(LONGEST_LINE)
        return block.replace(MARK, "") if MARK in block else block

    def put_back(self, block: str) -> None:
        """Gives the block out again, line by line."""
        self._put_back, self._size = StringIO(block, newline=""), len(block)

    @property
    def has_put_back(self) -> bool:
        return self._put_back.tell() < self._size

    def take_fault(self) -> Fault | None:
        """What was wrong with the record just read, once."""
        fault, self._fault = self._fault, None
        return fault

    def __iter__(self) -> Iterator[str]:
        return self

    def __next__(self) -> str:
        line = self._readline()
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

    def _readline(self) -> str:
        """What was put back first; a record in quotes may go on behind it."""
        line = self._put_back.readline(LONGEST_LINE)
        if line and (line[-1] in "\r\n" or len(line) == LONGEST_LINE):
            return line
        return line + self._text.readline(LONGEST_LINE - len(line))

    def _skip_rest(self) -> None:
        while (piece := self._readline()) and piece[-1] not in "\r\n":
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
