"""What the agent says of itself in a component check (docs/reference/card-protocol.md section 6)."""

import ctypes
import os
import platform
import sys
from collections.abc import Mapping, Sequence
from datetime import datetime

from agent import __version__
from agent.modules import SecurityModule
from agent.readers.recognition import SeenCard

SM_REMOTESESSION = 0x1000  # GetSystemMetrics: inside a remote desktop the client's readers are seen


def build_report(
    *,
    service: str,
    seen: Sequence[SeenCard],
    module: SecurityModule | None,
    signer: str,
    remote: bool,
    messages: Sequence[str],
) -> dict[str, object]:
    """The report, without any holder's name or number. `messages` are sentences for the person."""
    return {
        "version": __version__,
        "platform": f"{platform.system()} {platform.release()} {platform.machine()}",
        "smart_card_service": service,
        "readers": [{"name": card.reader.name, "card": card.label or ""} for card in seen],
        "module": {"institution": module.institution_code, "module_code": module.module_code}
        if module
        else None,
        "clock": datetime.now().astimezone().isoformat(timespec="seconds"),
        "remote_session": remote,
        "signer": signer,
        "messages": list(messages),
    }


def in_remote_session(environ: Mapping[str, str] = os.environ) -> bool:
    """Whether somebody sits at another machine: Windows asks the system, others leave traces.

    On Windows `%SESSIONNAME%` does not tell (shared/reference/cards.md section 1.3).
    """
    if sys.platform == "win32":
        return bool(ctypes.windll.user32.GetSystemMetrics(SM_REMOTESESSION))
    return bool(environ.get("XRDP_SESSION") or environ.get("SSH_CONNECTION"))
