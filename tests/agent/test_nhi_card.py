"""Reading NHI cards of both generations, and names in every code page they come in."""

from datetime import date

import pytest

from agent.cards.errors import CardUnreadable
from agent.cards.nhi import (
    NotNhiCard,
    Profile,
    decode_name,
    is_nhi_card,
    parse_profile,
    read_card,
)
from agent.readers.virtual.card import VirtualCard
from agent.readers.virtual.nhi_applet import NhiApplet
from agent.readers.virtual.profiles import encode_profile
from tests.agent.card_folder import CITIZEN_PROFILE
from tests.agent.test_apdus import ScriptedCard

SELECT = "00a4040010d158000001000000000000000000001100"
READ = "00ca1100020000"
CARD_DATA = "00ca2400020000"
PROFILE = b"000012345678" + "王小明".encode("cp950").ljust(20, b"\0") + b"A1234567890340101M1140101"


class Connected:
    """A virtual card where a reader would be."""

    def __init__(self, applet: NhiApplet) -> None:
        self._card = VirtualCard(applet)

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        return self._card.process(apdu)


def test_the_57_bytes_are_read_field_by_field() -> None:
    assert len(PROFILE) == 57
    assert parse_profile(PROFILE) == Profile(
        card_number="000012345678",
        name="王小明",
        national_id="A123456789",
        birth_date=date(1945, 1, 1),
        sex="M",
        issued_on=date(2025, 1, 1),
    )


def test_a_card_file_profile_becomes_the_same_57_bytes() -> None:
    assert encode_profile(CITIZEN_PROFILE) == PROFILE


@pytest.mark.parametrize("select", ["9000", "6d00", "6a82"])
def test_read_tells_what_the_card_is_whatever_select_says(select: str) -> None:
    card = ScriptedCard(
        (SELECT, select),
        (READ, PROFILE.hex() + "9000"),
        (CARD_DATA, "32" + b"0912345678    ".hex() + "9000"),
    )
    reading = read_card(card)
    assert reading.national_id == "A123456789"
    assert (reading.cancelled, reading.emergency_phone) == (True, "0912345678")
    assert card.finished


def test_t0_readers_and_wrong_lengths_lead_to_the_same_reading() -> None:
    card = ScriptedCard(
        (SELECT, "9000"),
        (READ, "6139"),
        ("00c0000039", PROFILE.hex() + "9000"),
        (CARD_DATA, "6a88"),
    )
    reading = read_card(card)
    assert (reading.cancelled, reading.emergency_phone) == (False, "")


def test_the_first_cold_read_may_fail_once_but_not_twice() -> None:
    once = ScriptedCard((SELECT, "6d00"), (READ, "6f00"), (READ, PROFILE.hex() + "9000"))
    assert is_nhi_card(once)
    twice = ScriptedCard((SELECT, "9000"), (READ, "6f00"), (READ, "6f00"))
    with pytest.raises(CardUnreadable):
        read_card(twice)


def test_a_personnel_card_that_refuses_read_is_no_nhi_card() -> None:
    with pytest.raises(NotNhiCard):
        is_nhi_card(ScriptedCard((SELECT, "6a82"), (READ, "6a86"), (READ, "6a86")))


def test_a_read_that_fails_for_another_reason_says_nothing_about_the_kind() -> None:
    assert not is_nhi_card(ScriptedCard((SELECT, "9000"), (READ, "6f00"), (READ, "6f00")))


@pytest.mark.parametrize("generation", [1, 2])
@pytest.mark.parametrize("cold_read", [False, True])
def test_virtual_cards_of_both_generations_are_read(generation: int, cold_read: bool) -> None:
    applet = NhiApplet(profile=PROFILE, card_data=None, generation=generation, cold_read=cold_read)
    applet.reset()
    assert read_card(Connected(applet)).name == "王小明"
    assert applet.select() == (b"", 0x9000 if generation == 1 else 0x6D00)


@pytest.mark.parametrize(
    ("field", "name"),
    [
        ("王小明".encode("cp950").ljust(20, b"\0"), "王小明"),
        ("王小明".encode("cp950").ljust(20, b" "), "王小明"),
        ("游錫碁".encode("cp950").ljust(20, b"\0"), "游錫碁"),
        ("王堃喆".encode("big5hkscs").ljust(20, b" "), "王堃喆"),
        (b"\xff\xff".ljust(20, b"\0"), "\ufffd\ufffd"),
        ("王".encode("cp950") + b"\xff\xff" + "明".encode("cp950"), "王\ufffd\ufffd明"),
        (b"Smith, John".ljust(20, b" "), "Smith, John"),
        (b"A" + ("王小明" * 4).encode("cp950")[:19], "A王小明王小明王小明\ufffd"),
        (b"\0" * 20, ""),
        ("王小明　".encode("cp950").ljust(20, b"\0"), "王小明"),  # a wide space
        ("王\0小明".encode("cp950").ljust(20, b" "), "王\ufffd小明"),
        ("王\n小明".encode("cp950").ljust(20, b" "), "王\ufffd小明"),
        ("犇峯".encode("big5hkscs").ljust(20, b"\0"), "犇峯"),
        (b" " * 20, ""),
    ],
)
def test_no_name_makes_a_reading_fail(field: bytes, name: str) -> None:
    assert decode_name(field) == name


@pytest.mark.parametrize(
    ("field", "day"),
    [
        (b"0010101", "1912-01-01"),
        (b" 750102", "1986-01-02"),
        (b"1000229", None),  # 2011 was no leap year
        (b"1010229", "2012-02-29"),
        (b"1151231", "2026-12-31"),
        (b"0000101", None),
        (b"750102 ", None),  # nobody can say what that is
        (b"07501 2", None),
        (b"-750102", None),
    ],
)
def test_dates_of_the_republic_are_read_or_refused_and_never_guessed(
    field: bytes, day: str | None
) -> None:
    data = PROFILE[:42] + field + PROFILE[49:]
    if day is None:
        with pytest.raises(CardUnreadable):
            parse_profile(data)
    else:
        assert parse_profile(data).birth_date.isoformat() == day


@pytest.mark.parametrize("sex", [b" ", b"\0"])
def test_a_blank_sex_keeps_nobody_out(sex: bytes) -> None:
    assert parse_profile(PROFILE[:49] + sex + PROFILE[50:]).sex == ""


def test_a_card_file_may_leave_the_sex_out() -> None:
    profile = {name: value for name, value in CITIZEN_PROFILE.items() if name != "sex"}
    assert parse_profile(encode_profile(profile)).sex == ""


def test_a_lower_case_id_is_read_upper_case() -> None:
    assert parse_profile(PROFILE.replace(b"A1", b"a1")).national_id == "A123456789"


@pytest.mark.parametrize(
    "data",
    [
        PROFILE[:56],
        PROFILE + b"0",
        b"",
        PROFILE[:49] + b"X" + PROFILE[50:],
        PROFILE[:42] + b"0341301" + PROFILE[49:],
        PROFILE[:50] + b"\0" * 7,
        b"\xa4" + PROFILE[1:],
    ],
)
def test_anything_else_than_a_profile_is_unreadable(data: bytes) -> None:
    with pytest.raises(CardUnreadable):
        parse_profile(data)
