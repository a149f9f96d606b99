"""Card transactions as the agent remembers them: in memory only, by id, for minutes."""

import secrets
import time
from collections.abc import Callable
from dataclasses import dataclass, field
from enum import Enum
from typing import Any

import anyio

from agent.cards.kinds import CardKind
from agent.claim import Claim
from agent.servers import Server

# A finished transaction still answers reloads with its return URL for this long.
KEPT_AFTER_END = 600.0
MOST_KEPT = 64


class State(Enum):
    WAITING = "waiting"
    DONE = "done"
    SUPERSEDED = "superseded"


@dataclass
class Transaction:
    """One claimed transaction. `lock` is held by whoever works on its card or its result."""

    server: Server
    claim: Claim
    deadline: float
    state: State = State.WAITING
    return_url: str = field(default="", repr=False)
    form_token: str = field(default_factory=lambda: secrets.token_urlsafe(32), repr=False)
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    # A result the server may not have received, and the insertion it came from.
    unsent: tuple[int | None, dict[str, Any]] | None = field(default=None, repr=False)
    # The kind of card that signed the result.
    proved_by: CardKind | None = None
    # The insertion whose holder the PIN page showed, by reader.
    shown: dict[int, int | None] = field(default_factory=dict)

    @property
    def id(self) -> str:
        return self.claim.transaction

    def finish(self, return_url: str) -> None:
        self.state, self.return_url, self.unsent = State.DONE, return_url, None

    def use_token(self, token: str) -> bool:
        """Whether `token` is the one of the form shown last; it is spent either way it is right."""
        if not secrets.compare_digest(token.encode(), self.form_token.encode()):
            return False
        self.form_token = secrets.token_urlsafe(32)
        return True


class TransactionBook:
    """All transactions of this agent. `clock` counts seconds and never goes back."""

    def __init__(self, clock: Callable[[], float] = time.monotonic) -> None:
        self._clock = clock
        self._kept: dict[tuple[str, str], Transaction] = {}

    def find(self, transaction_id: str, server: Server) -> Transaction | None:
        self._forget_old()
        return self._kept.get((server.id, transaction_id))

    def open(self, claim: Claim, *, server: Server) -> Transaction:
        """Remember a fresh claim. Older waiting transactions give way: the person started anew."""
        for older in self._kept.values():
            if older.state is State.WAITING:
                older.state, older.unsent = State.SUPERSEDED, None
        opened = Transaction(server, claim, self._clock() + claim.expires_in)
        self._kept[server.id, claim.transaction] = opened
        return opened

    def expired(self, transaction: Transaction) -> bool:
        return self._clock() >= transaction.deadline

    def _forget_old(self) -> None:
        now = self._clock()
        self._kept = {
            key: kept
            for key, kept in list(self._kept.items())[-MOST_KEPT:]
            if now < kept.deadline + KEPT_AFTER_END
        }
