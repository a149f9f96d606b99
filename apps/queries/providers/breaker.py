"""A circuit breaker: a source that does not answer is not asked again for a while.

So a page waits for a dead server once, not at each click; after the pause one question tries it.
"""

import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager

from apps.queries.providers import SourceFailed

FAILURES = 5
PAUSE = 30.0  # seconds


class Breaker:
    """One for each source and process. `clock` yields seconds that only grow."""

    def __init__(
        self,
        *,
        failures: int = FAILURES,
        pause: float = PAUSE,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self._failures, self._pause, self._clock = failures, pause, clock
        self._lock = threading.Lock()
        self._failed = 0
        self._closed_from = 0.0

    @contextmanager
    def guarding(self) -> Iterator[None]:
        """Around one question with all its repeats. Raises SourceFailed while the circuit is open."""
        self._admit()
        try:
            yield
        except SourceFailed:
            self._note_failure()
            raise
        self._note_success()

    def _admit(self) -> None:
        with self._lock:
            if self._failed < self._failures:
                return
            now = self._clock()
            if now < self._closed_from:
                raise SourceFailed("circuit_open")
            self._closed_from = now + self._pause  # this one tries; others wait for what it finds

    def _note_failure(self) -> None:
        with self._lock:
            self._failed += 1
            if self._failed >= self._failures:
                self._closed_from = self._clock() + self._pause

    def _note_success(self) -> None:
        with self._lock:
            self._failed = 0
