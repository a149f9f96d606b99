"""Which numbers are national or resident IDs, and what the person is told about the others."""

import pytest
from hypothesis import given
from hypothesis import strategies as st

from apps.identities.numbers import (
    FullWidthNumber,
    InvalidNumber,
    WrongChecksum,
    WrongDocument,
    WrongLength,
    WrongShape,
    check_national_id,
    normalize,
)
from apps.identities.terms import IdentifierKind


def full_width(text: str) -> str:
    """As an input method for Chinese types letters and digits: U+FF01 to U+FF5E."""
    return "".join(chr(ord(character) + 0xFEE0) for character in text)


# Each worked out by hand from the rule: letter as two digits, weights 1 9 8 7 6 5 4 3 2 1 1, a
# multiple of ten.
VALID = {
    "A123456789": "national ID, Taipei, male",
    "F131104093": "national ID, New Taipei",
    "I100000003": "I stands for 34, out of alphabetical order",
    "O100000004": "O stands for 35",
    "W100000001": "W stands for 32",
    "Z100000002": "Z stands for 33",
    "A800000014": "resident certificate since 2021, male",
    "A900000007": "resident certificate since 2021, female",
    "AC01234567": "resident certificate before 2021",
    "AD00000005": "resident certificate before 2021, second letter D",
}


@pytest.mark.parametrize("number", VALID, ids=VALID.values())
def test_takes_a_valid_number(number):
    assert check_national_id(number) == number


@pytest.mark.parametrize("number", VALID)
def test_takes_lower_case_and_blanks_around_it(number):
    assert check_national_id(f"  {number.lower()}\t\r\n") == number


@pytest.mark.parametrize("number", VALID)
@pytest.mark.parametrize("place", range(2, 10))
def test_notices_every_single_wrong_digit(number, place):
    """One off by one, that is; off by five under an even weight is beyond the rule."""
    wrong = number[:place] + str((int(number[place]) + 1) % 10) + number[place + 1 :]
    with pytest.raises(WrongChecksum):
        check_national_id(wrong)


@pytest.mark.parametrize(
    ("number", "refusal", "code"),
    [
        ("", WrongLength, "ID-LENGTH"),
        ("A12345678", WrongLength, "ID-LENGTH"),
        ("A1234567890", WrongLength, "ID-LENGTH"),
        ("A123 456789", WrongLength, "ID-LENGTH"),
        (full_width("A123456789"), FullWidthNumber, "ID-FULLWIDTH"),
        ("A" + full_width("123456789"), FullWidthNumber, "ID-FULLWIDTH"),
        (full_width("A") + "123456789", FullWidthNumber, "ID-FULLWIDTH"),
        (full_width("A12345678"), FullWidthNumber, "ID-FULLWIDTH"),
        ("A323456789", WrongShape, "ID-SHAPE"),
        ("A023456789", WrongShape, "ID-SHAPE"),
        ("AE01234567", WrongShape, "ID-SHAPE"),
        ("1123456789", WrongShape, "ID-SHAPE"),
        ("A12345678A", WrongShape, "ID-SHAPE"),
        ("A12345678²", WrongShape, "ID-SHAPE"),
        ("A12345678٩", WrongShape, "ID-SHAPE"),
        ("Å123456789", WrongShape, "ID-SHAPE"),
        ("A12345678\0", WrongShape, "ID-SHAPE"),
        ("A12345-789", WrongShape, "ID-SHAPE"),
        ("' OR 1=1--", WrongShape, "ID-SHAPE"),
        ("A123456788", WrongChecksum, "ID-CHECKSUM"),
        ("A800000015", WrongChecksum, "ID-CHECKSUM"),
        ("AC01234568", WrongChecksum, "ID-CHECKSUM"),
    ],
)
def test_says_what_is_wrong(number, refusal, code):
    with pytest.raises(refusal) as raised:
        check_national_id(number)
    assert raised.value.code == code
    assert str(raised.value.message)
    if number:
        assert number not in str(raised.value)


@given(text=st.text(max_size=12))
def test_no_text_breaks_it(text):
    try:
        number = check_national_id(text)
    except InvalidNumber:
        return
    assert check_national_id(number) == number


@given(
    letter=st.sampled_from("ABCDEFGHIJKLMNOPQRSTUVWXYZ"),
    second=st.sampled_from("1289ABCD"),
    digits=st.from_regex(r"[0-9]{7}", fullmatch=True),
)
def test_exactly_one_check_digit_fits(letter, second, digits):
    def fits(last: int) -> bool:
        try:
            check_national_id(f"{letter}{second}{digits}{last}")
        except WrongChecksum:
            return False
        return True

    assert sum(fits(last) for last in range(10)) == 1


@pytest.mark.parametrize("kind", [IdentifierKind.PASSPORT, IdentifierKind.ENTRY_PERMIT])
def test_blanks_and_hyphens_in_a_document_number_do_not_count(kind):
    assert normalize(kind=kind, value=" ab 123-4567 ") == "AB1234567"


@pytest.mark.parametrize(
    ("value", "refusal"),
    [
        ("", WrongDocument),
        ("A12", WrongDocument),
        ("A" * 21, WrongDocument),
        ("AB12;3", WrongDocument),
        (full_width("AB12345"), FullWidthNumber),
    ],
)
def test_a_document_number_has_4_to_20_letters_and_digits(value, refusal):
    with pytest.raises(refusal):
        normalize(kind=IdentifierKind.PASSPORT, value=value)
