"""The cards of a function: which one, and what stands on it."""

import base64
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TypeVar

import anyio.to_thread
from cryptography.hazmat.primitives.serialization import Encoding
from cryptography.x509 import Certificate

from agent.cards.errors import CardError, CardRemoved, ReaderBusy, ReaderGone, ServiceStopped
from agent.cards.kinds import CardKind
from agent.cards.nhi import Reading, read_card_bytes
from agent.his.codes import Code, HisError
from agent.options import OptionsFile
from agent.readers.base import ReaderBackend
from agent.readers.recognition import Recogniser, SeenCard
from agent.report import in_remote_session
from agent.signers.base import Signer
from agent.standing import Standing

T = TypeVar("T")


@dataclass(frozen=True)
class NhiCard:
    """An NHI card that was just read. `data` are its 72 bytes, `insertion` names the insertion."""

    reading: Reading
    data: bytes
    insertion: int | None


class Cards:
    """Finds and reads the cards in the readers. Everything raises HisError."""

    def __init__(
        self,
        *,
        backend: ReaderBackend,
        recogniser: Recogniser,
        signer: Signer,
        standing: Standing,
        options: OptionsFile,
    ) -> None:
        self._backend = backend
        self._recogniser = recogniser
        self._signer = signer
        self._standing = standing
        self._options = options

    async def look(self) -> list[SeenCard]:
        """What is in each reader, those first that were chosen on the console for their kind.

        In a remote session only where CSREMOTE allows it (manual 4).
        """
        options = self._options.read()
        if in_remote_session() and not (options.csremote or self._backend.virtual):
            raise HisError(Code.NOT_PERMITTED)
        seen = await anyio.to_thread.run_sync(self._recogniser.look, self._backend.readers())
        chosen = {CardKind.NHI: options.reader_nhi, CardKind.HPC: options.reader_hpc}
        return sorted(seen, key=lambda card: _name_chosen(chosen, card) != card.reader.name)

    def is_proved(self, seen: Sequence[SeenCard]) -> bool:
        """Whether the HPC has shown its PIN, or fast authentication holds."""
        return self._standing.is_proved([card.insertion for card in seen])

    async def professional(self) -> list[str] | None:
        """The certificates of the HPC in base64, its holder's first; None with fast authentication.

        Raises HisError (no card, unreadable).
        """
        try:
            card = await self.find(CardKind.HPC)
        except HisError as error:
            if error.code == Code.NO_HPC and self._standing.fast_left > 0:
                return None
            raise
        chain = await self.use(card, self._chain)
        return [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in chain]

    def _chain(self, card: SeenCard) -> Sequence[Certificate]:
        with self._signer.open(card.reader) as session:
            if card.reader.insertion != card.insertion:
                raise CardRemoved
            return session.chain

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

    async def restart(self) -> None:
        """Let go of the smart-card service and open the readers anew (csResetFsim)."""
        await anyio.to_thread.run_sync(self._backend.restart)
        self.forget()


def _name_chosen(chosen: Mapping[CardKind, str], card: SeenCard) -> str:
    return chosen.get(card.kind, "") if card.kind else ""


def _read(card: SeenCard) -> NhiCard:
    with card.reader.connect() as connection:
        if card.reader.insertion != card.insertion:
            raise CardRemoved  # another patient's card may have come since we looked
        reading, data = read_card_bytes(connection)
    return NhiCard(reading, data, card.insertion)


def reset(card: SeenCard) -> None:
    with card.reader.reserve():
        card.reader.reset()
