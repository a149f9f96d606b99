"""ROC dates as cards and manual 3 write them."""

from datetime import date

import pytest

from apps.core.roc import format_roc, parse_roc


@pytest.mark.parametrize(
    ("day", "text"),
    [
        (date(2021, 3, 1), "110/03/01"),
        (date(1912, 1, 1), "001/01/01"),
        (date(1986, 1, 2), "075/01/02"),
    ],
)
def test_format(day, text) -> None:
    assert format_roc(day) == text


def test_parse() -> None:
    assert parse_roc("0750102") == date(1986, 1, 2)
    assert parse_roc("1100301") == date(2021, 3, 1)


@pytest.mark.parametrize(
    "text", ["", "750102", "0751302", "0750230", "0000101", "07501o2", "０750102", "-750102"]
)
def test_what_is_no_day_is_refused(text) -> None:
    with pytest.raises(ValueError, match=r"ROC date|day|month"):
        parse_roc(text)
