"""What a backend (virtual cards, PC/SC) offers to the rest of the agent."""

from collections.abc import Sequence
from contextlib import AbstractContextManager
from typing import Protocol

from agent.cards.kinds import CardKind

# Which insertion each reader holds, by position; None is an empty reader. Two equal snapshots mean
# that no card moved between them.
Snapshot = tuple[int | None, ...]


class Connection(Protocol):
    """A powered card, ours alone until the `with` of `Reader.connect` ends."""

    def transmit(self, apdu: bytes | bytearray) -> tuple[bytes, int]:
        """Response data and status word. Raises CardRemoved, CardMute."""
        ...


class Reader(Protocol):
    @property
    def index(self) -> int: ...

    @property
    def name(self) -> str: ...

    @property
    def insertion(self) -> int | None:
        """Counts up with every card put in, and so names this one; None while empty."""
        ...

    @property
    def atr(self) -> bytes:
        """The card's answer to reset; empty where the backend has none."""
        ...

    def pki_kind(self) -> CardKind | None:
        """The kind of a card with key and PIN, as the backend knows it (from its module, its ATR).

        None when there is no card, or one that only reading can tell (an NHI card).
        """
        ...

    def connect(self) -> AbstractContextManager[Connection]:
        """The card, locked against every other user of this agent.

        Raises CardRemoved, CardMute, ReaderBusy.
        """
        ...

    def reserve(self) -> AbstractContextManager[None]:
        """The reader without a connection, while a PKCS#11 module uses its card.

        Raises CardRemoved, CardMute, ReaderBusy, ServiceStopped.
        """
        ...

    def reset(self) -> None:
        """Make the card forget every PIN shown to it; for use within `reserve`. Raises CardError."""
        ...


class ReaderBackend(Protocol):
    @property
    def virtual(self) -> bool:
        """Whether the cards are made up: the claim says so, and real servers refuse them."""
        ...

    @property
    def service(self) -> str:
        """The smart-card service: `running`, `stopped` or `virtual`."""
        ...

    def readers(self) -> Sequence[Reader]: ...

    def snapshot(self) -> Snapshot: ...

    def wait_for_change(self, seen: Snapshot, *, timeout: float) -> Snapshot:
        """Block until the snapshot differs from `seen`, at most `timeout` seconds; the new one."""
        ...

    def restart(self) -> None:
        """Let go of the smart-card service and open the readers anew; blocks until they are there."""
        ...

    def close(self) -> None:
        """Give up the readers; whoever waits in `wait_for_change` returns at once."""
        ...
