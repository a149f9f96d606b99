"""Dates of the Republic of China: year 1 is 1912. Cards write them YYYMMDD, pages 110/03/01 (manual 3)."""

import re
from datetime import date

FIRST_YEAR = 1911
_CARD_DATE = re.compile(r"[0-9]{7}")


def format_roc(day: date) -> str:
    """`110/03/01` for 1 March 2021."""
    return f"{day.year - FIRST_YEAR:03d}/{day:%m/%d}"


def parse_roc(text: str) -> date:
    """The day of seven digits YYYMMDD; ValueError when there is no such day, as in the year 000."""
    if not _CARD_DATE.fullmatch(text) or text.startswith("000"):
        raise ValueError("a ROC date is seven digits and begins in the year 1")
    return date(int(text[:3]) + FIRST_YEAR, int(text[3:5]), int(text[5:]))


_WRITTEN = re.compile(r"([0-9]{2,4})[-/.]([0-9]{1,2})[-/.]([0-9]{1,2})")


def parse_day(text: str) -> date:
    """A day as people write it, in either era: `075/01/31`, `0750131`, `1986-01-31`, `1986/1/31`.

    A year of up to three digits is the Republic's. ValueError when there is no such day.
    """
    if "-" not in text and "/" not in text and "." not in text:
        return parse_roc(text)
    parts = _WRITTEN.fullmatch(text)
    if parts is None:
        raise ValueError("a day is year, month and day")
    year, month, day = map(int, parts.groups())
    if year == 0:
        raise ValueError("neither era has a year 0")
    return date(year + FIRST_YEAR if len(parts[1]) < 4 else year, month, day)
