"""The embedded servers on real processes: start, settings, survival of a killed run."""

import json
import os
import signal
import subprocess
import sys
import tempfile
from collections.abc import Iterator, Mapping
from pathlib import Path

import psutil
import psycopg
import pytest
import redis
from redis.backoff import NoBackoff
from redis.retry import Retry

from config.supervisor.environment import servers
from config.supervisor.places import PROJECT, Places

# A supervisor in a process of its own, which tells its environment and waits.
HOLDER = """
import json, os, time
from config.supervisor import lock
from config.supervisor.environment import servers
from config.supervisor.places import places_of
places = places_of(os.environ)
with lock.hold(places), servers(places, os.environ) as env:
    print(json.dumps(env), flush=True)
    time.sleep(600)
"""


@pytest.fixture
def places() -> Iterator[Places]:
    # Not in pytest's folder: another run of pytest closes that to the server's user at any moment.
    with tempfile.TemporaryDirectory(prefix="ankang-test-") as folder:
        yield Places(Path(folder) / "var")


def bare_environment(places: Places) -> dict[str, str]:
    kept = {
        k: v for k, v in os.environ.items() if not k.startswith(("DATABASE_", "REDIS_", "ANKANG_"))
    }
    return {**kept, "ANKANG_VAR": str(places.var)}


@pytest.fixture
def running(places: Places) -> Iterator[Mapping[str, str]]:
    with servers(places, bare_environment(places)) as env:
        yield env


def test_postgresql_18_answers_on_its_socket_as_tuned(running: Mapping[str, str]) -> None:
    with psycopg.connect(running["DATABASE_ADMIN_URL"]) as connection:
        wanted = {
            "timezone": "UTC",
            "synchronous_commit": "on",
            "fsync": "on",
            "max_connections": "100",
            "shared_buffers": "256MB",
            "listen_addresses": "",
        }
        for name, value in wanted.items():
            assert connection.execute("SELECT current_setting(%s)", [name]).fetchone() == (value,)
        assert connection.info.server_version // 10000 == 18


def test_redis_answers_on_loopback_and_only_with_its_password(running: Mapping[str, str]) -> None:
    with redis.Redis.from_url(running["REDIS_URL"], decode_responses=True) as client:
        assert client.ping()
        assert client.config_get("bind") == {"bind": "127.0.0.1"}
        port = client.connection_pool.connection_kwargs["port"]
    once = Retry(NoBackoff(), retries=0)
    with redis.Redis(port=port, retry=once) as stranger, pytest.raises(redis.AuthenticationError):
        stranger.ping()


def test_no_other_user_may_look_into_the_folders(
    places: Places, running: Mapping[str, str]
) -> None:
    for folder in (places.postgres, places.sockets, places.redis, places.logs):
        assert folder.stat().st_mode & 0o077 == 0, folder
    assert places.environment.stat().st_mode & 0o777 == 0o600
    assert json.loads(places.environment.read_text())["REDIS_URL"] == running["REDIS_URL"]


def children_of(pid: int) -> list[psutil.Process]:
    return psutil.Process(pid).children(recursive=True)


def test_after_a_killed_supervisor_nothing_is_left_and_the_next_start_works(places: Places) -> None:
    holder = subprocess.Popen(
        [sys.executable, "-c", HOLDER],
        env=bare_environment(places),
        cwd=PROJECT,
        stdout=subprocess.PIPE,
    )
    with holder:
        assert holder.stdout is not None
        env = json.loads(holder.stdout.readline())
        with psycopg.connect(env["DATABASE_ADMIN_URL"], autocommit=True) as connection:
            connection.execute("CREATE TABLE kept AS SELECT 42 AS answer")
        children = children_of(holder.pid)
        assert {"postgres", "redis-server"} <= {child.name() for child in children}
        holder.send_signal(signal.SIGKILL)
    _, left = psutil.wait_procs([c for c in children if is_running(c)], timeout=20)
    assert [process for process in left if is_running(process)] == []

    # A container may have given the old numbers to others meanwhile: here the test's own process.
    (places.postgres / "postmaster.pid").write_text(f"{os.getpid()}\n")
    with (
        servers(places, bare_environment(places)) as again,
        psycopg.connect(again["DATABASE_ADMIN_URL"]) as connection,
    ):
        assert connection.execute("SELECT answer FROM kept").fetchone() == (42,)
    assert not places.environment.exists()


def is_running(process: psutil.Process) -> bool:
    try:
        return process.is_running() and process.status() != psutil.STATUS_ZOMBIE
    except psutil.NoSuchProcess:
        return False
