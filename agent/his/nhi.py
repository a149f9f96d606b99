"""The cards of a function: which one, and what stands on it."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import TypeVar

import anyio.to_thread

from agent.cards.errors import CardError, CardRemoved, ReaderBusy, ReaderGone, ServiceStopped
from agent.cards.kinds import CardKind
from agent.cards.nhi import Reading, read_card_bytes
from agent.his.codes import Code, HisError
from agent.readers.base import ReaderBackend
from agent.readers.recognition import Recogniser, SeenCard

T = TypeVar("T")


@dataclass(frozen=True)
class NhiCard:
    """An NHI card that was just read. `data` are its 72 bytes, `insertion` names the insertion."""

    reading: Reading
    data: bytes
    insertion: int | None


class Cards:
    """Finds and reads the cards in the readers. Everything raises HisError."""

    def __init__(self, *, backend: ReaderBackend, recogniser: Recogniser) -> None:
        self._backend = backend
        self._recogniser = recogniser

    async def look(self) -> list[SeenCard]:
        return await anyio.to_thread.run_sync(self._recogniser.look, self._backend.readers())

    async def read(self) -> NhiCard:
        """The NHI card; of two the one in the first reader."""
        return await self.use(await self.find(CardKind.NHI), _read)

    async def find(self, kind: CardKind) -> SeenCard:
        seen = await self.look()
        for card in seen:
            if card.kind is kind:
                return card
        if any(card.mute or card.fault for card in seen):
            raise HisError(Code.READ_FAILED)
        raise HisError(Code.NO_NHI_CARD if kind is CardKind.NHI else Code.NO_HPC)

    async def use(self, card: SeenCard, work: Callable[[SeenCard], T]) -> T:
        """Blocking work with a card, in a thread; its faults get the manual's codes."""
        try:
            return await anyio.to_thread.run_sync(work, card)
        except CardRemoved:
            gone = Code.NO_NHI_CARD if card.kind is CardKind.NHI else Code.NO_HPC
            raise HisError(gone) from None
        except (ReaderBusy, ReaderGone, ServiceStopped):
            raise HisError(Code.TIMEOUT) from None
        except CardError:
            raise HisError(Code.READ_FAILED) from None

    def forget(self) -> None:
        self._recogniser.forget()


def _read(card: SeenCard) -> NhiCard:
    with card.reader.connect() as connection:
        if card.reader.insertion != card.insertion:
            raise CardRemoved  # another patient's card may have come since we looked
        reading, data = read_card_bytes(connection)
    return NhiCard(reading, data, card.insertion)


def reset(card: SeenCard) -> None:
    with card.reader.reserve():
        card.reader.reset()
