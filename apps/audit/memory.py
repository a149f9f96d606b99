"""What the witness has seen: one small file that never forgets, and never goes back."""

import base64
import fcntl
import json
import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from apps.audit.notes import Checkpoint


@dataclass(frozen=True)
class Memory:
    """The newest checkpoint seen of each origin."""

    path: Path

    def of(self, origin: str) -> Checkpoint | None:
        """Raises ValueError when the file was damaged: a witness without memory must not sign."""
        found = self._read().get(origin)
        if found is None:
            return None
        return Checkpoint(origin, int(found["size"]), base64.b64decode(str(found["root"])))

    def origins(self) -> list[str]:
        """The trees it has seen."""
        return sorted(self._read())

    def keep(self, checkpoint: Checkpoint) -> None:
        """Safe on the disk when it returns; the old file stays whole until the new one is."""
        known = self._read()
        root = base64.b64encode(checkpoint.root).decode()
        known[checkpoint.origin] = {"size": checkpoint.size, "root": root}
        draft = self.path.with_suffix(f".{os.getpid()}")
        with draft.open("w", encoding="utf-8") as file:
            json.dump(known, file, indent=2)
            file.flush()
            os.fsync(file.fileno())
        draft.replace(self.path)
        sync_folder(self.path.parent)

    @contextmanager
    def locked(self) -> Iterator[None]:
        """One witness at a time: between looking and keeping, no other one may keep."""
        self.path.parent.mkdir(parents=True, exist_ok=True)
        with self.path.with_suffix(".lock").open("w") as lock:
            fcntl.flock(lock, fcntl.LOCK_EX)
            yield

    def _read(self) -> dict[str, dict[str, str | int]]:
        try:
            known: dict[str, dict[str, str | int]] = json.loads(self.path.read_text("utf-8"))
        except FileNotFoundError:
            return {}
        return known


def sync_folder(folder: Path) -> None:
    """The renaming itself is safe only when the folder is (fsync(2))."""
    handle = os.open(folder, os.O_RDONLY)
    try:
        os.fsync(handle)
    finally:
        os.close(handle)
