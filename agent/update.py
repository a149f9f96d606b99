"""Updates from an offline bundle: a folder with wheels, `manifest.json` and its signature.

The manifest names every file with size and SHA-256 and is signed (Ed25519) by whoever releases the
agent; the public key stands in `release.key` of the agent's home, put there at the installation.
Nothing of a bundle is run before all of it was checked, and an older version is refused (threat 25).
"""

import base64
import hashlib
import json
import re
import subprocess
import sys
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from pathlib import Path

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent import __version__

FORMAT = "ankang-agent-bundle/1"
MANIFEST, SIGNATURE, RELEASE_KEY = "manifest.json", "manifest.sig", "release.key"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
VERSION = re.compile(r"[0-9]+(\.[0-9]+){0,3}")
LARGEST_MANIFEST = 1_000_000


class UpdateRefused(Exception):
    """Why a bundle is not installed, in words for the person at the terminal."""


@dataclass(frozen=True)
class Bundle:
    """A bundle of which every file was checked."""

    folder: Path
    version: str
    files: tuple[str, ...]


def read_release_key(home: Path) -> Ed25519PublicKey:
    """The key that releases are signed with. Raises UpdateRefused."""
    try:
        raw = base64.b64decode((home / RELEASE_KEY).read_text("ascii").strip(), validate=True)
        return Ed25519PublicKey.from_public_bytes(raw)
    except (OSError, ValueError) as error:
        raise UpdateRefused(f"{home / RELEASE_KEY} holds no release key.") from error


def check_bundle(folder: Path, *, key: Ed25519PublicKey, present: str = __version__) -> Bundle:
    """Check signature, version and every file. Raises UpdateRefused."""
    try:
        manifest = (folder / MANIFEST).read_bytes()[:LARGEST_MANIFEST]
        signature = base64.b64decode((folder / SIGNATURE).read_text("ascii").strip())
        key.verify(signature, manifest)
    except (OSError, ValueError, InvalidSignature) as error:
        raise UpdateRefused(
            "The manifest is missing or not signed with the release key."
        ) from error
    told = json.loads(manifest)
    if told.get("format") != FORMAT or not VERSION.fullmatch(str(told.get("version"))):
        raise UpdateRefused("The manifest is of another kind.")
    if _numbers(told["version"]) <= _numbers(present):
        raise UpdateRefused(f"Version {told['version']} is not newer than {present}.")
    for name, facts in told["files"].items():
        _check_file(folder, name, facts)
    extra = {path.name for path in folder.iterdir()} - {*told["files"], MANIFEST, SIGNATURE}
    if extra:
        raise UpdateRefused(f"The manifest does not name {', '.join(sorted(extra))}.")
    return Bundle(folder, told["version"], tuple(sorted(told["files"])))


def _check_file(folder: Path, name: str, facts: dict[str, object]) -> None:
    path = folder / name
    if not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        raise UpdateRefused(f"{name} is missing or no plain file.")
    with path.open("rb") as file:
        digest = hashlib.file_digest(file, "sha256").hexdigest()
    if (digest, path.stat().st_size) != (facts.get("sha256"), facts.get("size")):
        raise UpdateRefused(f"{name} is not the file that was released.")


def install(bundle: Bundle, *, run: Callable[[Sequence[str]], int] | None = None) -> None:
    """Install a checked bundle into this Python, without any network. Raises UpdateRefused."""
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--disable-pip-version-check"]
    command += ["--find-links", str(bundle.folder), f"ankang-agent=={bundle.version}"]
    if (run or _run)(command) != 0:
        raise UpdateRefused("The installation failed; the present version stays.")


def _run(command: Sequence[str]) -> int:
    return subprocess.run(command, check=False).returncode  # our own command


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
