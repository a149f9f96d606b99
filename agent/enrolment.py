"""Turns `.SAM` files into enrolments: from the folder `modules` of the home, or uploaded."""

import logging
from collections.abc import Callable
from pathlib import Path

import anyio
import anyio.to_thread

from agent.modules import ModuleStore, SamFile, SamFileError, SecurityModule, parse_sam
from agent.problems import Problem
from agent.server import ServerClient, calling
from agent.servers import ServerList

FOLDER = "modules"
LOOK_EVERY = 5.0
REFUSED = ".refused"
logger = logging.getLogger("agent.enrolment")


class Enrolment:
    """Enrols this workstation with the servers whose security modules it is given."""

    def __init__(
        self,
        home: Path,
        *,
        servers: ServerList,
        store: ModuleStore,
        client: ServerClient,
        ask_soon: Callable[[], None],
    ) -> None:
        self._folder = home / FOLDER
        self._servers = servers
        self._store = store
        self._client = client
        self._ask_soon = ask_soon
        # What became of a file of the folder, by its name: the problem's code.
        self.refused: dict[str, str] = {}

    async def upload(self, content: bytes) -> SecurityModule:
        """Enrol by an uploaded file. Raises Problem."""
        try:
            return await self._enrol(parse_sam(content))
        except SamFileError as error:
            raise Problem("module_malformed", status=422, return_url="/") from error

    async def watch_folder(self) -> None:
        """Look for new files as long as the agent runs; without the server, try again later."""
        while True:
            await self.look()
            await anyio.sleep(LOOK_EVERY)

    async def look(self) -> None:
        """Use every file of the folder once: a used one is deleted, a refused one set aside."""
        for path in await anyio.to_thread.run_sync(self._files):
            try:
                await self.upload(await anyio.to_thread.run_sync(path.read_bytes))
            except OSError:
                continue  # still being copied, or gone again
            except Problem as problem:
                self.refused[path.name] = problem.code
                if problem.code in {"server_unreachable", "server_untrusted", "server_date"}:
                    continue
                logger.warning("security module %s: %s", path.name, problem.code)
                path.replace(path.with_name(path.name + REFUSED))
            else:
                self.refused.pop(path.name, None)
                path.unlink()  # its token is spent

    def _files(self) -> list[Path]:
        return sorted(p for p in self._folder.glob("*") if p.suffix.upper() == ".SAM")

    async def _enrol(self, sam: SamFile) -> SecurityModule:
        server = sam.server
        answer = await calling(
            lambda: self._client.enrol(
                module_code=sam.module.module_code,
                token=sam.token,
                server=server,
                pins=sam.module.pins,
            ),
            back="/",
        )
        told = (answer.get("institution_code"), answer.get("module_code"))
        if told != (sam.module.institution_code, sam.module.module_code):
            raise Problem("server_answer_invalid", status=502, return_url="/")
        self._store.save(sam.module)
        self._servers.trust(server.origin)
        self._ask_soon()
        return sam.module
