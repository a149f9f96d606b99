"""Which kind of card lies in which reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.cards.errors import CardError, CardMute, CardRemoved
from agent.cards.kinds import CardKind
from agent.cards.nhi import NotNhiCard, is_nhi_card
from agent.readers.base import Reader
from agent.signers.base import Signer

UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class SeenCard:
    """A reader and what is in it. `kind` is None when the reader is empty or the card foreign.

    `certain` is False when the card could not be asked, so that the next look asks again; `fault` is
    then the code of what was in the way, unless the card was only pulled or mute.
    """

    reader: Reader
    insertion: int | None
    kind: CardKind | None
    mute: bool = False
    certain: bool = True
    fault: str = ""

    @property
    def label(self) -> str | None:
        """The kind as `/status.json` names it: None when empty, UNKNOWN for a foreign card."""
        if self.insertion is None:
            return None
        return self.kind or UNKNOWN


class Recogniser:
    """Looks at each inserted card once: a card of someone else's is not probed again and again.

    Cards that said they are no NHI cards are remembered by their answer to reset, so that an HPC or
    the security module of the HIS, which stay in their readers, are left alone.
    """

    def __init__(self, signer: Signer) -> None:
        self._signer = signer
        self._known: dict[int, SeenCard] = {}
        self._not_nhi: set[bytes] = set()
        self._nhi: set[bytes] = set()

    def look(self, readers: Sequence[Reader]) -> list[SeenCard]:
        """What is in each reader now. Blocks for card commands; never raises for a card."""
        return [self._look_at(reader) for reader in readers]

    def forget(self) -> None:
        """Ask every card anew, also those that said they are none of ours."""
        self._known.clear()
        self._not_nhi.clear()

    def _look_at(self, reader: Reader) -> SeenCard:
        known = self._known.get(reader.index)
        insertion = reader.insertion
        if known is not None and known.insertion == insertion and known.certain:
            return known
        seen = self._recognise(reader, insertion)
        self._known[reader.index] = seen
        return seen

    def _recognise(self, reader: Reader, insertion: int | None) -> SeenCard:
        if insertion is None:
            return SeenCard(reader, None, None)
        kind = reader.pki_kind()
        try:
            if kind is None and self._is_nhi(reader):
                kind = CardKind.NHI
            return SeenCard(reader, insertion, kind or self._signer.kind(reader))
        except CardMute:
            return SeenCard(reader, insertion, None, mute=True, certain=False)
        except CardRemoved:
            return SeenCard(reader, reader.insertion, None, certain=False)
        except CardError as error:
            return SeenCard(reader, reader.insertion, None, certain=False, fault=error.code)

    def _is_nhi(self, reader: Reader) -> bool:
        atr = reader.atr
        if atr in self._not_nhi:
            return False
        try:
            with reader.connect() as card:
                is_nhi = is_nhi_card(card)
        except NotNhiCard:
            if atr and atr not in self._nhi:
                self._not_nhi.add(atr)
            return False
        if is_nhi:
            self._nhi.add(atr)
        return is_nhi
