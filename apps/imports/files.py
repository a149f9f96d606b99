"""The file of a run in var/: received in pieces, removed when the run has ended.

It may hold people's numbers, so only the server's own user may read it and it stays no longer than
needed. Several machines that share runs share this folder.
"""

import hashlib
from collections.abc import Iterable
from dataclasses import dataclass
from pathlib import Path

from apps.core.errors import Invalid
from apps.imports.terms import Fault
from apps.imports.wording import fault_message

PIECE = 1024 * 1024


@dataclass(frozen=True)
class Stored:
    size: int
    sha256: str


def store(path: Path, pieces: Iterable[bytes]) -> Stored:
    """Writes the pieces as they come; raises Invalid when there is not one byte."""
    path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    path.touch(mode=0o600)
    digest, size = hashlib.sha256(), 0
    with path.open("wb") as file:
        for piece in pieces:
            file.write(piece)
            digest.update(piece)
            size += len(piece)
    if not size:
        path.unlink()
        raise Invalid(fault_message(Fault.NO_HEADER), code=Fault.NO_HEADER)
    return Stored(size, digest.hexdigest())


def pieces_of(path: Path) -> Iterable[bytes]:
    with path.open("rb") as file:
        while piece := file.read(PIECE):
            yield piece


def remove(path: Path) -> None:
    path.unlink(missing_ok=True)
