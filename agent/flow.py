"""A card transaction from the claim to the way back, whatever the pages around it look like.

Every step may be repeated (reload, double click, second tab): work on one transaction is done under
its lock, and a finished transaction only ever answers its return URL.
"""

from collections.abc import Awaitable, Callable
from dataclasses import dataclass, field
from typing import TypeVar

import anyio.to_thread

from agent.cards.errors import CardError, CardMute, PinLocked, PinMalformed, PinWrong
from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.problems import Problem
from agent.readers.base import ReaderBackend, Snapshot
from agent.readers.recognition import Recogniser, SeenCard
from agent.server import ServerAnswerError, ServerClient, ServerRefused, ServerUnreachable
from agent.servers import Server, ServerList, UnknownServer
from agent.transaction import State, Transaction, TransactionBook
from agent.work import CardWork, Holder

T = TypeVar("T")


@dataclass(frozen=True)
class GoTo:
    """Done: the browser goes back to the server."""

    url: str


@dataclass(frozen=True)
class NeedCard:
    """No acceptable card: `seen` is what the readers hold, `snapshot` names the insertions."""

    seen: list[SeenCard]
    snapshot: Snapshot


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


Step = GoTo | NeedCard | NeedChoice | NeedPin


class CardFlow:
    """Leads every transaction of this agent. All methods may raise Problem."""

    def __init__(
        self,
        *,
        servers: ServerList,
        client: ServerClient,
        backend: ReaderBackend,
        work: CardWork,
        book: TransactionBook,
    ) -> None:
        self._servers = servers
        self._client = client
        self._backend = backend
        self._work = work
        self._book = book
        self._recogniser = Recogniser()
        self.enrolled = False

    async def look(self) -> list[SeenCard]:
        """What is in each reader now."""
        return await anyio.to_thread.run_sync(self._recogniser.look, self._backend.readers())

    def server(self, server_id: str | None) -> Server:
        try:
            return self._servers.find(server_id)
        except UnknownServer:
            raise Problem("server_unknown", status=404, retry=False) from None

    async def open(self, transaction_id: str, *, server: Server) -> Transaction:
        """The transaction, claimed from its server unless that was done before."""
        known = self._book.find(transaction_id, server)
        if known is None:
            claim = await _calling(
                lambda: self._client.claim(transaction_id, server=server),
                back=f"{server.origin}/",
            )
            self.enrolled = claim.enrolled
            # Two tabs may have claimed at the same time: the first to come back is kept.
            known = self._book.find(transaction_id, server) or self._book.open(claim, server=server)
        return known

    def find(self, transaction_id: str, *, server: Server) -> Transaction:
        """A transaction this agent claimed; after a restart it has to be opened again."""
        known = self._book.find(transaction_id, server)
        if known is None:
            raise Problem("transaction_forgotten", status=404, return_url=f"{server.origin}/")
        return known

    async def advance(self, transaction: Transaction, *, reader: int | None = None) -> Step:
        """Go as far as possible with the cards in the readers; `reader` is the person's choice."""
        async with transaction.lock:
            if transaction.state is State.DONE:
                return GoTo(transaction.return_url)
            self._check_alive(transaction)
            snapshot = self._backend.snapshot()
            seen = await self.look()
            if transaction.unsent and transaction.unsent[0] in snapshot:
                return await self._send(transaction, *transaction.unsent)
            fitting = [card for card in seen if card.kind in transaction.claim.cards]
            if reader is not None:
                fitting = [card for card in fitting if card.reader.index == reader]
                if not fitting:  # never another card than the one the person chose
                    raise self._problem(transaction, "card_removed")
            if not fitting:
                return NeedCard(seen, snapshot)
            if len(fitting) > 1:
                holders = [await self._holder(transaction, card) for card in fitting]
                return NeedChoice(list(zip(fitting, holders, strict=True)))
            return await self._use(transaction, fitting[0])

    async def submit_pin(
        self, transaction: Transaction, *, reader: int, form_token: str, pin: Pin
    ) -> Step:
        """Show the PIN to the card, sign, send. Wrong PINs lead to NeedPin with the problem."""
        async with transaction.lock:
            if transaction.state is State.DONE:
                return GoTo(transaction.return_url)
            self._check_alive(transaction)
            card = next((card for card in await self.look() if card.reader.index == reader), None)
            if card is None or card.kind not in transaction.claim.cards or not card.kind.has_pin:
                raise self._problem(transaction, "card_removed")
            same_card = transaction.shown.get(reader) == card.insertion
            if not transaction.use_token(form_token) or not same_card:
                code = "form_outdated" if same_card else "card_changed"
                return await self._ask_pin(transaction, card, Problem(code, status=422))
            return await self._sign(transaction, card, pin)

    def cancel(self, transaction: Transaction) -> GoTo:
        """Back to the server without a result; Back in the browser may still go on."""
        if transaction.state is State.DONE:
            return GoTo(transaction.return_url)
        return GoTo(f"{transaction.claim.return_url}?cancelled=1")

    async def wait(self, transaction: Transaction, seen: Snapshot, *, timeout: float) -> bool:
        """Whether the waiting page should look again: a card moved, or the transaction ended."""

        def moved() -> bool:
            return self._backend.wait_for_change(seen, timeout=timeout) != seen

        changed = await anyio.to_thread.run_sync(moved, abandon_on_cancel=True)
        over = transaction.state is not State.WAITING or self._book.expired(transaction)
        return changed or over

    def _check_alive(self, transaction: Transaction) -> None:
        if transaction.state is State.SUPERSEDED:
            raise self._problem(transaction, "transaction_superseded", retry=False)
        if self._book.expired(transaction):
            raise self._problem(transaction, "transaction_expired", status=410, retry=False)

    def _problem(
        self, transaction: Transaction, code: str, *, status: int = 409, retry: bool = True
    ) -> Problem:
        return Problem(code, status=status, retry=retry, return_url=transaction.claim.return_url)

    async def _use(self, transaction: Transaction, card: SeenCard) -> Step:
        if card.kind is CardKind.NHI:
            body = await self._with_card(transaction, card, self._work.read)
            return await self._send(transaction, card.insertion, body)
        return await self._ask_pin(transaction, card, None)

    async def _ask_pin(
        self, transaction: Transaction, card: SeenCard, problem: Problem | None
    ) -> Step:
        holder = await self._holder(transaction, card)
        if holder.tries_left == 0:
            raise self._locked(transaction, card)
        transaction.shown[card.reader.index] = card.insertion
        return NeedPin(card, holder, transaction.form_token, problem)

    async def _sign(self, transaction: Transaction, card: SeenCard, pin: Pin) -> Step:
        try:
            body = await self._with_card(
                transaction, card, lambda c, t: self._work.sign(c, t, pin=pin)
            )
        except PinMalformed:
            return await self._ask_pin(transaction, card, Problem("pin_length", status=422))
        except PinWrong as wrong:
            problem = Problem("pin_wrong", status=422, tries=wrong.tries_left)
            return await self._ask_pin(transaction, card, problem)
        except PinLocked:
            raise self._locked(transaction, card) from None
        return await self._send(transaction, card.insertion, body)

    def _locked(self, transaction: Transaction, card: SeenCard) -> Problem:
        problem = self._problem(transaction, "pin_locked")
        problem.params["kind"] = str(card.kind)
        return problem

    async def _holder(self, transaction: Transaction, card: SeenCard) -> Holder:
        return await self._with_card(transaction, card, self._work.holder)

    async def _with_card(
        self,
        transaction: Transaction,
        card: SeenCard,
        work: Callable[[SeenCard, Transaction], T],
    ) -> T:
        """Blocking card work in a thread; faults of card and reader become problems."""
        try:
            return await anyio.to_thread.run_sync(work, card, transaction)
        except (PinMalformed, PinWrong, PinLocked):
            raise
        except CardMute:
            raise self._problem(transaction, "card_mute") from None
        except CardError as error:
            raise self._problem(transaction, error.code) from error

    async def _send(
        self, transaction: Transaction, insertion: int | None, body: dict[str, object]
    ) -> GoTo:
        """Post the result once. Unanswered, it is kept for a repeat while the card stays in."""
        transaction.unsent = (insertion, body)
        try:
            url = await _calling(
                lambda: self._client.result(transaction.id, body, server=transaction.server),
                back=transaction.claim.return_url,
            )
        except Problem as problem:
            if problem.code != "server_unreachable":
                transaction.unsent = None
            raise
        transaction.finish(url)
        return GoTo(url)


async def _calling(call: Callable[[], Awaitable[T]], *, back: str) -> T:
    """A call to the server; what goes wrong with it becomes a problem that leads `back`."""
    try:
        return await call()
    except ServerUnreachable as error:
        raise Problem("server_unreachable", status=502, return_url=back) from error
    except ServerAnswerError as error:
        raise Problem("server_answer_invalid", status=502, return_url=back) from error
    except ServerRefused as refused:
        raise Problem(
            refused.code, status=409, message=refused.message, return_url=back, retry=False
        ) from refused
