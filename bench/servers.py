"""The processes a benchmark measures: web server as in the demo, PostgreSQL, and pgbench beside it."""

import http.client
import re
import shutil
import socket
import subprocess
import sys
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from urllib.parse import unquote, urlsplit

import psutil
from django.conf import settings
from django.core.management import call_command
from django.db import connection

from config.supervisor.errors import SupervisorError
from config.supervisor.postgres import programs_folder

WORKERS = 2


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return int(probe.getsockname()[1])


PORT = _free_port()


@contextmanager
def web_server(tmp: Path, environment: Mapping[str, str] | None = None) -> Iterator[psutil.Process]:
    """Two workers on PORT; yields the process that watches over them."""
    call_command(
        "collectstatic", interactive=False, verbosity=0
    )  # pages name their files by content
    command = [sys.executable, "-m", "config.web", "--port", str(PORT), "--workers", str(WORKERS)]
    with (tmp / "web.log").open("w") as log:
        process = subprocess.Popen(command, env=environment, stdout=log, stderr=log)
        try:
            _wait_until_it_answers(tmp / "web.log")
            yield psutil.Process(process.pid)
        finally:
            process.terminate()
            process.wait(10)


def collect_static() -> None:
    """Pages name their style sheets by content, so a server that shows pages needs them collected."""
    command = [sys.executable, "manage.py", "collectstatic", "--noinput", "--verbosity=0"]
    subprocess.run(command, check=True)


def _wait_until_it_answers(log: Path) -> None:
    for _ in range(100):
        try:
            connection = http.client.HTTPConnection("127.0.0.1", PORT, timeout=2)
            connection.request("GET", "/healthz", headers={"Host": "localhost"})
            if connection.getresponse().status == 200:
                return
        except OSError:
            time.sleep(0.1)
    raise SystemExit(f"the web server did not start:\n{log.read_text()[-2000:]}")


def postgres_processes() -> list[psutil.Process]:
    """Every process of the PostgreSQL that this run uses, and of no other on this machine."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_backend_pid()")
        own = psutil.Process(cursor.fetchone()[0])
    server = own.parent()
    assert server is not None
    return [server, *server.children()]


def cpu_seconds(processes: list[psutil.Process]) -> float:
    """CPU time that these processes have used so far; those that ended count nothing."""
    total = 0.0
    for process in processes:
        try:
            times = process.cpu_times()
        except psutil.NoSuchProcess:
            continue
        total += times.user + times.system
    return total


def pgbench(
    script: str, tmp: Path, *, clients: int, seconds: float, rate: int | None = None
) -> float:
    """Transactions per second of a pgbench script on the same database; at most `rate`, if one is given."""
    file = tmp / "pgbench.sql"
    file.write_text(script)
    url = settings.DATABASES["default"]
    host = unquote(str(url["HOST"]))
    command = [
        *(_pgbench_program(), "--no-vacuum", "--client", str(clients), "--jobs", "2"),
        *("--time", str(round(seconds)), "--protocol", "prepared", "--file", str(file)),
        *(("--rate", str(rate)) if rate else ()),
        *("--host", host, "--port", str(url["PORT"] or 5432), "--username", str(url["USER"])),
        str(url["NAME"]),
    ]
    done = subprocess.run(command, capture_output=True, text=True, check=False)
    found = re.search(r"tps = ([0-9.]+)", done.stdout)
    if done.returncode or not found:
        raise SystemExit(f"pgbench failed:\n{done.stderr[-2000:]}")
    return float(found[1])


def _pgbench_program() -> str:
    """The embedded server's own, which fits its version; else the one on PATH."""
    try:
        program = programs_folder() / "pgbench"
    except SupervisorError:
        return shutil.which("pgbench") or "pgbench"
    return str(program)


def origin_host() -> str:
    return urlsplit(settings.ORIGIN).netloc
