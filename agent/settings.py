"""What the workstation decides: where the agent keeps its state, its port and its readers."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

DEFAULT_PORT = 24777
DEFAULT_READERS = 2
LOOPBACK = "127.0.0.1"


class SettingsError(Exception):
    """An environment variable holds something the agent cannot use."""


@dataclass(frozen=True)
class Settings:
    """One agent's settings. `virtual_cards` is None where real readers are used."""

    home: Path
    port: int
    virtual_cards: Path | None
    virtual_readers: int

    @property
    def host(self) -> str:
        """The only Host header the agent answers to; a name would open it to DNS rebinding."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`. Raises SettingsError for numbers that are none."""
    cards = environ.get("ANKANG_VIRTUAL_CARDS")
    return Settings(
        home=Path(environ.get("ANKANG_AGENT_HOME") or Path("var") / "agent"),
        port=_number(environ, "AGENT_PORT", default=DEFAULT_PORT, highest=65535),
        virtual_cards=Path(cards) if cards else None,
        virtual_readers=_number(
            environ, "ANKANG_AGENT_READERS", default=DEFAULT_READERS, highest=16
        ),
    )


def _number(environ: Mapping[str, str], name: str, *, default: int, highest: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= highest:
        raise SettingsError(f"{name} must be a number from 1 to {highest}, not {text!r}.")
    return int(text)
