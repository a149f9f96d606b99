"""Which kind of card lies in which reader."""

from collections.abc import Sequence
from dataclasses import dataclass

from agent.cards.errors import CardError, CardMute
from agent.cards.kinds import CardKind
from agent.cards.nhi import is_nhi_card
from agent.readers.base import Reader

UNKNOWN = "UNKNOWN"


@dataclass(frozen=True)
class SeenCard:
    """A reader and what is in it. `kind` is None when the reader is empty or the card foreign.

    `certain` is False when the card could not be asked, so that the next look asks again.
    """

    reader: Reader
    insertion: int | None
    kind: CardKind | None
    mute: bool = False
    certain: bool = True

    @property
    def label(self) -> str | None:
        """The kind as `/status.json` names it: None when empty, UNKNOWN for a foreign card."""
        if self.insertion is None:
            return None
        return self.kind or UNKNOWN


class Recogniser:
    """Looks at each inserted card once: a card of someone else's is not probed again and again."""

    def __init__(self) -> None:
        self._known: dict[int, SeenCard] = {}

    def look(self, readers: Sequence[Reader]) -> list[SeenCard]:
        """What is in each reader now. Blocks for card commands; never raises for a card."""
        return [self._look_at(reader) for reader in readers]

    def _look_at(self, reader: Reader) -> SeenCard:
        known = self._known.get(reader.index)
        insertion = reader.insertion
        if known is not None and known.insertion == insertion and known.certain:
            return known
        seen = _recognise(reader, insertion)
        self._known[reader.index] = seen
        return seen


def _recognise(reader: Reader, insertion: int | None) -> SeenCard:
    if insertion is None:
        return SeenCard(reader, None, None)
    kind = reader.pki_kind()
    if kind is not None:
        return SeenCard(reader, insertion, kind)
    try:
        with reader.connect() as card:
            return SeenCard(reader, insertion, CardKind.NHI if is_nhi_card(card) else None)
    except CardMute:
        return SeenCard(reader, insertion, None, mute=True, certain=False)
    except CardError:
        # Pulled while we looked, or kept by another program: the next look tries again.
        return SeenCard(reader, reader.insertion, None, certain=False)
