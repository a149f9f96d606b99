"""Command and response APDUs (ISO/IEC 7816-4), short form, with what readers add to them."""

from dataclasses import dataclass, field, replace
from typing import Protocol

OK = 0x9000
SHORT_DATA = 255
SHORT_LE = 256
# A certificate has a few kilobytes; a card that never ends its answer must not fill the memory.
LONGEST_ANSWER = 64 * 1024


class Transmitter(Protocol):
    """One exchange with a card: the response without its status word, and the status word."""

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]: ...


@dataclass(frozen=True)
class Command:
    """`le` is the number of bytes expected (256 is written as 00); None leaves the field out."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes = field(default=b"", repr=False)
    le: int | None = None

    def encode(self) -> bytes:
        if len(self.data) > SHORT_DATA:
            raise ValueError("A short APDU carries at most 255 bytes; send() chains longer ones.")
        body = bytes([len(self.data)]) + self.data if self.data else b""
        tail = bytes([self.le % SHORT_LE]) if self.le is not None else b""
        return bytes([self.cla, self.ins, self.p1, self.p2]) + body + tail


@dataclass(frozen=True)
class Answer:
    """What the card said: all its data, and the last status word."""

    data: bytes
    status: int

    @property
    def ok(self) -> bool:
        return self.status == OK


def send(card: Transmitter, command: Command) -> Answer:
    """Send `command` and collect the whole answer.

    Long data goes out in chained blocks. 6Cxx repeats the command with the length the card named;
    61xx fetches the rest by GET RESPONSE (readers speaking T=0 answer so even to short reads).
    """
    *blocks, last = _blocks(command)
    for block in blocks:
        data, status = card.transmit(block.encode())
        if status != OK:
            return Answer(data, status)
    data, status = card.transmit(last.encode())
    if status >> 8 == 0x6C:
        data, status = card.transmit(replace(last, le=status & 0xFF or SHORT_LE).encode())
    return _with_rest(card, data, status)


def _blocks(command: Command) -> list[Command]:
    if len(command.data) <= SHORT_DATA:
        return [command]
    parts = [command.data[i : i + SHORT_DATA] for i in range(0, len(command.data), SHORT_DATA)]
    chained = [replace(command, cla=command.cla | 0x10, data=part, le=None) for part in parts[:-1]]
    return [*chained, replace(command, data=parts[-1])]


def _with_rest(card: Transmitter, data: bytes, status: int) -> Answer:
    collected = bytearray(data)
    while status >> 8 == 0x61 and len(collected) < LONGEST_ANSWER:
        rest = Command(0x00, 0xC0, 0x00, 0x00, le=status & 0xFF or SHORT_LE)
        data, status = card.transmit(rest.encode())
        if not data:
            break
        collected += data
    return Answer(bytes(collected), status)
