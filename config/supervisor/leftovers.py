"""What an earlier run left behind that was killed: processes on their way out, pid files of the dead."""

import os
import signal
import time
from pathlib import Path

import psutil

GRACE = 10.0  # seconds an orphan gets to end by itself before it is told to, and again before it is killed


def read_pid(path: Path) -> int | None:
    """The process number on the first line of a pid file; None without one."""
    try:
        return int(path.read_text().splitlines()[0])
    except (FileNotFoundError, ValueError, IndexError):
        return None


def belongs(pid: int, folder: Path) -> bool:
    """Whether process `pid` works in `folder`: numbers are reused, so the working directory decides.

    (The command line would not do: Redis replaces its own.)
    """
    try:
        return Path(psutil.Process(pid).cwd()) == folder
    except (psutil.NoSuchProcess, psutil.AccessDenied):
        return False


def clear(pid_file: Path, folder: Path, *, grace: float = GRACE) -> None:
    """Wait for the server of `folder` to be gone, help it along, and remove its pid file.

    Only for whoever holds the var folder's lock: then a server that still runs there is an orphan.
    """
    pid = read_pid(pid_file)
    if pid is not None:
        for step in (None, signal.SIGINT, signal.SIGKILL):
            if step is not None and belongs(pid, folder):
                os.kill(pid, step)
            if _gone(pid, folder, grace):
                break
    pid_file.unlink(missing_ok=True)


def _gone(pid: int, folder: Path, timeout: float) -> bool:
    deadline = time.monotonic() + timeout
    while belongs(pid, folder):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.05)
    return True
