"""Where a card transaction stands: what the person has to do next."""

from dataclasses import dataclass, field

from agent.problems import Problem
from agent.readers.base import Snapshot
from agent.readers.recognition import SeenCard
from agent.work import Holder


@dataclass(frozen=True)
class GoTo:
    """Done: the browser goes back to the server."""

    url: str


@dataclass(frozen=True)
class NeedCard:
    """No acceptable card: `seen` is what the readers hold, `snapshot` names the insertions.

    `service` is the smart-card service's state, as ReaderBackend says it; `fault` the code of what
    kept a card from being asked that may be the wanted one.
    """

    seen: list[SeenCard]
    snapshot: Snapshot
    service: str
    fault: str = ""


@dataclass(frozen=True)
class NeedChoice:
    """Several acceptable cards: the person says which."""

    choices: list[tuple[SeenCard, Holder]]


@dataclass(frozen=True)
class NeedPin:
    """The PIN of this holder's card. `problem` says why it is asked again."""

    card: SeenCard
    holder: Holder
    form_token: str = field(repr=False)
    problem: Problem | None = None


@dataclass(frozen=True)
class LookAgain:
    """The order was carried out, and the transaction remembers how it went: its page says so."""


Step = GoTo | NeedCard | NeedChoice | NeedPin
