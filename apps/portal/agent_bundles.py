"""Bundles of the agent as they are released: read, checked, and made into one file to download.

The format is deploy/agent/bundle.py's; agents check the same again before they install anything.
"""

import base64
import hashlib
import io
import json
import re
from dataclasses import dataclass
from pathlib import Path
from zipfile import ZIP_STORED, ZipFile, ZipInfo

from cryptography.exceptions import InvalidSignature
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

FORMAT = "ankang-agent-bundle/1"
MANIFEST, SIGNATURE = "manifest.json", "manifest.sig"
NAME = re.compile(r"[A-Za-z0-9][A-Za-z0-9._+-]*")
VERSION = re.compile(r"[0-9]+(\.[0-9]+){0,3}")
PROGRAM = re.compile(r"ankang-agent-(?P<version>[0-9.]+)-(?P<system>[a-z0-9_-]+?)(\.exe)?")
FIRST_DAY = (1980, 1, 1, 0, 0, 0)  # of every zip entry: the same bundle is the same file


class BundleRefused(Exception):
    """Why a bundle is not published, in words for the operator at the terminal."""


@dataclass(frozen=True)
class AgentBundle:
    """A bundle of which signature and every file were checked."""

    version: str
    files: dict[str, bytes]

    @property
    def programs(self) -> dict[str, str]:
        """The names of the single files by the system that they are for, for example `linux-x86_64`."""
        matches = [PROGRAM.fullmatch(name) for name in self.files]
        return {match["system"]: match[0] for match in matches if match}

    def packed(self) -> bytes:
        """Everything in one zip file; its parts are compressed already."""
        written = io.BytesIO()
        with ZipFile(written, "w", ZIP_STORED) as archive:
            for name, content in sorted(self.files.items()):
                archive.writestr(ZipInfo(name, FIRST_DAY), content)
        return written.getvalue()


def read_bundle(folder: Path, *, release_key: str) -> AgentBundle:
    """Check the signature under `release_key` (base64) and every file. Raises BundleRefused."""
    manifest = _signed_manifest(folder, release_key)
    version, named = str(manifest.get("version")), manifest.get("files")
    if manifest.get("format") != FORMAT or not VERSION.fullmatch(version):
        raise BundleRefused("The manifest is of another kind.")
    if not isinstance(named, dict) or not named:
        raise BundleRefused("The manifest names no files.")
    files = {name: _checked(folder, name, facts) for name, facts in named.items()}
    for name in (MANIFEST, SIGNATURE):
        files[name] = (folder / name).read_bytes()
    extra = {path.name for path in folder.iterdir()} - files.keys()
    if extra:
        raise BundleRefused(f"The manifest does not name {', '.join(sorted(extra))}.")
    return AgentBundle(version, files)


def _signed_manifest(folder: Path, release_key: str) -> dict[str, object]:
    try:
        key = Ed25519PublicKey.from_public_bytes(base64.b64decode(release_key, validate=True))
    except ValueError as error:
        raise BundleRefused("ANKANG_AGENT_RELEASE_KEY holds no release key.") from error
    try:
        manifest = (folder / MANIFEST).read_bytes()
        key.verify(base64.b64decode((folder / SIGNATURE).read_text("ascii").strip()), manifest)
        told = json.loads(manifest)
    except (OSError, ValueError, InvalidSignature) as error:
        raise BundleRefused(
            "The manifest is missing or not signed with the release key."
        ) from error
    return told if isinstance(told, dict) else {}


def _checked(folder: Path, name: str, facts: object) -> bytes:
    path = folder / name
    if not NAME.fullmatch(name) or path.is_symlink() or not path.is_file():
        raise BundleRefused(f"{name} is missing or no plain file.")
    content = path.read_bytes()
    told = {"sha256": hashlib.sha256(content).hexdigest(), "size": len(content)}
    if facts != told:
        raise BundleRefused(f"{name} is not the file that was released.")
    return content
