"""The web server's processes, as `make demo` and the container start them (ADR 10)."""

import os
import signal
from collections.abc import Iterator
from pathlib import Path

import psutil
import pytest

from config import wsgi
from config.supervisor.ports import is_free
from tests.agent.waiting import wait_until
from tests.support.web_server import PATIENCE, WebServer


@pytest.fixture
def server(tmp_path: Path) -> Iterator[WebServer]:
    made = WebServer(tmp_path / "web.log")
    made.start()
    yield made
    made.process.kill()
    made.process.wait()


def test_a_killed_worker_is_replaced_and_the_other_answers_meanwhile(server: WebServer) -> None:
    first, second = server.workers()
    os.kill(first, signal.SIGKILL)
    assert psutil.pid_exists(second)
    wait_until(lambda: server.status() == 200, "it answers")
    wait_until(lambda: len(set(server.workers()) - {first}) == 2, "another worker is there")
    assert second in server.workers()


def test_no_worker_outlives_the_server_even_when_that_is_killed(server: WebServer) -> None:
    workers = [psutil.Process(pid) for pid in server.workers()]
    assert len(workers) == 2
    server.process.kill()
    _gone, alive = psutil.wait_procs(workers, timeout=PATIENCE)
    assert not alive
    assert is_free(server.port)


def test_it_stops_when_it_is_asked_to(server: WebServer) -> None:
    workers = [psutil.Process(pid) for pid in server.workers()]
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


def test_what_is_taken_away_is_all_of_the_process() -> None:
    assert {"DATABASE_URL", "PATH"} <= wsgi._PROCESS
    assert not wsgi._PROCESS & {"PATH_INFO", "REQUEST_METHOD", "HTTP_HOST", "REMOTE_ADDR"}
