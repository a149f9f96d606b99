"""CSV files of users, as managers make them: all lines good, or none is taken."""

import csv
import io
from dataclasses import dataclass, field
from typing import Any

from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.access.forms import PersonForm
from apps.access.services.people import PersonDetails
from apps.imports.kinds import plain_name
from apps.imports.reading import ENCODINGS, MARK, NO_TEXT, plain_field
from apps.imports.terms import Fault

MOST_LINES = 5000
LARGEST = 2 * 1024 * 1024  # bytes; 5,000 people are a tenth of it
_COLUMNS = {
    "national_id": (
        "national_id",
        "身分證號",
        "身分證字號",
        "身分證統一編號",
        "身份證號",
        "身份證字號",
    ),
    "name": ("name", "姓名"),
    "birth_date": ("birth_date", "birthday", "生日", "出生日期", "出生年月日"),
}


@dataclass(frozen=True)
class LineError:
    line: int
    message: str | Promise


@dataclass
class PeopleFile:
    """What a file holds; `people` counts only when there are no `errors`. `lines` are where they stand."""

    people: list[PersonDetails] = field(default_factory=list)
    lines: list[int] = field(default_factory=list)
    errors: list[LineError] = field(default_factory=list)


def read_people(data: bytes) -> PeopleFile:
    """Reads UTF-8 (with or without a mark) or Big5; line numbers count from the first line."""
    found = PeopleFile()
    if len(data) > LARGEST:
        found.errors.append(LineError(1, _("The file has more than 5,000 people.")))
        return found
    if data.startswith(NO_TEXT):
        found.errors.append(LineError(1, Fault.NOT_TEXT.label))
        return found
    text = _decoded(data)
    if text is None:
        found.errors.append(LineError(1, _("The file is neither UTF-8 nor Big5 text.")))
        return found
    # Line ends of three kinds in one file, as from two programs: the csv module refuses a lone CR.
    rows = csv.reader(io.StringIO(text.replace(MARK, ""), newline=None), strict=True)
    try:
        _read_rows(found, rows)
    except csv.Error:  # a NUL, or a field without an end
        found.errors.append(LineError(rows.line_num, _("This line cannot be read as CSV.")))
    return found


def _read_rows(found: PeopleFile, rows: Any) -> None:
    columns = _columns(next(rows, []))
    if columns is None:
        message = _("The first line must name the columns: national ID, name, birth date.")
        found.errors.append(LineError(1, message))
        return
    seen: set[str] = set()
    for row in rows:
        fields = [plain_field(field) for field in row]
        if any(fields):
            _read_line(found, rows.line_num, dict(zip(columns, fields, strict=False)), seen)
        if len(found.people) > MOST_LINES:
            found.errors.append(LineError(rows.line_num, _("The file has more than 5,000 people.")))
            break


def _read_line(found: PeopleFile, line: int, values: dict[str, str], seen: set[str]) -> None:
    form = PersonForm(values)
    if not form.is_valid():
        messages = [message for each in form.errors.values() for message in each]
        found.errors.append(LineError(line, " ".join(map(str, messages))))
    elif form.cleaned_data["national_id"] in seen:
        found.errors.append(LineError(line, _("This person stands in the file twice.")))
    else:
        seen.add(form.cleaned_data["national_id"])
        found.people.append(form.details())
        found.lines.append(line)


def _decoded(data: bytes) -> str | None:
    for encoding in ENCODINGS:
        try:
            return data.decode(encoding)
        except UnicodeDecodeError:
            continue
    return None


def _columns(header: list[str]) -> list[str] | None:
    """Our names of the file's columns, in the file's order; None when one is missing."""
    known = {plain_name(word): name for name, words in _COLUMNS.items() for word in words}
    named = [known.get(plain_name(plain_field(cell)), "") for cell in header]
    return named if set(_COLUMNS) <= set(named) else None
