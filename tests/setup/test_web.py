"""The web server's processes, as `make demo` and the container start them (ADR 10)."""

import os
import signal
import socket
import subprocess
import sys
import time
from collections.abc import Callable, Iterator
from pathlib import Path

import httpx
import psutil
import pytest
from django.conf import settings

from config import wsgi
from config.supervisor.ports import free_port

PATIENCE = 30  # seconds
SLOW_APP = """
import time
def application(environ, start_response):
    time.sleep(float(environ["PATH_INFO"].strip("/") or 0))
    start_response("200 OK", [("Content-Length", "4")])
    return [b"done"]
"""


class Server:
    def __init__(self, log: Path, *, env: dict[str, str] | None = None) -> None:
        self.port = free_port()
        self.log = log
        command = [sys.executable, "-m", "config.web", "--port", str(self.port)]
        with log.open("wb") as out:
            self.process = subprocess.Popen(
                command, env={**os.environ, **(env or {})}, stdout=out, stderr=out
            )
        self.wait_for(lambda: self.status() is not None)

    def status(self, path: str = "/healthz") -> int | None:
        host = httpx.URL(settings.ORIGIN).netloc.decode()
        address = f"http://127.0.0.1:{self.port}{path}"
        try:
            return httpx.get(address, headers={"Host": host}, trust_env=False).status_code
        except httpx.TransportError:
            return None

    def workers(self) -> list[psutil.Process]:
        return psutil.Process(self.process.pid).children()

    def wait_for(self, happened: Callable[[], bool]) -> None:
        deadline = time.monotonic() + PATIENCE
        while not happened():
            assert time.monotonic() < deadline, self.log.read_text()
            time.sleep(0.05)


@pytest.fixture
def server(tmp_path: Path) -> Iterator[Server]:
    made = Server(tmp_path / "web.log")
    yield made
    made.process.kill()
    made.process.wait()


def is_free(port: int) -> bool:
    with socket.socket() as probe:
        return probe.connect_ex(("127.0.0.1", port)) != 0


def test_a_killed_worker_is_replaced_and_the_other_answers_meanwhile(server: Server) -> None:
    first, second = server.workers()
    os.kill(first.pid, signal.SIGKILL)
    assert second.is_running()
    server.wait_for(lambda: server.status() == 200)
    server.wait_for(lambda: len(server.workers()) == 2)
    assert second in server.workers()


def test_no_worker_outlives_the_server_even_when_that_is_killed(server: Server) -> None:
    workers = server.workers()
    assert len(workers) == 2
    server.process.kill()
    _gone, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive
    assert is_free(server.port)


def test_it_stops_when_it_is_asked_to(server: Server) -> None:
    workers = server.workers()
    server.process.terminate()
    assert server.process.wait(timeout=PATIENCE) == 0
    assert not any(worker.is_running() for worker in workers)


def test_a_request_knows_nothing_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    """The server hands its own environment along with every request: keys, passwords, addresses."""
    seen: dict[str, str] = {}
    monkeypatch.setattr(wsgi, "_django", lambda environ, _start: seen.update(environ) or [])
    monkeypatch.setattr(wsgi, "_PROCESS", frozenset({"SECRET_KEY", "HTTP_PROXY"}))
    asked = {
        "SECRET_KEY": "x",
        "HTTP_PROXY": "http://elsewhere",
        "PATH_INFO": "/",
        "HTTP_HOST": "h",
    }
    wsgi.application(asked, lambda *_: None)
    assert seen == {"PATH_INFO": "/", "HTTP_HOST": "h"}


def test_what_is_taken_away_is_all_of_the_process(monkeypatch: pytest.MonkeyPatch) -> None:
    assert {"DATABASE_URL", "PATH"} <= wsgi._PROCESS
    assert not wsgi._PROCESS & {"PATH_INFO", "REQUEST_METHOD", "HTTP_HOST", "REMOTE_ADDR"}
