"""CSV files that Excel opens as they are meant, and that cannot run anything there."""

import csv
import io
from datetime import UTC, date, datetime
from itertools import count, islice

import pytest
from django.utils import translation
from django.utils.translation import gettext_lazy as _

from apps.core.exports import ROWS_AT_ONCE, stream_csv


def content(response) -> bytes:
    return b"".join(response.streaming_content)


def rows_of(response) -> list[list[str]]:
    return list(csv.reader(io.StringIO(content(response).decode("utf-8-sig"), newline="")))


def test_a_file_that_a_spreadsheet_opens() -> None:
    response = stream_csv("預約", ["區", "人數"], [["松山區", 3], ["信義區", None]])
    assert response["Content-Type"] == "text/csv; charset=utf-8"
    assert response["Content-Disposition"].startswith("attachment; filename*=utf-8''")
    assert content(response) == "\ufeff區,人數\r\n松山區,3\r\n信義區,\r\n".encode()


@pytest.mark.parametrize(
    "text",
    ["=1+1", "+886", "-2+3", "@SUM(A1)", "\t=1", "\r=1", "\n=1", "＝1", "＋1", "－1", "＠x", "="],
)
def test_a_text_that_would_run_is_only_text(text) -> None:
    assert rows_of(stream_csv("x", ["name"], [[text]]))[1] == [f"'{text}"]


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (-5, "-5"),
        (-1.5, "-1.5"),
        (True, "1"),
        (date(2026, 11, 24), "2026-11-24"),
        (datetime(2026, 11, 24, 16, 30, tzinfo=UTC), "2026-11-25 00:30:00"),
        ('他說"好", 對', '他說"好", 對'),
        ("a\nb", "a\nb"),
        ("王大明", "王大明"),
        (" =1", " =1"),
    ],
)
def test_what_a_value_becomes(value, written) -> None:
    assert rows_of(stream_csv("x", ["value"], [[value]]))[1] == [written]


def test_a_heading_is_neutralised_too() -> None:
    assert rows_of(stream_csv("x", ["=cmd"], []))[0] == ["'=cmd"]


def test_words_are_in_the_readers_language_although_the_request_is_over() -> None:
    with translation.override("en"):
        response = stream_csv("x", [_("Name")], ([_("State")] for _row in range(1)))
    with translation.override("zh-hant"):
        assert rows_of(response) == [["Name"], ["State"]]


def test_rows_leave_as_they_come() -> None:
    asked = count()
    chunks = stream_csv("x", ["n"], ([each] for each in asked)).streaming_content
    list(islice(chunks, 3))
    assert next(asked) == 2 * ROWS_AT_ONCE
