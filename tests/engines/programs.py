"""Starts and ends the programs that the engines need, and says which are not installed."""

import contextlib
import os
import re
import shutil
import signal
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from tests.agent.waiting import wait_until

FIREFOX, WEBKIT_DRIVER, DISPLAY_SERVER = "firefox-esr", "WebKitWebDriver", "Xvfb"
# Debian's folder name carries the architecture; the packaged WebKit brings this small browser.
LIBRARIES, MINI_BROWSER = Path("/usr/lib"), "*/webkit2gtk-4.*/MiniBrowser"
PACKAGES = {FIREFOX: "firefox-esr", WEBKIT_DRIVER: "webkit2gtk-driver", DISPLAY_SERVER: "xvfb"}


def what_engine_lacks(*needed: str) -> str:
    """What the machine lacks of these programs, and how to get it; "" when nothing."""
    lacking = [PACKAGES[program] for program in needed if shutil.which(program) is None]
    if not lacking:
        return ""
    return f"not installed: {', '.join(lacking)}; as root, .ci/system-packages installs them"


def mini_browser() -> str:
    return str(max(LIBRARIES.glob(MINI_BROWSER)))


@dataclass
class Program:
    """A running program that leads its process group, and the file with all that it said."""

    process: subprocess.Popen[bytes]
    log: Path

    def wait_for(self, line: str) -> str:
        """Wait until it says a line like this expression, and return the expression's group."""
        wait_until(lambda: self._said(line) is not None, f"{line!r} in {self.log}")
        found = self._said(line)
        assert found is not None
        return found[1]

    def _said(self, line: str) -> re.Match[str] | None:
        said = self.log.read_text(errors="replace")
        assert self.process.poll() is None, f"{self.log.name} ended: {said[-2000:]}"
        return re.search(rf"^{line}\n", said, re.MULTILINE)


@contextlib.contextmanager
def running(
    arguments: list[str], *, log: Path, environment: dict[str, str] | None = None
) -> Iterator[Program]:
    """Start; end it and all its children afterwards."""
    with log.open("ab") as output:
        process = subprocess.Popen(
            arguments,
            stdin=subprocess.DEVNULL,
            stdout=output,
            stderr=output,
            env={**os.environ, **(environment or {})},
            start_new_session=True,
        )
    try:
        yield Program(process, log)
    finally:
        _end(process)


def _end(process: subprocess.Popen[bytes]) -> None:
    """The whole group: a browser's content processes survive a killed parent for a while."""
    with contextlib.suppress(ProcessLookupError):
        os.killpg(process.pid, signal.SIGTERM)
    try:
        process.wait(10)
    except subprocess.TimeoutExpired:
        os.killpg(process.pid, signal.SIGKILL)
        process.wait(10)
