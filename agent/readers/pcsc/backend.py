"""The PC/SC backend: readers as the watch sees them, and a card in a transaction of its own."""

import threading
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager

from agent.cards.errors import (
    CardMute,
    CardRemoved,
    CardReset,
    ReaderBusy,
    ReaderGone,
    ServiceStopped,
)
from agent.cards.kinds import CardKind
from agent.cards.pin import wipe
from agent.readers.base import Snapshot
from agent.readers.pcsc.watch import Slot, Watch
from agent.readers.pcsc.winscard import Winscard

BUSY_AFTER = 5.0  # seconds another program may keep the card before we say so
REMOVAL_SEEN_AFTER = 1.0  # seconds: readers are asked for their state about twice a second


class PcscReaders:
    """All readers of this machine."""

    virtual = False

    def __init__(self, api: Winscard | None = None, *, watch: Watch | None = None) -> None:
        """Starts the watch. Raises PcscMissing."""
        self._api = api or Winscard()
        self._watch = watch or Watch(self._api)
        self._locks: dict[str, threading.Lock] = {}
        self._watch.start()

    @property
    def service(self) -> str:
        return "running" if self._watch.running else "stopped"

    def readers(self) -> Sequence["PcscReader"]:
        return [
            PcscReader(self._api, self._watch, slot, self._lock(slot.name))
            for slot in self._watch.slots
        ]

    def snapshot(self) -> Snapshot:
        return tuple(slot.insertion for slot in self._watch.slots)

    def wait_for_change(self, seen: Snapshot, *, timeout: float) -> Snapshot:
        with self._watch.changed:
            self._watch.changed.wait_for(
                lambda: self._watch.closed or self.snapshot() != seen, timeout
            )
            return self.snapshot()

    def restart(self) -> None:
        self._watch.restart()

    def close(self) -> None:
        self._watch.close()

    def _lock(self, name: str) -> threading.Lock:
        return self._locks.setdefault(name, threading.Lock())


class PcscReader:
    """One reader; what it says of its card is always the newest."""

    def __init__(self, api: Winscard, watch: Watch, slot: Slot, in_use: threading.Lock) -> None:
        self._api = api
        self._watch = watch
        self._slot = slot
        self._in_use = in_use

    @property
    def index(self) -> int:
        return self._slot.index

    @property
    def name(self) -> str:
        return self._slot.name

    @property
    def insertion(self) -> int | None:
        now = self._now()
        return now.insertion if now else None

    @property
    def atr(self) -> bytes:
        now = self._now()
        return now.atr if now else b""

    def pki_kind(self) -> CardKind | None:
        """PC/SC knows no kinds: the signer does, by the certificate."""
        return None

    @contextmanager
    def connect(self) -> Iterator["PcscConnection"]:
        with self.reserve():
            inserted = self.insertion
            connection = _patiently(lambda: PcscConnection.open(self._api, self.name))
            try:
                yield connection
            except CardMute:
                # A card pulled in the middle of an answer looks mute until the reader reports it.
                if self._left(inserted):
                    raise CardRemoved from None
                raise
            finally:
                connection.close()

    @contextmanager
    def reserve(self) -> Iterator[None]:
        """Keep other pages of this agent off the card, while a vendor's module uses it."""
        if not self._in_use.acquire(timeout=BUSY_AFTER):
            raise ReaderBusy
        try:
            now = self._now()
            if not self._watch.running:
                raise ServiceStopped
            if now is None:
                raise ReaderGone
            if now.insertion is None:
                raise CardRemoved
            if now.mute:
                raise CardMute
            yield
        finally:
            self._in_use.release()

    def reset(self) -> None:
        context = self._api.establish()
        try:
            card, _ = self._api.connect(context, self.name)
            self._api.disconnect(card, reset=True)
        finally:
            self._api.release(context)

    def _left(self, inserted: int | None) -> bool:
        with self._watch.changed:
            return self._watch.changed.wait_for(
                lambda: self.insertion != inserted, REMOVAL_SEEN_AFTER
            )

    def _now(self) -> Slot | None:
        return next((slot for slot in self._watch.slots if slot.name == self.name), None)


class PcscConnection:
    """A card with a transaction around it: no other program comes between VERIFY and signature.

    It has a context of its own, because calls that share one wait for each other.
    """

    def __init__(self, api: Winscard, context: int, card: int, protocol: int) -> None:
        self._api = api
        self._context = context
        self._card = card
        self._protocol = protocol

    @classmethod
    def open(cls, api: Winscard, reader: str) -> "PcscConnection":
        """Blocks while another program has a transaction."""
        context = api.establish()
        try:
            card, protocol = api.connect(context, reader)
            try:
                api.begin(card)
            except CardReset:
                protocol = api.reconnect(card)
                api.begin(card)
        except BaseException:
            api.release(context)
            raise
        return cls(api, context, card, protocol)

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        outgoing = bytearray(apdu)
        if self._api.byte_wise(self._protocol) and _has_data_and_le(outgoing):
            outgoing.pop()  # T=0 has no Le beside data: the card answers 61xx (ISO 7816-3, 12.2)
        numbers = list(outgoing)
        try:
            answer = self._api.transmit(self._card, self._protocol, numbers)
        except CardReset:
            # What was shown to the card (a PIN) is gone; the work has to start anew.
            raise CardRemoved from None
        finally:
            numbers[:] = [0] * len(numbers)
            wipe(outgoing)
        if len(answer) < 2:
            raise CardMute
        return answer[:-2], int.from_bytes(answer[-2:], "big")

    def close(self) -> None:
        self._api.end(self._card)
        self._api.disconnect(self._card)
        self._api.release(self._context)


def _has_data_and_le(apdu: bytearray) -> bool:
    return len(apdu) > 6 and len(apdu) == 5 + apdu[4] + 1


class _Opening:
    """An attempt to get a card, which its waiter may give up before it ends."""

    def __init__(self) -> None:
        self.lock = threading.Lock()
        self.ended = threading.Event()
        self.given_up = False
        self.connection: PcscConnection | None = None
        self.error: Exception | None = None


def _patiently(open_card: Callable[[], PcscConnection]) -> PcscConnection:
    """`open_card`, given up after BUSY_AFTER: PC/SC itself waits without end. Raises ReaderBusy."""
    opening = _Opening()

    def attempt() -> None:
        try:
            connection = open_card()
        except Exception as error:
            opening.error = error
        else:
            with opening.lock:
                opening.connection = connection
                if opening.given_up:
                    connection.close()
        opening.ended.set()

    threading.Thread(target=attempt, name="card", daemon=True).start()
    if not opening.ended.wait(BUSY_AFTER):
        with opening.lock:
            opening.given_up = opening.connection is None
    if opening.given_up:
        raise ReaderBusy
    if opening.error is not None:
        raise opening.error
    assert opening.connection is not None
    return opening.connection
