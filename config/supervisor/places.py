"""Where things lie in the var folder."""

import hashlib
import os
import shutil
import tempfile
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from config.supervisor.errors import SupervisorError

PROJECT = Path(__file__).resolve().parent.parent.parent

# sun_path holds 108 bytes on Linux and 104 on macOS (unix(7)); PostgreSQL appends "/.s.PGSQL.5432".
LONGEST_SOCKET_FOLDER = 104 - len("/.s.PGSQL.5432.lock")

# Everything this project ever puts into a var folder, as patterns. `reset` removes these and nothing
# else, because ANKANG_VAR may name a folder that holds other people's files.
OWN_ENTRIES = (
    "agent",
    "agent-hospital",
    "bench",
    "celerybeat-schedule*",  # dbm adds endings of its own
    "demo-ca",
    "demo-people.txt",
    "environment.json",
    "gw[0-9]*",  # of the test run's further workers
    "his-keys.json",
    "identity-keys.json",
    "imports",
    "logs",
    "postgres",
    "prepared.json",
    "redis",
    "run",
    "secrets.json",
    "static",
    "test",
    "virtual-cards",
    "witness",
)


@dataclass(frozen=True)
class Places:
    """The folders and files of one var folder."""

    var: Path

    @property
    def postgres(self) -> Path:
        return self.var / "postgres"

    @property
    def redis(self) -> Path:
        return self.var / "redis"

    @property
    def logs(self) -> Path:
        return self.var / "logs"

    @property
    def agent_home(self) -> Path:
        return self.var / "agent"

    def home_of(self, program: str) -> Path:
        """The folder of one of the demo's agents; each has a key of its own."""
        return self.var / program

    @property
    def virtual_cards(self) -> Path:
        return self.var / "virtual-cards"

    @property
    def demo_ca(self) -> Path:
        return self.var / "demo-ca"

    @property
    def secrets(self) -> Path:
        return self.var / "secrets.json"

    @property
    def his_keys(self) -> Path:
        return self.var / "his-keys.json"

    @property
    def identity_keys(self) -> Path:
        return self.var / "identity-keys.json"

    @property
    def environment(self) -> Path:
        return self.var / "environment.json"

    @property
    def prepared(self) -> Path:
        return self.var / "prepared.json"

    @property
    def demo_people(self) -> Path:
        return self.var / "demo-people.txt"

    @property
    def lock(self) -> Path:
        return self.var / "supervisor.lock"

    @property
    def sockets(self) -> Path:
        """The folder of the PostgreSQL socket: in var, or a short one when var's path is too long."""
        inside = self.var / "run"
        if len(os.fsencode(inside)) <= LONGEST_SOCKET_FOLDER:
            return inside
        name = hashlib.sha256(os.fsencode(self.var)).hexdigest()[:12]
        return Path(tempfile.gettempdir()) / f"ankang-{os.getuid()}-{name}"

    def make(self) -> None:
        """Create the folders; only their owner may look into them."""
        self.var.mkdir(parents=True, exist_ok=True)
        for folder in (self.logs, self.redis, self.agent_home, self.virtual_cards, self.demo_ca):
            folder.mkdir(mode=0o700, parents=True, exist_ok=True)


def places_of(environ: Mapping[str, str], *below: str) -> Places:
    """The var folder of `ANKANG_VAR`; without it, `var/` of the project and `below` that."""
    if named := environ.get("ANKANG_VAR"):
        return Places(Path(named).expanduser().resolve())
    return Places(PROJECT.joinpath("var", *below))


def empty(places: Places) -> None:
    """Remove all that the project keeps in its var folder."""
    for entry in [path for pattern in OWN_ENTRIES for path in places.var.glob(pattern)]:
        if entry.is_dir() and not entry.is_symlink():
            shutil.rmtree(entry)
        else:
            entry.unlink(missing_ok=True)
    if places.sockets.parent != places.var:
        shutil.rmtree(places.sockets, ignore_errors=True)


def make_private(folder: Path, owner: int) -> None:
    """Create `folder` for user id `owner` alone; refuse one that someone else left there."""
    folder.mkdir(mode=0o700, parents=True, exist_ok=True)
    if folder.is_symlink() or folder.stat().st_uid not in {owner, os.getuid()}:
        raise SupervisorError(
            f"{folder} belongs to someone else. Set ANKANG_VAR to another folder."
        )
    if folder.stat().st_uid != owner:
        os.chown(folder, owner, -1)
    folder.chmod(0o700)
