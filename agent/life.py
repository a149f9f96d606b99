"""Whether the pages are open, and how the program ends (killcsTask.exe, CLSCSFSIM; manual 4)."""

from collections.abc import Callable
from dataclasses import dataclass, field

import anyio

FAREWELL = 3.0  # seconds that the browser has to fetch the last page


def _cannot() -> None:
    """Whoever serves the agent says how it ends."""


@dataclass
class Life:
    """`open` is False once the console was ended while HIS programs keep their interface.

    With CLSCSFSIM=ENABLE, the default, ending the console leaves `/his/…` to them; otherwise the
    program ends as a whole, as soon as its last page was fetched.
    """

    open: bool = True
    keeps_his: bool = True
    stop: Callable[[], None] = _cannot
    _farewell: anyio.Event = field(default_factory=anyio.Event)

    def end(self, *, keep_his: bool) -> None:
        self.open, self.keeps_his = False, keep_his
        self._farewell = anyio.Event()

    async def note_farewell(self) -> None:
        """The last page has gone out."""
        self._farewell.set()

    async def stop_soon(self) -> None:
        """End the program after its last page, or without it when nobody asks for it."""
        with anyio.move_on_after(FAREWELL):
            await self._farewell.wait()
        self.stop()
