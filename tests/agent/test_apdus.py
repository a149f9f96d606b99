"""APDUs and BER-TLV, byte for byte."""

import pytest

from agent.apdu import Command, send
from agent.cards import tlv
from agent.readers.virtual.card import OK, Request, VirtualCard


class ScriptedCard:
    """Answers what the test wrote down, and refuses anything else."""

    def __init__(self, *exchanges: tuple[str, str]) -> None:
        self._exchanges = [(bytes.fromhex(sent), bytes.fromhex(got)) for sent, got in exchanges]

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        expected, answer = self._exchanges.pop(0)
        assert bytes(apdu).hex() == expected.hex()
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    @property
    def finished(self) -> bool:
        return not self._exchanges


@pytest.mark.parametrize(
    ("command", "encoded"),
    [
        (Command(0x00, 0x84, 0x00, 0x00, le=8), "0084000008"),
        (Command(0x00, 0x84, 0x00, 0x00, le=256), "0084000000"),
        (Command(0x00, 0xCA, 0x11, 0x00, b"\0\0"), "00ca1100020000"),
        (Command(0x00, 0xA4, 0x04, 0x00, b"\xa0\x01", le=256), "00a4040002a00100"),
        (Command(0x00, 0x20, 0x00, 0x80), "00200080"),
    ],
)
def test_short_commands_are_encoded_as_iso_7816_says(command: Command, encoded: str) -> None:
    assert command.encode().hex() == encoded


def test_an_answer_in_pieces_is_collected_by_get_response() -> None:
    card = ScriptedCard(
        ("00ca1100020000", "6139"),
        ("00c0000039", "aabb6102"),
        ("00c0000002", "ccdd9000"),
    )
    answer = send(card, Command(0x00, 0xCA, 0x11, 0x00, b"\0\0"))
    assert (answer.data.hex(), answer.status) == ("aabbccdd", OK)
    assert card.finished


def test_a_wrong_length_is_repeated_with_the_one_the_card_names() -> None:
    card = ScriptedCard(("0084000000", "6c08"), ("0084000008", "11223344556677889000"))
    assert send(card, Command(0x00, 0x84, 0x00, 0x00, le=256)).data.hex() == "1122334455667788"
    assert card.finished


def test_long_data_goes_out_in_chained_blocks() -> None:
    data = bytes(range(256)) * 2
    card = ScriptedCard(
        ("108707 9a ff" + data[:255].hex(), "9000"),
        ("108707 9a ff" + data[255:510].hex(), "9000"),
        ("008707 9a 02" + data[510:].hex() + "00", "019000"),
    )
    assert send(card, Command(0x00, 0x87, 0x07, 0x9A, data, le=256)).data == b"\x01"
    assert card.finished


def test_a_refused_block_ends_the_chain() -> None:
    card = ScriptedCard(("108707 9a ff" + "00" * 255, "6884"))
    assert send(card, Command(0x00, 0x87, 0x07, 0x9A, bytes(300))).status == 0x6884


def test_a_card_that_never_ends_its_answer_is_not_listened_to_for_ever() -> None:
    class Endless:
        def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
            return bytes(256), 0x6100

    answer = send(Endless(), Command(0x00, 0xCA, 0x00, 0x00))
    assert len(answer.data) <= 65 * 1024
    assert not answer.ok


@pytest.mark.parametrize("size", [0, 1, 127, 128, 255, 256, 65535, 65536])
def test_tlv_of_every_length_form_is_read_back(size: int) -> None:
    value = b"\x5a" * size
    assert tlv.parse(tlv.build("5c", b"\x01") + tlv.build("7f49", value)) == {
        "5c": b"\x01",
        "7f49": value,
    }


@pytest.mark.parametrize("broken", ["53", "5302aa", "5381", "5382aa", "5380", "7f", "7fff"])
def test_cut_off_tlv_is_refused(broken: str) -> None:
    with pytest.raises(ValueError, match=r"."):
        tlv.parse(bytes.fromhex(broken))


@pytest.mark.parametrize("broken", ["00", "00a404", "00a4040005aa", "00a40400001234"])
def test_a_virtual_card_refuses_what_is_no_short_apdu(broken: str) -> None:
    class Never:
        aid = b""

        def select(self) -> tuple[bytes, int]:
            raise AssertionError

        def handle(self, request: Request) -> tuple[bytes, int]:
            raise AssertionError

        def reset(self) -> None:
            raise AssertionError

    assert VirtualCard(Never()).process(bytes.fromhex(broken)) == (b"", 0x6700)
