"""SAM authentication (SAM 認證; manual 4): this workstation proves itself to its servers.

At the start, every ten minutes, when somebody asks on the console or for a diagnosis, and when a call
of a HIS finds the server gone or back; docs/reference/card-protocol.md section 9. Its outcome is what
the lights and the console show; each card request is checked by the server itself all the same.
"""

import logging
import time

import anyio

from agent.problems import Problem
from agent.server import ServerClient, calling
from agent.servers import Server, ServerList, ServerListError
from agent.standing import ModuleStanding, Standing

EVERY = 600.0
SOON = 30.0  # while a server does not know us yet
AT_ONCE = 1.0  # after a server could not be reached; then twice as long each time, up to SOON
UNREACHABLE = "server_unreachable"
logger = logging.getLogger("agent.authentication")


class Authentication:
    """Keeps `standing` up to date about every server of the list."""

    def __init__(self, *, servers: ServerList, client: ServerClient, standing: Standing) -> None:
        self._servers = servers
        self._client = client
        self._standing = standing
        self._now = anyio.Event()

    async def run(self) -> None:
        """Authenticate as long as the agent runs."""
        pause = AT_ONCE
        while True:
            self._now = anyio.Event()
            problems = await self._ask_all()
            wait = SOON if problems else EVERY
            if UNREACHABLE in problems:
                wait, pause = pause, min(2 * pause, SOON)
            else:
                pause = AT_ONCE
            with anyio.move_on_after(wait):
                await self._now.wait()

    def ask_soon(self) -> None:
        """Authenticate again without waiting for the next turn."""
        self._now.set()

    async def authenticate(self) -> bool:
        """Ask every server once; whether all of them know us."""
        return not await self._ask_all()

    async def _ask_all(self) -> set[str]:
        """The problems' codes; none when all servers know us."""
        try:
            servers = self._servers.all()
        except ServerListError:
            return set()
        return {code for server in servers if (code := await self._ask(server))}

    async def _ask(self, server: Server) -> str:
        """The problem's code; empty when the server knows us."""
        try:
            told = await calling(lambda: self._client.authenticate(server=server), back="/")
        except Problem as problem:
            outcome = ModuleStanding(problem.code, problem.message)
        else:
            outcome = _standing(told)
        known = self._standing.modules().get(server.origin)
        self._standing.note_module(server.origin, outcome)
        if known is None or known.code != outcome.code:
            logger.info("SAM authentication with %s: %s", server.id, outcome.code or "ok")
        return outcome.code


def _standing(told: dict[str, object]) -> ModuleStanding:
    now, server_now = time.time(), told.get("now")
    return ModuleStanding(
        institution_code=_text(told, "institution_code"),
        institution_name=_text(told, "institution_name"),
        module_code=_text(told, "module_code"),
        name=_text(told, "name"),
        newest_version=_text(told, "newest_version"),
        clock_off_by=round(now - server_now) if isinstance(server_now, int | float) else None,
    )


def _text(told: dict[str, object], name: str) -> str:
    value = told.get(name, "")
    return value[:200] if isinstance(value, str) and value.isprintable() else ""
