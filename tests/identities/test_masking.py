"""What of a person is shown."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.identities.masking import mask_name, mask_national_id, mask_phone


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("C221234505", "C221****05"),
        ("A123456789", "A123****89"),
        ("AC01234567", "AC01****67"),
        ("AB1234567", "AB12***67"),  # a passport
        ("12345678", "12****78"),  # too short for the pattern: a quarter at each end
        ("1234", "1**4"),
        ("123", "***"),
        ("", ""),
    ],
)
def test_national_id(number, masked):
    assert mask_national_id(number) == masked


@pytest.mark.parametrize(
    ("number", "masked"),
    [
        ("0912345678", "0912***678"),
        ("0912-345-678", "0912***678"),
        ("(02)2706-5866", "0227***866"),
        ("22706586", "22****86"),
        ("", ""),
    ],
)
def test_phone(number, masked):
    assert mask_phone(number) == masked


@pytest.mark.parametrize(
    ("name", "masked"),
    [
        ("王小明", "王○明"),
        ("王明", "王○"),
        ("歐陽小明", "歐○○明"),
        ("王", "○"),
        (" 王小明 ", "王○明"),
        ("", ""),
        ("John Smith", "J○○○○○○○○h"),
        ("𠮷野家", "𠮷○家"),
    ],
)
def test_name(name, masked):
    assert mask_name(name) == masked


@given(number=st.text(alphabet="ABCDEFGHIJ0123456789", max_size=30))
def test_hides_something_and_keeps_the_length(number):
    masked = mask_national_id(number)
    assert len(masked) == len(number)
    assert masked.count("*") >= min(3, len(number) // 2)
