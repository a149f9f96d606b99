"""Tables as CSV files that a spreadsheet opens without being told how.

UTF-8 with a byte order mark, because Excel takes a file without one for Big5; lines end in CR LF
(RFC 4180). A text that a spreadsheet would run as a formula gets an apostrophe before it (OWASP,
"CSV Injection"). Rows leave as they come: a million of them need no more memory than a thousand.
"""

import csv
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import date, datetime
from itertools import islice
from typing import Any

from django.http import StreamingHttpResponse
from django.utils import timezone, translation
from django.utils.http import content_disposition_header

BYTE_ORDER_MARK = "\ufeff"
# Also full-width ones, which Excel takes for the narrow.
FORMULA_STARTS = frozenset("=+-@\t\r\n＝＋－＠")
ROWS_AT_ONCE = 500


def stream_csv(
    name: str, columns: Sequence[Any], rows: Iterable[Sequence[Any]]
) -> StreamingHttpResponse:
    """The answer that saves `rows` below the headings `columns` as the file `name`.csv.

    Numbers stay numbers; days are ISO, moments in Taiwan's time; nothing is an empty cell. The
    access event of the export is recorded by the caller before: what has begun to stream cannot be
    refused. `rows` may be lazy (`QuerySet.iterator`).
    """
    chunks = _chunks([str(column) for column in columns], rows, translation.get_language())
    response = StreamingHttpResponse(chunks, content_type="text/csv; charset=utf-8")
    response["Content-Disposition"] = str(content_disposition_header(True, f"{name}.csv"))
    return response


def _chunks(
    columns: Sequence[str], rows: Iterable[Sequence[Any]], language: str | None
) -> Iterator[str]:
    """Words in the rows are in the reader's language, although the request's is over by then."""
    yield BYTE_ORDER_MARK + _lines([columns])
    remaining = iter(rows)
    while True:
        with translation.override(language):
            lines = _lines(islice(remaining, ROWS_AT_ONCE))
        if not lines:
            return
        yield lines


def _lines(rows: Iterable[Sequence[Any]]) -> str:
    text = io.StringIO()
    csv.writer(text).writerows([cell(value) for value in row] for row in rows)
    return text.getvalue()


def cell(value: Any) -> Any:
    """What stands in a cell for `value`."""
    if value is None:
        return ""
    if isinstance(value, bool):
        return int(value)
    if isinstance(value, datetime):
        return f"{timezone.localtime(value):%Y-%m-%d %H:%M:%S}"
    if isinstance(value, date):
        return value.isoformat()
    if isinstance(value, int | float):
        return value
    text = str(value)
    return f"'{text}" if text[:1] in FORMULA_STARTS else text
