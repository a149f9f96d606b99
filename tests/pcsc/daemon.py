"""A pcscd of the tests' own, with readers whose cards the tests put in and pull."""

import contextlib
import fcntl
import importlib.util
import os
import shutil
import socket
import subprocess
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path

from tests.agent.waiting import wait_until

DRIVER = Path("/usr/lib/pcsc/drivers/serial/libifdvpcd.so")
SOCKET = Path("/run/pcscd/pcscd.comm")
# Below the ephemeral ports, from which any connection of this machine may hold one.
PORTS = {"ONE": 0x7A01, "TWO": 0x7A11}


def what_is_missing() -> str:
    """What the machine lacks for these tests, and how to get it; "" when nothing."""
    lacking = [name for name in ("pcscd", "gcc") if shutil.which(name) is None]
    if not DRIVER.exists():
        lacking.append("vsmartcard-vpcd")
    if importlib.util.find_spec("smartcard") is None:
        lacking.append("pyscard (built by `make test` with gcc and libpcsclite-dev)")
    if lacking:
        return f"not installed: {', '.join(lacking)}; as root, .ci/system-packages installs them"
    if not os.access(SOCKET.parent if SOCKET.parent.exists() else SOCKET.parent.parent, os.W_OK):
        return f"{SOCKET.parent} must belong to the user who runs the tests"
    return ""


def another_is_running() -> bool:
    """Whether a pcscd answers; a socket alone may be left of one that was killed."""
    with socket.socket(socket.AF_UNIX) as asking:
        try:
            asking.connect(str(SOCKET))
        except OSError:
            return False
    return True


@contextlib.contextmanager
def our_turn() -> Iterator[None]:
    """There is one pcscd for each machine: test runs beside each other wait here."""
    SOCKET.parent.mkdir(exist_ok=True)
    with (SOCKET.parent / "ankang-tests.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


@dataclass
class Daemon:
    """pcscd with one reader for each of PORTS; `stop` and `start` it as a service would be."""

    folder: Path
    process: subprocess.Popen[bytes] | None = field(default=None)

    @classmethod
    @contextlib.contextmanager
    def running(cls, folder: Path) -> "Iterator[Daemon]":
        with our_turn():
            daemon = cls(folder)
            daemon.configure()
            daemon.start()
            try:
                yield daemon
            finally:
                daemon.stop()

    def configure(self) -> None:
        """One copy of the driver for each reader: it keeps its slots in global variables."""
        (self.folder / "conf").mkdir()
        entries = []
        for name, port in PORTS.items():
            library = shutil.copy(DRIVER, self.folder / f"driver-{name.lower()}.so")
            entries.append(
                f'FRIENDLYNAME "{self.friendly(name)}"\nDEVICENAME /dev/null:0x{port:X}\n'
                f"LIBPATH {library}\nCHANNELID 0x{port:X}\n"
            )
        (self.folder / "conf" / "readers").write_text("\n".join(entries))

    def start(self) -> None:
        assert not another_is_running(), f"another pcscd holds {SOCKET}: stop it for these tests"
        with (self.folder / "pcscd.log").open("ab") as log:
            self.process = subprocess.Popen(
                ["pcscd", "--foreground", "--config", str(self.folder / "conf")],
                stdout=log,
                stderr=log,
            )
        wait_until(self._ready, "pcscd offers its readers")

    def stop(self) -> None:
        if self.process is not None:
            self.process.terminate()
            self.process.wait(10)
            self.process = None

    @staticmethod
    def friendly(name: str) -> str:
        return f"Ankang Test {name}"

    def reader(self, name: str) -> str:
        """The reader's name as programs see it: the driver's first slot."""
        return f"{self.friendly(name)} 00 00"

    def _ready(self) -> bool:
        assert self.process is not None
        assert self.process.poll() is None, (self.folder / "pcscd.log").read_text()[-2000:]
        from smartcard import scard

        code, context = scard.SCardEstablishContext(scard.SCARD_SCOPE_USER)
        if code != scard.SCARD_S_SUCCESS:
            return False
        code, names = scard.SCardListReaders(context, [])
        scard.SCardReleaseContext(context)
        return code == scard.SCARD_S_SUCCESS and len(names) == 2 * len(PORTS)
