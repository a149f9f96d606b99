"""One supervisor per var folder.

The kernel drops a flock(2) with its holder, so a supervisor that was killed leaves no stale lock behind;
the pid in the file is only for telling and for `reset`.
"""

import fcntl
import os
import signal
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress

from config.supervisor.errors import AlreadyRunning, SupervisorError
from config.supervisor.places import Places

STOP_TIMEOUT = 40.0  # seconds: longer than all programs may take to stop one after the other


@contextmanager
def hold(places: Places) -> Iterator[None]:
    """Hold the var folder; AlreadyRunning when another supervisor does."""
    places.var.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(places.lock, os.O_RDWR | os.O_CREAT, 0o600)
    try:
        try:
            fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            raise AlreadyRunning(
                f"Ankang already runs on {places.var} (process {holder(places) or 'unknown'}). "
                "Stop it with Ctrl-C in its terminal, or set ANKANG_VAR to another folder."
            ) from None
        os.ftruncate(descriptor, 0)
        os.write(descriptor, str(os.getpid()).encode())
        yield
    finally:
        os.close(descriptor)


def holder(places: Places) -> int | None:
    """The process that wrote its pid last; whether it still holds the folder, `hold` tells."""
    with suppress(FileNotFoundError, ValueError):
        return int(places.lock.read_text())
    return None


def stop_holder(places: Places) -> bool:
    """Ask the running supervisor, if any, to stop, and wait until it has. True when there was one."""
    deadline = time.monotonic() + STOP_TIMEOUT
    asked = False
    while time.monotonic() < deadline:
        try:
            with hold(places):
                return asked
        except AlreadyRunning:
            pid = holder(places)
            if not asked and pid is not None:
                with suppress(ProcessLookupError):
                    os.kill(pid, signal.SIGTERM)
                asked = True
            time.sleep(0.1)
    raise SupervisorError(
        f"The supervisor of {places.var} does not stop (process {holder(places)})."
    )
