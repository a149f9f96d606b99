"""Updates from an offline bundle: wheels, single files, `manifest.json` and its signature.

A bundle is a folder, or the zip file that the downloads page offers.

The manifest names every file with size and SHA-256 and is signed (Ed25519) by whoever releases the
agent; the public key stands in `release.key` of the agent's home, put there at the installation.
Nothing of a bundle is run before all of it was checked, and an older version is refused (threat 25).
"""

import base64
import hashlib
import json
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from zipfile import BadZipFile, ZipFile

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent import __version__
from agent.frozen import is_single_file, program_name

FORMAT = "ankang-agent-bundle/1"
MANIFEST, SIGNATURE, RELEASE_KEY = "manifest.json", "manifest.sig", "release.key"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
VERSION = re.compile(r"[0-9]+(\.[0-9]+){0,3}")
LARGEST_MANIFEST = 1_000_000
LARGEST_BUNDLE = 500_000_000
MOST_FILES = 200


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


@contextmanager
def opened(path: Path) -> Iterator[Path]:
    """The folder of a bundle; a zip file is unpacked for as long as it is needed.

    Raises UpdateRefused for what is neither, and for a zip file with folders or links in it.
    """
    if path.is_dir():
        yield path
        return
    with tempfile.TemporaryDirectory(prefix="ankang-agent-") as place:
        _unpack(path, Path(place))
        yield Path(place)


def _unpack(path: Path, folder: Path) -> None:
    try:
        with ZipFile(path) as packed:
            files = packed.infolist()
            if len(files) > MOST_FILES or sum(each.file_size for each in files) > LARGEST_BUNDLE:
                raise UpdateRefused(f"{path.name} is too large for a bundle.")
            for each in files:
                if not NAME.fullmatch(each.filename):
                    raise UpdateRefused(f"{path.name} holds more than plain files.")
                with packed.open(each) as source, (folder / each.filename).open("wb") as target:
                    shutil.copyfileobj(source, target)
    except (OSError, BadZipFile) as error:
        raise UpdateRefused(f"{path} is neither a folder nor a bundle.") from error


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
    """Install a checked bundle into this Python, without any network; the single file is exchanged.

    Raises UpdateRefused.
    """
    if is_single_file():
        exchange_program(bundle, Path(sys.executable))
        return
    command = [sys.executable, "-m", "pip", "install", "--no-index", "--disable-pip-version-check"]
    command += ["--find-links", str(bundle.folder), f"ankang-agent=={bundle.version}"]
    if (run or _run)(command) != 0:
        raise UpdateRefused("The installation failed; the present version stays.")


def exchange_program(bundle: Bundle, program: Path) -> None:
    """Put the bundle's single file in place of the program; the running one ends with the next start.

    The old file is there until the new one is complete. Windows renames a running program, but does
    not overwrite it: there the old one stays beside it as `.old`. Raises UpdateRefused.
    """
    name = program_name(bundle.version)
    if name not in bundle.files:
        raise UpdateRefused(f"The bundle has no {name}: it is for other computers.")
    draft = program.with_name(f".{program.name}.new")
    try:
        shutil.copyfile(bundle.folder / name, draft)
        draft.chmod(0o755)
        if sys.platform == "win32":
            program.replace(program.with_suffix(".old"))
        draft.replace(program)
    except OSError as error:
        draft.unlink(missing_ok=True)
        raise UpdateRefused(
            "The program cannot be exchanged; the present version stays."
        ) from error


def _run(command: Sequence[str]) -> int:
    return subprocess.run(command, check=False).returncode  # our own command


def _numbers(version: str) -> list[int]:
    return [int(part) for part in version.split(".")]
