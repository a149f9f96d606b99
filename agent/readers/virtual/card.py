"""The card side of ISO/IEC 7816-4: a virtual card that dispatches APDUs to one application."""

from dataclasses import dataclass, replace
from typing import Protocol

OK = 0x9000
LONGEST_ANSWER = 256


@dataclass(frozen=True)
class Request:
    """A command as the card receives it; `data` is complete after chaining."""

    cla: int
    ins: int
    p1: int
    p2: int
    data: bytes
    le: int

    @classmethod
    def decode(cls, apdu: bytes | bytearray) -> "Request":
        """Raises ValueError for anything that is no short APDU."""
        if len(apdu) < 4:
            raise ValueError("An APDU has at least four bytes.")
        cla, ins, p1, p2 = apdu[:4]
        body = bytes(apdu[4:])
        if len(body) <= 1:
            return cls(cla, ins, p1, p2, b"", (body[0] if body else 0) or LONGEST_ANSWER)
        size, rest = body[0], body[1:]
        if not size or len(rest) not in {size, size + 1}:
            raise ValueError("Lc does not match the data.")
        return cls(cla, ins, p1, p2, rest[:size], (rest[size:] or b"\0")[0] or LONGEST_ANSWER)


class Applet(Protocol):
    """One application on a card."""

    aid: bytes

    def select(self) -> tuple[bytes, int]: ...

    def handle(self, request: Request) -> tuple[bytes, int]: ...

    def reset(self) -> None:
        """Power was cut, or another application selected: security states fall."""
        ...


class VirtualCard:
    """A card with one application, selected from the start as on the newer NHI cards.

    Long answers are handed out in pieces (61xx, GET RESPONSE), long commands arrive chained.
    """

    def __init__(self, applet: Applet) -> None:
        self._applet = applet
        self._chained = b""
        self._waiting = b""

    def reset(self) -> None:
        self._chained = self._waiting = b""
        self._applet.reset()

    def process(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        """Response data and status word."""
        try:
            request = Request.decode(apdu)
        except ValueError:
            return b"", 0x6700
        if request.ins == 0xC0:
            return self._piece(request.le)
        if request.cla & 0x10:
            self._chained += request.data
            return b"", OK
        return self._complete(request)

    def _complete(self, request: Request) -> tuple[bytes, int]:
        whole = replace(request, data=self._chained + request.data)
        self._chained = b""
        data, status = self._answer(whole)
        if status != OK or len(data) <= request.le:
            return data, status
        self._waiting = data
        return self._piece(request.le)

    def _answer(self, request: Request) -> tuple[bytes, int]:
        if request.ins == 0xA4 and request.p1 == 0x04:
            if not request.data or not self._applet.aid.startswith(request.data):
                return b"", 0x6A82
            return self._applet.select()
        return self._applet.handle(request)

    def _piece(self, size: int) -> tuple[bytes, int]:
        piece, self._waiting = self._waiting[:size], self._waiting[size:]
        if not piece:
            return b"", 0x6985
        left = len(self._waiting)
        return piece, 0x6100 | (left if left < LONGEST_ANSWER else 0) if left else OK
