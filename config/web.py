"""The web server's processes: `python -m config.web` (docs/adr/0010-web-server.md).

granian's Rust threads do the HTTP, and a few Python threads in each worker run the views, which are
sync: a page mostly waits for the database. Everything is loaded before the workers are forked, so they
share its memory, and one that was killed is back at once.
"""

import argparse
import os
import signal
from functools import partial

from granian.constants import HTTPModes, Interfaces, RuntimeModes
from granian.log import LogLevels
from granian.server.mp import MPServer

from config.environment import read_flag
from config.supervisor.processes import end_with_parent

WORKERS = 2
THREADS = 4
# A thread keeps its database connection, so it is kept as long as granian allows.
IDLE_SECONDS = 600
KILL_AFTER = 5  # seconds in which a worker that is to stop may finish what it has begun
# A test reads who asked what; nginx writes the log of a real installation, without query strings.
ACCESS_LOG = "ANKANG_ACCESS_LOG"


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m config.web", description=__doc__)
    parser.add_argument("--host", default="127.0.0.1")
    parser.add_argument("--port", type=int, default=8000)
    parser.add_argument("--workers", type=int, default=WORKERS)
    parser.add_argument("--threads", type=int, default=THREADS, help="of each worker")
    asked = parser.parse_args()
    import config.wsgi  # noqa: F401 (before the workers are forked)

    os.register_at_fork(after_in_child=partial(_end_with, os.getpid()))
    server(asked.host, asked.port, workers=asked.workers, threads=asked.threads).serve()


def _end_with(server: int) -> None:
    """A worker ends when the server does, also when that is killed; else it would hold the port for ever."""
    if os.getppid() == server:
        end_with_parent(signal.SIGTERM, server)()


def server(host: str, port: int, *, workers: int, threads: int) -> MPServer:
    return MPServer(
        "config.wsgi:application",
        address=host,
        port=port,
        interface=Interfaces.WSGI,
        http=HTTPModes.http1,  # nginx speaks HTTP/2 with browsers, and HTTP/1.1 with us
        websockets=False,
        workers=workers,
        blocking_threads=threads,
        blocking_threads_idle_timeout=IDLE_SECONDS,
        runtime_mode=RuntimeModes.st,
        respawn_failed_workers=True,
        workers_kill_timeout=KILL_AFTER,
        log_level=LogLevels.warning,
        log_access=read_flag(ACCESS_LOG),
        log_access_format="%(method)s %(path)s %(status)d",
    )


if __name__ == "__main__":
    main()
