"""Which readers there are and what they hold, kept up to date by a thread of its own.

The thread outlives the smart-card service: when pcscd is restarted, the last reader unplugged (at
which Windows ends the service) or the machine put to sleep, it starts anew. Cards that were in then
count as newly inserted, because nobody saw what happened meanwhile.
"""

import logging
import threading
import time
from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace

from agent.cards.errors import CardError, ReaderGone
from agent.readers.pcsc.winscard import PNP, TimedOut, Winscard

LOOK_EVERY = 1.0  # seconds: how late a change is seen where the system does not announce it
TRY_AGAIN_AFTER = 0.5
ASLEEP_AFTER = 10.0  # a wait of LOOK_EVERY that took so much longer was a machine asleep
logger = logging.getLogger("agent.readers")


@dataclass(frozen=True)
class Slot:
    """A reader as last seen. `index` stays the same for a name as long as the agent runs."""

    index: int
    name: str
    insertion: int | None = None
    atr: bytes = b""
    mute: bool = False
    state: int = 0


def machine_clock() -> float:
    """Seconds that go on while the machine sleeps, and are not set by hand."""
    boot_time = getattr(time, "CLOCK_BOOTTIME", None)
    return time.monotonic() if boot_time is None else time.clock_gettime(boot_time)


class Watch:
    """`slots` may be read from any thread; `changed` is notified with every new value of it."""

    def __init__(self, api: Winscard, *, clock: Callable[[], float] = machine_clock) -> None:
        self._api = api
        self._clock = clock
        self.slots: tuple[Slot, ...] = ()
        self.running = False  # whether the smart-card service answers
        self.changed = threading.Condition()
        self._indexes: dict[str, int] = {}
        self._insertions = 0
        self._closed = threading.Event()
        self._first_look = threading.Event()
        self._restarting = threading.Event()
        self._context: int | None = None
        self._thread = threading.Thread(target=self._run, name="readers", daemon=True)

    def start(self) -> None:
        """Start watching, and wait for the first look at the readers."""
        self._thread.start()
        self._first_look.wait(3.0)

    def restart(self) -> None:
        """Let go of the service, and wait for the first look through a new connection to it."""
        self._first_look.clear()
        self._restarting.set()
        context = self._context
        if context is not None:
            self._api.cancel(context)
        self._first_look.wait(2 * LOOK_EVERY + TRY_AGAIN_AFTER)

    def close(self) -> None:
        self._closed.set()
        context = self._context
        if context is not None:
            self._api.cancel(context)
        with self.changed:
            self.changed.notify_all()
        self._thread.join(2 * LOOK_EVERY)

    @property
    def closed(self) -> bool:
        return self._closed.is_set()

    def _run(self) -> None:
        while not self.closed:
            try:
                self._follow()
            except CardError as error:
                if self.running and not self._restarting.is_set():
                    logger.warning("smart-card service lost: %s", error)
            self._publish((), running=False)
            if not self._restarting.is_set():
                self._first_look.set()
            self._restarting.clear()
            self._closed.wait(TRY_AGAIN_AFTER)

    def _follow(self) -> None:
        """Follow the readers until the service or our time with it ends."""
        context = self._api.establish()
        self._context = context
        try:
            self._publish((), running=True)
            while not self.closed and not self._restarting.is_set():
                self._look(context)
                self._first_look.set()
                if self._slept_while_waiting(context):
                    logger.info("the machine slept: all cards count as newly inserted")
                    return
        finally:
            self._context = None
            self._api.release(context)

    def _look(self, context: int) -> None:
        """Take in every reader's state, without waiting."""
        known = {slot.name: slot for slot in self.slots}
        names = self._api.reader_names(context)
        slots = [known.get(name) or Slot(self._index(name), name) for name in names]
        asked = [(slot.name, 0) for slot in slots]
        try:
            states = self._api.status_change(context, asked, seconds=0) if asked else []
        except (TimedOut, ReaderGone):
            return  # a reader left between the two questions: the next look sees it
        self._publish([self._updated(s, *seen) for s, seen in zip(slots, states, strict=True)])

    def _updated(self, slot: Slot, _name: str, state: int, atr: bytes) -> Slot:
        """The high word of a state counts insertions and removals (pcsclite and Windows)."""
        if self._api.gone(state) or not self._api.present(state):
            return replace(slot, insertion=None, atr=b"", mute=False, state=state)
        moved = state >> 16 != slot.state >> 16 or atr != slot.atr
        if slot.insertion is None or moved:
            self._insertions += 1
            slot = replace(slot, insertion=self._insertions)
        return replace(slot, atr=atr, mute=self._api.mute(state), state=state)

    def _slept_while_waiting(self, context: int) -> bool:
        """Wait for a change; whether the machine was asleep meanwhile."""
        states = [(slot.name, slot.state) for slot in self.slots]
        # pcsclite compares the high word of this one with the number of readers.
        watched = [*states, (PNP, len(states) << 16)]
        before = self._clock()
        try:
            self._api.status_change(context, watched, seconds=LOOK_EVERY)
        except TimedOut:
            pass
        except ReaderGone:
            # Either a reader left, or the system knows no announcement of new ones (macOS).
            self._closed.wait(LOOK_EVERY / 4)
        return self._clock() - before > LOOK_EVERY + ASLEEP_AFTER

    def _index(self, name: str) -> int:
        return self._indexes.setdefault(name, len(self._indexes))

    def _publish(self, slots: Sequence[Slot], *, running: bool = True) -> None:
        with self.changed:
            if self.slots == tuple(slots) and self.running == running:
                return
            self.slots, self.running = tuple(slots), running
            self.changed.notify_all()
