"""A card transaction from the claim to the way back, whatever the pages around it look like.

Every step may be repeated (reload, double click, second tab): work on one transaction is done under
its lock, and a finished transaction only ever answers its return URL.
"""

from collections.abc import AsyncIterator, Awaitable, Callable
from contextlib import asynccontextmanager
from typing import TypeVar

import anyio
import anyio.to_thread

from agent.cards.errors import (
    CardError,
    CardModuleFailed,
    CardModuleMissing,
    PinLocked,
    PinMalformed,
    PinPadCancelled,
    PinWrong,
)
from agent.cards.kinds import CardKind
from agent.cards.pin import Pin
from agent.claim import CHECK
from agent.modules import ModuleStore
from agent.options import OptionsFile
from agent.problems import Problem
from agent.readers.base import ReaderBackend, Snapshot
from agent.readers.recognition import Recogniser, SeenCard
from agent.removal import RemovalWatch
from agent.report import Reporter, in_remote_session
from agent.server import ServerClient, calling
from agent.servers import Server, ServerList, UnknownServer
from agent.standing import UNENROLLED, ModuleStanding, Standing
from agent.steps import GoTo, LookAgain, NeedCard, NeedChoice, NeedPin, Step
from agent.transaction import Place, State, Transaction, TransactionBook
from agent.work import CardWork, Holder

T = TypeVar("T")
LOGIN = "login"  # the purpose after which the card's removal is reported
BUSY_AFTER = 10.0  # seconds a page waits for another page of the same transaction
MODULE_FAULTS = frozenset({CardModuleMissing.code, CardModuleFailed.code})
PIN_ANSWERS = (PinMalformed, PinWrong, PinLocked, PinPadCancelled)


class CardFlow:
    """Leads every transaction of this agent. All methods may raise Problem."""

    def __init__(
        self,
        *,
        servers: ServerList,
        client: ServerClient,
        backend: ReaderBackend,
        work: CardWork,
        recogniser: Recogniser,
        book: TransactionBook,
        modules: ModuleStore,
        removals: RemovalWatch,
        reporter: Reporter,
        standing: Standing,
        options: OptionsFile,
        ask_soon: Callable[[], None],
    ) -> None:
        self._servers = servers
        self._client = client
        self._backend = backend
        self._work = work
        self._recogniser = recogniser
        self._book = book
        self._modules = modules
        self._removals = removals
        self._reporter = reporter
        self._standing = standing
        self._options = options
        self._ask_soon = ask_soon

    @property
    def enrolled(self) -> bool:
        """What the server said last; before that, whether there is a security module."""
        told = self._standing.enrolled
        return bool(self._modules.all()) if told is None else told

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
            claim = await self._ask(
                server,
                lambda: self._client.claim(transaction_id, server=server),
                back=f"{server.origin}/",
            )
            self._standing.enrolled = claim.enrolled
            if claim.enrolled is not self._standing.authenticated:
                self._ask_soon()  # the lights are behind: enrolled or revoked meanwhile
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
        async with self._turn(transaction):
            if transaction.state is State.DONE:
                return GoTo(transaction.return_url)
            self._check_alive(transaction)
            snapshot = self._backend.snapshot()
            seen = await self.look()
            if transaction.claim.purpose == CHECK:
                report = self._reporter.report(transaction, seen)
                return await self._send(transaction, None, self._work.report(transaction, report))
            self._check_remote(transaction)
            if transaction.unsent and transaction.unsent[0] in snapshot:
                return await self._send(transaction, *transaction.unsent)
            fitting = self._preferred(
                [card for card in seen if card.kind in transaction.claim.cards]
            )
            if reader is not None:
                fitting = [card for card in fitting if card.reader.index == reader]
                if not fitting:  # never another card than the one the person chose
                    raise self._problem(transaction, "card_removed")
            if not fitting:
                fault = _fault_in_the_way(transaction, seen)
                return NeedCard(seen, snapshot, self._backend.service, fault)
            if len(fitting) > 1:
                holders = [await self._holder(transaction, card) for card in fitting]
                return NeedChoice(list(zip(fitting, holders, strict=True)))
            return await self._use(transaction, fitting[0])

    async def submit_pin(
        self, transaction: Transaction, *, reader: int, form_token: str, pin: Pin
    ) -> GoTo | LookAgain:
        """Show the PIN to the card, sign, send. A wrong PIN is noted for the page of this card."""
        async with self._turn(transaction):
            if transaction.state is State.DONE:
                return GoTo(transaction.return_url)
            transaction.refused = None
            self._check_alive(transaction)
            card = next((card for card in await self.look() if card.reader.index == reader), None)
            if card is None or card.kind not in transaction.claim.cards or not card.kind.has_pin:
                raise self._problem(transaction, "card_removed")
            unfit = transaction.use_form(form_token, _place(card))
            if unfit:
                return _note(transaction, card, Problem(unfit))
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

    @asynccontextmanager
    async def _turn(self, transaction: Transaction) -> AsyncIterator[None]:
        """The transaction for ourselves; other pages of it wait, but not for ever."""
        with anyio.move_on_after(BUSY_AFTER) as waiting:
            await transaction.lock.acquire()
        if waiting.cancelled_caught:
            raise self._problem(transaction, "agent_busy")
        try:
            yield
        finally:
            transaction.lock.release()

    def _check_alive(self, transaction: Transaction) -> None:
        if transaction.state is State.SUPERSEDED:
            raise self._problem(transaction, "transaction_superseded", retry=False)
        if self._book.expired(transaction):
            raise self._problem(transaction, "transaction_expired", status=410, retry=False)

    def _check_remote(self, transaction: Transaction) -> None:
        """Within a remote session cards are used only where that was switched on (CSREMOTE)."""
        if self._backend.virtual or self._options.read().csremote or not in_remote_session():
            return
        raise self._problem(transaction, "remote_session_off")

    def _preferred(self, fitting: list[SeenCard]) -> list[SeenCard]:
        """Of several cards of one kind, the one in the reader chosen for the kind on the console."""
        options = self._options.read()
        chosen = {CardKind.NHI: options.reader_nhi, CardKind.HPC: options.reader_hpc}
        there = [
            card for card in fitting if card.kind and chosen.get(card.kind) == card.reader.name
        ]
        one_kind = len({card.kind for card in fitting}) == 1
        return there if one_kind and len(there) == 1 else fitting

    def _problem(
        self, transaction: Transaction, code: str, *, status: int = 409, retry: bool = True
    ) -> Problem:
        return Problem(code, status=status, retry=retry, return_url=transaction.claim.return_url)

    async def _use(self, transaction: Transaction, card: SeenCard) -> Step:
        if card.kind is CardKind.NHI:
            body = await self._with_card(transaction, card, self._work.read)
            return await self._send(transaction, card.insertion, body)
        holder = await self._holder(transaction, card)
        if holder.tries_left == 0:
            raise self._locked(transaction, card)
        note = transaction.notes.get(_place(card))
        if note and "tries" in note.params and holder.tries_left is not None:
            note = Problem(note.code, tries=holder.tries_left)  # as the card itself counts now
        return NeedPin(card, holder, transaction.form_for(_place(card)), note)

    async def _sign(self, transaction: Transaction, card: SeenCard, pin: Pin) -> GoTo | LookAgain:
        try:
            body = await self._with_card(
                transaction, card, lambda c, t: self._work.sign(c, t, pin=pin)
            )
        except (PinMalformed, PinPadCancelled) as unused:
            return _note(transaction, card, Problem(unused.code))
        except PinWrong as wrong:
            return _note(transaction, card, _wrong_pin(wrong))
        except PinLocked:
            raise self._locked(transaction, card) from None
        transaction.proved_by = card.kind
        return await self._send(transaction, card.insertion, body)

    async def _ask(self, server: Server, call: Callable[[], Awaitable[T]], *, back: str) -> T:
        """A call to the server. What it says of this workstation changes the lights."""
        try:
            return await calling(call, back=back)
        except Problem as problem:
            if problem.code in UNENROLLED:
                self._standing.note_module(
                    server.origin, ModuleStanding(problem.code, problem.message)
                )
            raise

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
        except PIN_ANSWERS:
            raise
        except CardError as error:
            raise self._problem(transaction, error.code) from error

    async def _send(
        self, transaction: Transaction, insertion: int | None, body: dict[str, object]
    ) -> GoTo:
        """Post the result once. Unanswered, it is kept for a repeat while the card stays in."""
        transaction.unsent = (insertion, body)
        try:
            accepted = await self._ask(
                transaction.server,
                lambda: self._client.result(transaction.id, body, server=transaction.server),
                back=transaction.claim.return_url,
            )
        except Problem as problem:
            if problem.code != "server_unreachable":
                transaction.unsent = None
            raise
        transaction.finish(accepted.return_url)
        if transaction.proved_by is CardKind.HPC:
            self._standing.prove_card(insertion, fast_for=accepted.fast_for)
        if transaction.claim.purpose == LOGIN:
            self._removals.follow(
                server=transaction.server, transaction=transaction.id, insertion=insertion
            )
        return GoTo(accepted.return_url)


def _place(card: SeenCard) -> Place:
    return card.reader.index, card.insertion


def _note(transaction: Transaction, card: SeenCard, problem: Problem) -> LookAgain:
    transaction.notes[_place(card)] = problem
    return LookAgain()


def _wrong_pin(wrong: PinWrong) -> Problem:
    if wrong.tries_left is None:
        return Problem("pin_wrong_uncounted")
    return Problem("pin_wrong", tries=wrong.tries_left)


def _fault_in_the_way(transaction: Transaction, seen: list[SeenCard]) -> str:
    """A fault of a card that may be the wanted one; "" when there is none.

    An NHI card is recognised without the vendors' modules, so their faults do not matter to it.
    """
    faults = [card.fault for card in seen if card.fault]
    if not any(kind.has_pin for kind in transaction.claim.cards):
        faults = [fault for fault in faults if fault not in MODULE_FAULTS]
    return next(iter(faults), "")
