"""Starting anew without ending the program (csSoftwareReset; manual 4, csResetFsim.exe)."""

import logging
from enum import StrEnum

import anyio.to_thread

from agent.authentication import Authentication
from agent.readers.base import ReaderBackend
from agent.readers.recognition import Recogniser
from agent.standing import Standing

logger = logging.getLogger("agent.restart")


class Part(StrEnum):
    """The manual's types of csSoftwareReset, and the whole."""

    READERS = "0"
    MODULE = "1"
    HPC = "2"
    NHI = "3"
    ALL = "all"


class Restarter:
    """Restarts parts of one running agent; card requests under way are not lost."""

    def __init__(
        self,
        *,
        backend: ReaderBackend,
        recogniser: Recogniser,
        standing: Standing,
        authentication: Authentication,
    ) -> None:
        self._backend = backend
        self._recogniser = recogniser
        self._standing = standing
        self._authentication = authentication

    async def restart(self, part: Part) -> None:
        """Readers are opened anew, cards asked anew, the security module authenticated anew."""
        logger.info("restart: %s", part.name.lower())
        if part in {Part.READERS, Part.ALL}:
            await anyio.to_thread.run_sync(self._backend.restart)
        if part in {Part.HPC, Part.ALL}:
            self._standing.forget_card()
        self._recogniser.forget()
        if part in {Part.MODULE, Part.ALL}:
            self._standing.forget_modules()
            await self._authentication.authenticate()
