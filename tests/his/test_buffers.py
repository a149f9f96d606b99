"""Fixed-width fields and records: lengths, round trips, and Big5 at the edge of a field (G1)."""

from datetime import date
from decimal import Decimal

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from agent.cards.nhi import decode_name
from agent.his import buffers
from agent.his.fields import Amount, Ascii, Day, Digits, FieldError, Record, Text

RECORDS = {name: record for name, record in vars(buffers).items() if isinstance(record, Record)}
LENGTHS = {
    "BASIC": 72,
    "REGISTER": 78,
    "REGISTER_TAIL": 20,
    "REGISTER_2": 9,
    "LAST_SEQUENCE": 7,
    "NUMBER": 296,
    "NUMBER_AND_IDENTIFIER": 316,
    "IDENTIFIER": 20,
    "INSTITUTION": 10,
    "DIAGNOSES": 43,
    "DIAGNOSES_SPREAD": 54,
    "FEES": 38,
    "DIAGNOSES_AND_FEES": 81,
    "DIAGNOSES_SPREAD_AND_FEES": 92,
    "DOCTOR": 11,
    "ORDER": 61,
    "ORDER_SIGNATURE": 40,
    "RANDOM": 20,
    "RANDOM_SIGNATURE": 256,
}
ASCII = st.characters(min_codepoint=0x21, max_codepoint=0x7E)
CHINESE = st.sampled_from("王小明林堃喆犇煊峯碁陳怡君許功蓋裏")
NAMES = st.text(alphabet=st.one_of(ASCII, CHINESE), max_size=14)


def value_of(field) -> st.SearchStrategy:
    if isinstance(field, Day):
        days = st.dates(date(1912, 1, 1), date(2910, 12, 31))
        return st.one_of(st.just(""), days.map(date.isoformat))
    if isinstance(field, Digits):
        return st.one_of(st.none(), st.integers(0, 10**field.width - 1))
    if isinstance(field, Text) and field.cut:
        return NAMES
    if isinstance(field, Amount):
        return st.decimals(0, Decimal("99999.9"), places=1).map(str)
    return st.text(alphabet=ASCII, max_size=field.width)


def whole(values: dict, record: Record) -> dict:
    """What survives: a name that is longer than its field is cut between two characters."""
    return values | {
        field.name: decode_name(field.pack(values[field.name]))
        for field in record.fields
        if isinstance(field, Text)
    }


@pytest.mark.parametrize(("name", "length"), LENGTHS.items())
def test_a_record_has_the_manuals_length(name, length) -> None:
    assert RECORDS[name].length == length


def test_every_record_is_measured() -> None:
    assert set(LENGTHS) == set(RECORDS)


@pytest.mark.parametrize("name", RECORDS)
@settings(max_examples=30, deadline=None)
@given(data=st.data())
def test_a_record_survives_the_round_trip(name, data) -> None:
    record = RECORDS[name]
    values = {
        field.name: data.draw(value_of(field))
        for field in record.fields
        if field.name in record.names
    }
    packed = record.pack(values)
    assert len(packed) == record.length
    assert record.unpack(packed) == whole(values, record)


@given(text=st.text(alphabet=CHINESE, max_size=30), width=st.integers(0, 30))
def test_a_text_is_cut_between_characters_never_within(text, width) -> None:
    packed = Text("name", width, cut=True).pack(text)
    assert len(packed) == width
    kept = decode_name(packed)
    assert "\ufffd" not in kept
    assert text.startswith(kept)
    assert len(packed.rstrip(b" ")) >= min(2 * len(text), width - 1)


def test_ten_characters_fill_the_name_and_the_eleventh_is_cut() -> None:
    name = Text("name", 20, cut=True)
    assert name.pack("王" * 10) == ("王" * 10).encode("cp950")
    assert name.pack("王" * 11) == ("王" * 10).encode("cp950")
    assert name.pack("A" + "王" * 10) == b"A" + ("王" * 9).encode("cp950") + b" "


def test_characters_of_hkscs_only_take_their_own_code_page() -> None:
    assert Text("name", 20).pack("林堃喆").rstrip() == "林堃喆".encode("big5hkscs")


@pytest.mark.parametrize(
    ("field", "value"),
    [
        (Ascii("f", 4), "五"),
        (Ascii("f", 4), "12345"),
        (Digits("f", 2), "100"),
        (Digits("f", 2), "-1"),
        (Digits("f", 2), "١"),
        (Day("f"), "1911-12-31"),
        (Day("f"), "2026-02-30"),
        (Text("f", 4), "王小明"),
        (Text("f", 4), "😀"),
        (Amount("f"), "0.05"),
        (Amount("f"), "-1"),
        (Amount("f"), "100000"),
        (Amount("f"), "NaN"),
        (Amount("f"), ""),
    ],
)
def test_what_does_not_fit_is_refused_by_name(field, value) -> None:
    with pytest.raises(FieldError) as refused:
        field.pack(value)
    assert refused.value.field == "f"


@pytest.mark.parametrize(
    ("field", "data"),
    [
        (Digits("f", 2), b" x"),
        (Day("f"), b"1150230"),
        (Day("f"), b"115 1 1"),
        (Ascii("f", 2), b"\xff\xff"),
        (Amount("f"), b"    9.0"),
        (Amount("f"), b"0000009"),
    ],
)
def test_bytes_that_are_no_value_are_refused_by_name(field, data) -> None:
    with pytest.raises(FieldError):
        field.unpack(data)


def test_a_buffer_of_another_length_is_refused() -> None:
    with pytest.raises(FieldError, match="9 bytes"):
        buffers.REGISTER_2.unpack(b"1151124 6 ")


def test_the_spread_layout_has_the_codes_where_older_software_puts_them() -> None:
    data = bytearray(b"1" + b"?" * 53)
    for number, start in enumerate((3, 12, 21, 30, 39, 48), start=1):
        data[start - 1 : start + 6] = f"A0{number}    ".encode()
    values = buffers.DIAGNOSES_SPREAD.unpack(bytes(data))
    assert list(values.values()) == ["1", "A01", "A02", "A03", "A04", "A05", "A06"]
