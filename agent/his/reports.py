"""Tells the server which cards were read by 1.1, which needs no server: the access log wants to know.

Once for each insertion, after the HIS has its answer. While the server cannot be reached the reports
wait in memory, never on disk: they name patients. A restart of the agent loses what waits.
"""

from collections import deque

import anyio

from agent.his.codes import Code, HisError
from agent.his.nhi import NhiCard
from agent.his.online import HisServer

MOST_WAITING = 500
FIRST_PAUSE, LONGEST_PAUSE = 1.0, 60.0
FUNCTION = "1.1"


class ReadingReports:
    """The reports of one agent."""

    def __init__(self, server: HisServer) -> None:
        self._server = server
        self._waiting: deque[dict[str, object]] = deque(maxlen=MOST_WAITING)
        self._last: int | None = None
        self._more = anyio.Event()

    def add(self, card: NhiCard) -> None:
        """Report this reading, unless this insertion was reported."""
        if card.insertion == self._last:
            return
        self._last = card.insertion
        self._waiting.append({"function": FUNCTION, "card": card.reading.as_json()})
        self._more.set()

    def forget(self) -> None:
        self._waiting.clear()
        self._last = None

    async def run(self) -> None:
        """Report as long as the agent runs."""
        pause = FIRST_PAUSE
        while True:
            if not self._waiting:
                self._more = anyio.Event()
                await self._more.wait()
            report = self._waiting[0]
            try:
                await self._server.call("readings", report)
            except HisError as error:
                if error.code == Code.NETWORK_DOWN:
                    await anyio.sleep(pause)
                    pause = min(2 * pause, LONGEST_PAUSE)
                    continue
            pause = FIRST_PAUSE
            if self._waiting and self._waiting[0] is report:
                self._waiting.popleft()
