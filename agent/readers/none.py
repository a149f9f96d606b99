"""No readers at all: what runs where no backend is set up. The console says so."""

import threading
from collections.abc import Sequence

from agent.readers.base import Reader, Snapshot


class NoReaders:
    virtual = False
    service = "stopped"

    def __init__(self) -> None:
        self._closed = threading.Event()

    def readers(self) -> Sequence[Reader]:
        return ()

    def snapshot(self) -> Snapshot:
        return ()

    def wait_for_change(self, seen: Snapshot, *, timeout: float) -> Snapshot:
        self._closed.wait(timeout)
        return ()

    def restart(self) -> None:
        """PC/SC is not installed: only a new start of the program would find it."""

    def close(self) -> None:
        self._closed.set()
