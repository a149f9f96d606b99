"""Whether the pages are open, and how the program ends (killcsTask.exe, CLSCSFSIM; manual 4)."""

from collections.abc import Callable
from dataclasses import dataclass


def _cannot() -> None:
    """Whoever serves the agent says how it ends."""


@dataclass
class Life:
    """`open` is False once the console was ended while HIS programs keep their interface.

    With CLSCSFSIM=ENABLE, the default, ending the console leaves `/his/…` to them; otherwise the
    program ends as a whole.
    """

    open: bool = True
    stop: Callable[[], None] = _cannot

    def end(self, *, keep_his: bool) -> None:
        self.open = False
        if not keep_his:
            self.stop()
