"""The agent as one file (PyInstaller): what differs from a Python that runs the same modules."""

import os
import platform
import sys
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

CARD_MODULE = "card-module"  # the command of the short-lived process that loads a vendor's library
LIBRARIES = "LD_LIBRARY_PATH"


def is_single_file() -> bool:
    """Whether this program is the single file; it then is `sys.executable` itself."""
    return bool(getattr(sys, "frozen", False))


def program_name(version: str) -> str:
    """The single file's name in a bundle, for this kind of computer."""
    suffix = ".exe" if sys.platform == "win32" else ""
    return f"ankang-agent-{version}-{sys.platform}-{platform.machine().lower()}{suffix}"


def home_of_user(environ: Mapping[str, str] = os.environ) -> Path:
    """Where the single file keeps its state: it is started from anywhere, mostly by a double click."""
    if sys.platform == "win32":
        return Path(environ.get("LOCALAPPDATA") or Path.home()) / "Ankang" / "agent"
    return Path(environ.get("XDG_DATA_HOME") or Path.home() / ".local" / "share") / "ankang-agent"


@contextmanager
def outside_libraries() -> Iterator[None]:
    """For starting programs of the system: without the libraries that the single file brought along."""
    inside = os.environ.get(LIBRARIES)
    if not is_single_file() or inside is None:
        yield
        return
    before = os.environ.get(f"{LIBRARIES}_ORIG")
    try:
        del os.environ[LIBRARIES]
        if before is not None:
            os.environ[LIBRARIES] = before
        yield
    finally:
        os.environ[LIBRARIES] = inside
