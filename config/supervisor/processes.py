"""Child processes: start, watch, restart with a growing pause, stop without leaving an orphan."""

import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable, Mapping, Sequence
from contextlib import ExitStack, suppress
from dataclasses import dataclass, field
from pathlib import Path
from typing import IO

LONGEST_PAUSE = 30.0  # seconds between two starts of a program that keeps dying
STEADY_AFTER = 60.0  # seconds after which a program counts as healthy again
LOG_LIMIT = 5_000_000  # bytes; a longer log is begun anew at the next start

PR_SET_PDEATHSIG = 1  # prctl(2), Linux
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def end_with_parent(how: signal.Signals, parent: int | None = None) -> Callable[[], None]:
    """What a child runs before exec so that it gets `how` when its parent is gone, even by SIGKILL.

    The kernel clears this on a change of user (prctl(2)): subprocess changes the user first, then calls it.
    """

    def arrange(expected: int = parent or os.getpid()) -> None:
        if _libc is not None:
            _libc.prctl(PR_SET_PDEATHSIG, int(how), 0, 0, 0)
            if os.getppid() != expected:  # it died between fork and prctl
                os._exit(1)

    return arrange


def spawn(
    command: Sequence[str],
    *,
    env: Mapping[str, str],
    cwd: Path,
    log: Path | int | None,
    user: str | None = None,
    on_orphan: signal.Signals = signal.SIGTERM,
) -> subprocess.Popen[bytes]:
    """Start `command` in a session of its own (Ctrl-C reaches the supervisor only) with its output in `log`.

    `log` is a file to append to, `subprocess.PIPE`, or None for the supervisor's own
    terminal, input included.
    Call it from the main thread: the kernel counts the starting *thread* as the parent.
    """
    with ExitStack() as stack:
        output: int | IO[bytes] | None = log if not isinstance(log, Path) else None
        if isinstance(log, Path):
            fresh = log.exists() and log.stat().st_size > LOG_LIMIT
            output = stack.enter_context(log.open("wb" if fresh else "ab"))
        return subprocess.Popen(
            list(command),
            env=dict(env),
            cwd=cwd,
            stdin=subprocess.DEVNULL if log is not None else None,
            stdout=output,
            stderr=subprocess.STDOUT if log is not None else None,
            start_new_session=True,
            preexec_fn=end_with_parent(on_orphan),  # noqa: PLW1509 - there are no threads here
            user=user,
            group=user,
            extra_groups=[] if user else None,
        )


def has_ended(process: subprocess.Popen[bytes]) -> bool:
    """Whether the process ended; then its whole group is swept before its number can be reused."""
    if process.returncode is not None:
        return True
    with suppress(ChildProcessError):
        if os.waitid(os.P_PID, process.pid, os.WEXITED | os.WNOHANG | os.WNOWAIT) is None:
            return False
        kill_group(process.pid)
    process.wait()
    return True


def kill_group(pid: int) -> None:
    """SIGKILL to every process of the group that `pid` leads."""
    with suppress(ProcessLookupError, PermissionError):
        os.killpg(pid, signal.SIGKILL)


def wait_ended(process: subprocess.Popen[bytes], timeout: float) -> bool:
    """Wait up to `timeout` seconds for the end; True when it came."""
    deadline = time.monotonic() + timeout
    while not has_ended(process):
        if time.monotonic() > deadline:
            return False
        time.sleep(0.02)
    return True


def stop(
    process: subprocess.Popen[bytes], how: signal.Signals = signal.SIGTERM, timeout: float = 8.0
) -> None:
    """Ask with `how`; after `timeout` seconds the whole group is killed."""
    if not has_ended(process):
        process.send_signal(how)
    if not wait_ended(process, timeout):
        kill_group(process.pid)
        wait_ended(process, timeout)


def pause_before_restart(failures: int) -> float:
    """Seconds before start number `failures` + 1: 0.5, 1, 2, 4 … up to LONGEST_PAUSE."""
    return min(LONGEST_PAUSE, 0.5 * 2.0 ** min(failures - 1, 16)) if failures else 0.0


@dataclass(frozen=True)
class Program:
    """One row of the process table."""

    name: str
    command: tuple[str, ...]
    # A program whose part of the product is not there yet has its place in the table all the same.
    needed: Callable[[], bool] = lambda: True
    env: Mapping[str, str] = field(default_factory=dict)  # besides what all of them get


@dataclass
class Keeper:
    """Keeps one program running."""

    program: Program
    env: Mapping[str, str]
    cwd: Path
    log: Path
    say: Callable[[str], None]
    clock: Callable[[], float] = time.monotonic
    process: subprocess.Popen[bytes] | None = None
    failures: int = 0
    _started_at: float = field(default=0.0, init=False)
    _start_again_at: float = field(default=0.0, init=False)

    def start(self) -> None:
        self._started_at = self.clock()
        env = {**self.env, **self.program.env}
        self.process = spawn(self.program.command, env=env, cwd=self.cwd, log=self.log)

    def tick(self) -> None:
        """Notice an end, and start again when the pause is over."""
        if self.process is None:
            if self.clock() >= self._start_again_at:
                self.start()
            return
        if not has_ended(self.process):
            return
        if self.clock() - self._started_at > STEADY_AFTER:
            self.failures = 0
        self.failures += 1
        pause = pause_before_restart(self.failures)
        self.say(
            f"{self.program.name} ended (code {self.process.returncode}), starts again in {pause:g} s; "
            f"see {self.log}"
        )
        self.process, self._start_again_at = None, self.clock() + pause

    def ask_to_stop(self) -> None:
        if self.process is not None and not has_ended(self.process):
            self.process.send_signal(signal.SIGTERM)

    def stop(self) -> None:
        if self.process is not None:
            stop(self.process)
            self.process = None
