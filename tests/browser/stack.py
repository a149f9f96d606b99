"""The real programs, running for the browser tests: the web server, an agent with virtual cards, a database.

It is the demo as `make demo` prepares it, on free ports and with a database of its own on the test
run's PostgreSQL. The key files are the test run's, so that the builders of tests.support.world can
put rows into it.
"""

import os
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import httpx
import pytest

from config.supervisor.demo import programs, wait_until_ready
from config.supervisor.environment import HOSPITAL_PORT, Ports, servers
from config.supervisor.places import PROJECT, Places
from config.supervisor.ports import free_port
from config.supervisor.preparation import prepare_demo
from config.supervisor.processes import Keeper, kill_group
from config.web import ACCESS_LOG

DATABASE = "ankang_browser"
REDIS_DATABASE = "/7"
INHERITED = {"ANKANG_IDENTITY_KEYS"}


@dataclass
class Stack:
    """Running programs. `web` and `agent` are their origins, `cards` the folder of virtual cards."""

    ports: Ports
    places: Places
    env: dict[str, str]
    keepers: dict[str, Keeper]
    blocker: Any  # pytest-django's

    @property
    def web(self) -> str:
        return self.env["ANKANG_ORIGIN"]

    @property
    def agent(self) -> str:
        return self.env["ANKANG_AGENT_ORIGIN"]

    @property
    def hospital(self) -> str:
        """The agent in the emergency room, with readers of its own."""
        return f"http://127.0.0.1:{self.ports.hospital}"

    @property
    def cards(self) -> Path:
        return self.places.virtual_cards

    @property
    def authorities(self) -> Path:
        return self.places.var / "demo-ca"

    def insert(self, card: str, *, reader: int, agent: str = "") -> None:
        self._order(agent, "insert", {"reader": reader, "card": card})

    def remove(self, *, reader: int, agent: str = "") -> None:
        self._order(agent, "remove", {"reader": reader})

    def _order(self, agent: str, what: str, body: dict[str, Any]) -> None:
        address = f"{agent or self.agent}/virtual/{what}"
        httpx.post(address, json=body, trust_env=False, timeout=30).raise_for_status()

    def requests_of_the_agent(self) -> list[str]:
        """Method and path of each call of the agent that the web server has answered so far."""
        lines = (self.places.logs / "web.log").read_text().splitlines()
        return [line for line in lines if " /agent/v1/" in line]

    @contextmanager
    def without_agent(self) -> Iterator[None]:
        """The agent is not running. Afterwards it is, with empty readers."""
        keeper = self.keepers["agent"]
        keeper.stop()
        with self._started_again(keeper):
            yield

    @contextmanager
    def without_web(self) -> Iterator[None]:
        """The web server is gone from one moment to the next. Afterwards it runs again."""
        keeper = self.keepers["web"]
        assert keeper.process is not None
        kill_group(keeper.process.pid)
        keeper.stop()
        with self._started_again(keeper):
            yield

    @contextmanager
    def _started_again(self, keeper: Keeper) -> Iterator[None]:
        try:
            yield
        finally:
            keeper.start()
            wait_until_ready(list(self.keepers.values()), self.ports)

    @contextmanager
    def database(self) -> Iterator[None]:
        """Django of this process works on the stack's database, as the application's role."""
        from django.db import connection

        with pytest.MonkeyPatch.context() as patch, self.blocker.unblock():
            # Playwright's event loop runs in this thread; Django would take us for a coroutine.
            patch.setenv("DJANGO_ALLOW_ASYNC_UNSAFE", "1")
            connection.close()
            patch.setitem(connection.settings_dict, "NAME", DATABASE)
            try:
                yield
            finally:
                connection.close()


@contextmanager
def running_stack(var: Path, blocker: Any) -> Iterator[Stack]:
    """Prepare and start; stop, and drop the database, at the end."""
    places = Places(var)
    ports = Ports(web=free_port(), agent=free_port(), hospital=free_port())
    environ = _environment(places, ports)
    places.make()
    drop_database(environ["DATABASE_ADMIN_URL"])
    with servers(places, environ) as env:
        prepare_demo(places, env, lambda _: None)
        keepers = {
            program.name: Keeper(
                program, env, PROJECT, places.logs / f"{program.name}.log", lambda _: None
            )
            for program in programs(ports, places)
            if program.name in {"web", "agent", "agent-hospital"}
        }
        try:
            for keeper in keepers.values():
                keeper.start()
            wait_until_ready(list(keepers.values()), ports)
            yield Stack(ports, places, env, keepers, blocker)
        finally:
            for keeper in keepers.values():
                keeper.stop()
            drop_database(environ["DATABASE_ADMIN_URL"])


def _environment(places: Places, ports: Ports) -> dict[str, str]:
    """This process's environment with another var folder, other ports and another database."""
    kept = {
        name: value
        for name, value in os.environ.items()
        if not name.startswith("ANKANG_") or name in INHERITED
    }
    own_database = {
        name: _with_path(kept[name], f"/{DATABASE}")
        for name in ("DATABASE_URL", "DATABASE_OWNER_URL")
    }
    return {
        **kept,
        **own_database,
        "REDIS_URL": _with_path(kept["REDIS_URL"], REDIS_DATABASE),
        "ANKANG_VAR": str(places.var),
        "PORT": str(ports.web),
        "AGENT_PORT": str(ports.agent),
        HOSPITAL_PORT: str(ports.hospital),
        ACCESS_LOG: "1",
        "PYTHONUNBUFFERED": "1",
    }


def _with_path(url: str, path: str) -> str:
    return urlunsplit(urlsplit(url)._replace(path=path))


def drop_database(admin_url: str) -> None:
    import psycopg
    from psycopg import sql

    with psycopg.connect(admin_url, autocommit=True) as admin:
        name = sql.Identifier(DATABASE)
        admin.execute(sql.SQL("DROP DATABASE IF EXISTS {} WITH (FORCE)").format(name))
