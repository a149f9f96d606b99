"""The servers a run stands on, and the environment variables that tell the programs about them."""

import json
import os
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass

from config.supervisor.keys import (
    ensure_his_keys,
    ensure_identity_keys,
    ensure_secrets,
    write_private,
)
from config.supervisor.places import Places
from config.supervisor.postgres import SUPERUSER, EmbeddedPostgres
from config.supervisor.redis import EmbeddedRedis
from config.supervisor.workstations import WORKSTATIONS, Workstation

DEFAULT_PORT = 8000
DEFAULT_AGENT_PORT = 24777
# The hospital's agent stands a few ports further, so that demos on neighbouring ports do not meet.
HOSPITAL_PORT = "HOSPITAL_AGENT_PORT"
FURTHER = 5


@dataclass(frozen=True)
class Ports:
    """Where people meet the web server and the agents."""

    web: int
    agent: int
    hospital: int

    @classmethod
    def of(cls, environ: Mapping[str, str]) -> "Ports":
        agent = int(environ.get("AGENT_PORT") or DEFAULT_AGENT_PORT)
        return cls(
            web=int(environ.get("PORT") or DEFAULT_PORT),
            agent=agent,
            hospital=int(environ.get(HOSPITAL_PORT) or agent + FURTHER),
        )

    def agents(self) -> Iterator[tuple[Workstation, int]]:
        """Each of the demo's workstations with the port of its agent."""
        return zip(WORKSTATIONS, (self.agent, self.hospital), strict=True)


@contextmanager
def servers(
    places: Places, environ: Mapping[str, str], *, forgetful: bool = False
) -> Iterator[dict[str, str]]:
    """Start what has no URL in `environ`, yield the environment of the programs, stop again.

    While it runs, the same values lie in `environment.json`, for `manage.py` in another terminal.
    """
    places.make()
    secrets = ensure_secrets(places)
    postgres = None if environ.get("DATABASE_URL") else EmbeddedPostgres(places, forgetful)
    redis = (
        None
        if environ.get("REDIS_URL")
        else EmbeddedRedis(places, secrets["REDIS_PASSWORD"], forgetful)
    )
    started = [server for server in (postgres, redis) if server is not None]
    try:
        for server in started:
            server.start()
        for server in started:
            server.wait_ready()
        exports = compose(places, environ, secrets, postgres=postgres, redis=redis)
        write_private(places.environment, json.dumps(exports, indent=2) + "\n")
        yield {**environ, **exports}
    finally:
        places.environment.unlink(missing_ok=True)
        for server in reversed(started):
            server.stop()


def compose(
    places: Places,
    environ: Mapping[str, str],
    secrets: Mapping[str, str],
    *,
    postgres: EmbeddedPostgres | None,
    redis: EmbeddedRedis | None,
) -> dict[str, str]:
    """The variables of DESIGN 7 for this run; what the caller's environment sets stays as it is."""
    ports = Ports.of(environ)
    defaults = {
        "SECRET_KEY": secrets["SECRET_KEY"],
        "ANKANG_SEALING_KEY": secrets["ANKANG_SEALING_KEY"],
        "ANKANG_WITNESS_KEY": secrets["ANKANG_WITNESS_KEY"],
        "ANKANG_IDENTITY_KEYS": str(ensure_identity_keys(places)),
        "ANKANG_HIS_KEYS": str(ensure_his_keys(places)),
        "ANKANG_VAR": str(places.var),
        "ANKANG_DEMO": "1",
        "ANKANG_ORIGIN": f"http://localhost:{ports.web}",
        "ANKANG_AGENT_ORIGIN": f"http://127.0.0.1:{ports.agent}",
        "ANKANG_DEMO_AGENTS": ",".join(
            f"{each.institution}=http://127.0.0.1:{port}" for each, port in ports.agents()
        ),
        "ANKANG_VIRTUAL_CARDS": str(places.virtual_cards),
        "ANKANG_AGENT_HOME": str(places.agent_home),
        "DJANGO_SETTINGS_MODULE": "config.settings",
    }
    exports = {name: environ.get(name) or value for name, value in defaults.items()}
    return exports | _database(environ, postgres) | _broker(environ, redis)


def _database(environ: Mapping[str, str], postgres: EmbeddedPostgres | None) -> dict[str, str]:
    if postgres is None:
        given = environ["DATABASE_URL"]
        owner = environ.get("DATABASE_OWNER_URL") or given
        admin = environ.get("DATABASE_ADMIN_URL") or given
        return {"DATABASE_URL": given, "DATABASE_OWNER_URL": owner, "DATABASE_ADMIN_URL": admin}
    return {
        "DATABASE_URL": postgres.url("ankang_app"),
        "DATABASE_OWNER_URL": postgres.url("ankang_owner"),
        "DATABASE_ADMIN_URL": postgres.url(SUPERUSER, database="postgres"),
    }


def _broker(environ: Mapping[str, str], redis: EmbeddedRedis | None) -> dict[str, str]:
    return {"REDIS_URL": environ["REDIS_URL"] if redis is None else redis.url}


def unset(environ: Mapping[str, str]) -> dict[str, str]:
    """`environ` without what `servers` sets: servers started with it are new ones."""
    return {
        name: value
        for name, value in environ.items()
        if name != "SECRET_KEY" and not name.startswith(("DATABASE_", "REDIS_", "ANKANG_"))
    }


def left_by_running(places: Places) -> dict[str, str] | None:
    """The environment of the supervisor that runs on this var folder; None without one."""
    try:
        left: dict[str, str] = json.loads(places.environment.read_text())
    except FileNotFoundError:
        return None
    return {**os.environ, **left}
