"""The virtual backend: readers whose cards are put in and pulled by a click instead of a hand."""

import threading
from collections.abc import Iterator, Sequence
from contextlib import contextmanager

from agent.cards.errors import CardMute, CardRemoved, ReaderBusy
from agent.cards.kinds import CardKind
from agent.readers.base import Snapshot
from agent.readers.virtual.card import VirtualCard
from agent.readers.virtual.card_files import CardFile, CardFolder, NhiContent
from agent.readers.virtual.nhi_applet import NhiApplet
from agent.readers.virtual.piv_applet import PinCounter, PivApplet

BUSY_AFTER = 5.0  # seconds another page may keep a reader before we say so


class NoSuchReader(LookupError):
    """There is no reader of that index."""


class NoSuchCard(LookupError):
    """The folder has no (sound) card of that id."""


class VirtualReader:
    """One reader of the tray. Only the tray changes what is in it."""

    def __init__(self, index: int, changed: threading.Condition) -> None:
        self.index = index
        self.name = f"Virtual reader {index + 1}"
        self.card_file: CardFile | None = None
        self.insertion: int | None = None
        self.atr = b""
        self.card: VirtualCard | None = None
        self.commands = 0
        self._in_use = threading.Lock()
        self._changed = changed

    def pki_kind(self) -> CardKind | None:
        inside = self.card_file
        return inside.kind if inside is not None and inside.kind.has_pin else None

    @contextmanager
    def connect(self) -> Iterator["VirtualConnection"]:
        with self.reserve():
            inside, card, insertion = self.card_file, self.card, self.insertion
            if inside is None or card is None or insertion is None:
                raise CardRemoved
            if inside.faults.mute:
                raise CardMute
            yield VirtualConnection(self, insertion, card)

    @contextmanager
    def reserve(self) -> Iterator[None]:
        if not self._in_use.acquire(timeout=BUSY_AFTER):
            raise ReaderBusy
        try:
            yield
        finally:
            self._in_use.release()

    def reset(self) -> None:
        if self.card is not None:
            self.card.reset()

    def put(self, card_file: CardFile, card: VirtualCard, insertion: int) -> None:
        with self._changed:
            self.card_file, self.card, self.insertion = card_file, card, insertion
            self.commands = 0
            self._changed.notify_all()

    def pull(self) -> None:
        with self._changed:
            self.card_file = self.card = self.insertion = None
            self._changed.notify_all()


class VirtualConnection:
    """A powered virtual card: every command after its removal fails, also when it came back."""

    def __init__(self, reader: VirtualReader, insertion: int, card: VirtualCard) -> None:
        self._reader = reader
        self._insertion = insertion
        self._card = card

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        inside = self._reader.card_file
        if inside is None or self._reader.insertion != self._insertion:
            raise CardRemoved
        limit = inside.faults.pulled_after
        if limit is not None and self._reader.commands >= limit:
            self._reader.pull()
            raise CardRemoved
        self._reader.commands += 1
        return self._card.process(apdu)


class VirtualTray:
    """All virtual readers, and the folder of cards that can be put into them."""

    virtual = True
    service = "virtual"

    def __init__(self, folder: CardFolder, *, readers: int) -> None:
        self.folder = folder
        self._changed = threading.Condition()
        self._readers = [VirtualReader(index, self._changed) for index in range(readers)]
        self._insertions = 0
        self._counters: dict[tuple[str, str], PinCounter] = {}
        self._closed = False

    def readers(self) -> Sequence[VirtualReader]:
        return self._readers

    def snapshot(self) -> Snapshot:
        return tuple(reader.insertion for reader in self._readers)

    def wait_for_change(self, seen: Snapshot, *, timeout: float) -> Snapshot:
        with self._changed:
            self._changed.wait_for(lambda: self._closed or self.snapshot() != seen, timeout)
            return self.snapshot()

    def restart(self) -> None:
        """Virtual readers are always there."""

    def close(self) -> None:
        with self._changed:
            self._closed = True
            self._changed.notify_all()

    def insert(self, *, reader: int, card: str) -> None:
        """Put a card of the folder into a reader; out of the one it was in, in place of another.

        Raises NoSuchReader, NoSuchCard.
        """
        target = self._find(reader)
        card_file = self.folder.cards().get(card)
        if card_file is None:
            raise NoSuchCard(card)
        with self._changed:
            for other in self._readers:
                if other.card_file is not None and other.card_file.id == card:
                    other.pull()
            self._insertions += 1
            target.put(card_file, build_card(card_file, self._counters), self._insertions)

    def remove(self, *, reader: int) -> None:
        """Pull the card out of a reader; nothing happens to an empty one. Raises NoSuchReader."""
        self._find(reader).pull()

    def _find(self, index: int) -> VirtualReader:
        if not 0 <= index < len(self._readers):
            raise NoSuchReader(index)
        return self._readers[index]


def build_card(card_file: CardFile, counters: dict[tuple[str, str], PinCounter]) -> VirtualCard:
    """The card of a file. `counters` remember wrong PINs over insertions, as a real card does."""
    content = card_file.content
    if isinstance(content, NhiContent):
        return VirtualCard(
            NhiApplet(
                profile=content.profile,
                card_data=content.card_data,
                generation=content.generation,
                cold_read=card_file.faults.cold_read,
            )
        )
    counter = counters.setdefault(
        (card_file.id, card_file.digest), PinCounter(most=content.tries, left=content.tries)
    )
    return VirtualCard(
        PivApplet(pin=content.pin, counter=counter, key=content.key, chain=content.chain)
    )
