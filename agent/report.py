"""What the agent says of itself in a component check (docs/reference/card-protocol.md section 6)."""

import ctypes
import os
import platform
import sys
from collections.abc import Callable, Mapping, Sequence
from datetime import datetime

from agent import __version__
from agent.modules import ModuleStore
from agent.readers.base import ReaderBackend
from agent.readers.recognition import SeenCard
from agent.signers.base import Signer
from agent.transaction import Transaction

SM_REMOTESESSION = 0x1000  # GetSystemMetrics: inside a remote desktop the client's readers are seen


class Reporter:
    """Writes the reports of one agent. `say` words a problem's code in a language."""

    def __init__(
        self,
        *,
        backend: ReaderBackend,
        signer: Signer,
        modules: ModuleStore,
        say: Callable[[str, str], str],
    ) -> None:
        self._backend = backend
        self._signer = signer
        self._modules = modules
        self._say = say

    def report(self, transaction: Transaction, seen: Sequence[SeenCard]) -> dict[str, object]:
        """The report for the server that asks, without any holder's name or number."""
        module = self._modules.of(transaction.server)
        language = transaction.claim.language
        return {
            "version": __version__,
            "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
            "smart_card_service": self._backend.service,
            "readers": [{"name": card.reader.name, "card": card.label or ""} for card in seen],
            "module": module
            and {"institution": module.institution_code, "module_code": module.module_code},
            "clock": datetime.now().astimezone().isoformat(timespec="seconds"),
            "remote_session": in_remote_session(),
            "signer": "virtual" if self._backend.virtual else self._signer.name,
            "messages": [self._say(code, language) for code in self._faults(seen)],
        }

    def _faults(self, seen: Sequence[SeenCard]) -> list[str]:
        """Codes of what is wrong, each once; a stopped service explains the missing readers."""
        if self._backend.service == "stopped":
            return ["service_stopped"]
        if not seen:
            return ["reader_missing"]
        return list(dict.fromkeys(card.fault for card in seen if card.fault))


def in_remote_session(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether this is a remote-desktop session: Windows is asked, xrdp leaves a trace.

    On Windows `%SESSIONNAME%` does not tell (shared/reference/cards.md section 1.3).
    """
    if sys.platform == "win32":
        return bool(ctypes.windll.user32.GetSystemMetrics(SM_REMOTESESSION))
    return bool(environ.get("XRDP_SESSION"))
