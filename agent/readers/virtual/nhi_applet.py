"""The application of a virtual NHI card, of both generations."""

from agent.cards.nhi import AID, READ_CARD_DATA, READ_PROFILE
from agent.readers.virtual.card import OK, Request

REFUSES_SELECT = 2


class NhiApplet:
    """`profile` is what READ answers; `card_data` the cancellation mark and phone, or None."""

    aid = AID

    def __init__(
        self, *, profile: bytes, card_data: bytes | None, generation: int, cold_read: bool
    ) -> None:
        self._profile = profile
        self._card_data = card_data
        self._generation = generation
        self._cold_read = cold_read
        self._cold = cold_read

    def reset(self) -> None:
        self._cold = self._cold_read

    def select(self) -> tuple[bytes, int]:
        return b"", 0x6D00 if self._generation == REFUSES_SELECT else OK

    def handle(self, request: Request) -> tuple[bytes, int]:
        if request.ins != READ_PROFILE.ins:
            return b"", 0x6D00
        wanted = (request.p1, request.p2)
        if wanted == (READ_PROFILE.p1, READ_PROFILE.p2):
            return self._read_profile()
        if wanted == (READ_CARD_DATA.p1, READ_CARD_DATA.p2) and self._card_data is not None:
            return self._card_data, OK
        return b"", 0x6A88

    def _read_profile(self) -> tuple[bytes, int]:
        if self._cold:
            self._cold = False
            return b"", 0x6F00
        return self._profile, OK
