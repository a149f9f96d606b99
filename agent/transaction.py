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
from agent.problems import Problem
from agent.servers import Server

# A finished transaction still answers reloads with its return URL for this long.
KEPT_AFTER_END = 600.0
MOST_KEPT = 64
# A card in a reader: the reader's index, and the number of the insertion.
Place = tuple[int, int | None]


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
    lock: anyio.Lock = field(default_factory=anyio.Lock)
    # A result the server may not have received, and the insertion it came from.
    unsent: tuple[int | None, dict[str, Any]] | None = field(default=None, repr=False)
    # The kind of card that signed the result.
    proved_by: CardKind | None = None
    # The token of the PIN page's form, by the card whose holder the page shows.
    forms: dict[Place, str] = field(default_factory=dict, repr=False)
    # Why the PIN of a card is asked again, for as long as that card stays in.
    notes: dict[Place, Problem] = field(default_factory=dict)
    # Why the last form was refused, until another one is sent.
    refused: Problem | None = None

    @property
    def id(self) -> str:
        return self.claim.transaction

    def finish(self, return_url: str) -> None:
        self.state, self.return_url = State.DONE, return_url
        self.unsent = self.refused = None

    def form_for(self, place: Place) -> str:
        """The token of the form that asks for the PIN of this card: the same until it is used."""
        return self.forms.setdefault(place, secrets.token_urlsafe(32))

    def use_form(self, token: str, place: Place) -> str:
        """Spend the form of this card. "" when `token` is its own, else the code of what is wrong."""
        known = [at for at, own in self.forms.items() if _same(token, own)]
        if not known:
            return "form_outdated"
        if known != [place]:
            return "card_changed"
        del self.forms[place]
        return ""


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


def _same(token: str, own: str) -> bool:
    return secrets.compare_digest(token.encode(), own.encode())
