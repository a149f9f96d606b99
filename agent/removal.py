"""Tells a server when the card of a login leaves its reader.

docs/reference/card-protocol.md section 7. When readers or service go away the card counts as pulled:
nobody can say any more that it is there.
"""

import logging
from dataclasses import dataclass

import anyio
import anyio.to_thread
from anyio.abc import TaskGroup

from agent.readers.base import ReaderBackend
from agent.server import ServerAnswerError, ServerClient, ServerRefused, ServerUnreachable
from agent.servers import Server

FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
GIVE_UP_AFTER = 8 * 3600.0  # no session lasts longer than a shift
WAIT = 5.0
logger = logging.getLogger("agent.removal")


@dataclass(frozen=True)
class LoginCard:
    """Which card, by its insertion, served which login."""

    server: Server
    transaction: str
    insertion: int


class RemovalWatch:
    """Follows the cards of logins."""

    def __init__(
        self,
        *,
        backend: ReaderBackend,
        client: ServerClient,
    ) -> None:
        self._backend = backend
        self._client = client
        self._followed: set[LoginCard] = set()
        self._more = anyio.Event()

    def follow(self, *, server: Server, transaction: str, insertion: int | None) -> None:
        """From now on, report when the card of that insertion is gone."""
        if insertion is not None:
            self._followed.add(LoginCard(server, transaction, insertion))
            self._more.set()

    async def run(self) -> None:
        """Watch as long as the agent runs."""
        async with anyio.create_task_group() as reports:
            while True:
                self._report_gone(reports)
                await self._wait()

    def _report_gone(self, reports: TaskGroup) -> None:
        present = set(self._backend.snapshot())
        for card in [card for card in self._followed if card.insertion not in present]:
            self._followed.discard(card)
            reports.start_soon(self._report, card)

    async def _wait(self) -> None:
        if not self._followed:
            self._more = anyio.Event()
            await self._more.wait()
        seen = self._backend.snapshot()
        if {card.insertion for card in self._followed} <= set(seen):
            await anyio.to_thread.run_sync(self._until_change, seen, abandon_on_cancel=True)

    def _until_change(self, seen: tuple[int | None, ...]) -> None:
        self._backend.wait_for_change(seen, timeout=WAIT)

    async def _report(self, card: LoginCard) -> None:
        """Post until the server answered, with longer and longer pauses."""
        pause, give_up_at = FIRST_PAUSE, anyio.current_time() + GIVE_UP_AFTER
        while anyio.current_time() < give_up_at:
            try:
                await self._client.removal(card.transaction, server=card.server)
            except (ServerUnreachable, ServerAnswerError):
                await anyio.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            except ServerRefused as refused:
                # The login may be over already: nothing is left to report.
                logger.info("removal refused: %s", refused.code)
                return
            else:
                logger.info("the card of a login was removed: reported")
                return
