"""What the workstation decides: where the agent keeps its state, its port and its readers."""

import os
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from agent.frozen import home_of_user, is_single_file

DEFAULT_PORT = 24777
DEFAULT_READERS = 2
LOOPBACK = "127.0.0.1"
BACKENDS = ("pcsc", "virtual")
PEERS = ("user", "machine")


class SettingsError(Exception):
    """An environment variable holds something the agent cannot use."""


@dataclass(frozen=True)
class Settings:
    """One agent's settings. `virtual_cards` is None where real readers are used.

    `chosen_backend` is empty where the readers follow from that. `pkcs11_module` is the card vendor's
    module; without one, cards with PIN are used by plain PIV commands. `peers` is `user` when only
    the agent's own operating-system user is served, or `machine`. `ca_file` names authorities in PEM
    that are trusted besides the public ones.
    """

    home: Path
    port: int
    virtual_cards: Path | None
    virtual_readers: int
    chosen_backend: str = ""
    pkcs11_module: Path | None = None
    peers: str = PEERS[0]
    ca_file: Path | None = None

    @property
    def backend(self) -> str:
        """`pcsc` or `virtual`."""
        return self.chosen_backend or ("pcsc" if self.virtual_cards is None else "virtual")

    @property
    def host(self) -> str:
        """The only Host header the agent answers to; a name would open it to DNS rebinding."""
        return f"{LOOPBACK}:{self.port}"

    @property
    def origin(self) -> str:
        return f"http://{self.host}"


def read_settings(environ: Mapping[str, str] = os.environ) -> Settings:
    """The settings in `environ`. Raises SettingsError for what cannot be meant."""
    cards = environ.get("ANKANG_VIRTUAL_CARDS")
    backend = _word(environ, "ANKANG_AGENT_BACKEND", among=BACKENDS)
    if backend == "virtual" and not cards:
        raise SettingsError("ANKANG_AGENT_BACKEND=virtual needs ANKANG_VIRTUAL_CARDS as well.")
    return Settings(
        home=Path(environ.get("ANKANG_AGENT_HOME") or _default_home(environ)),
        port=_number(environ, "AGENT_PORT", default=DEFAULT_PORT, highest=65535),
        virtual_cards=Path(cards) if cards else None,
        virtual_readers=_number(
            environ, "ANKANG_AGENT_READERS", default=DEFAULT_READERS, highest=16
        ),
        chosen_backend=backend,
        pkcs11_module=_file(environ, "ANKANG_AGENT_PKCS11_MODULE"),
        peers=_word(environ, "ANKANG_AGENT_PEERS", among=PEERS) or PEERS[0],
        ca_file=_file(environ, "ANKANG_AGENT_CA_FILE"),
    )


def _default_home(environ: Mapping[str, str]) -> Path:
    return home_of_user(environ) if is_single_file() else Path("var") / "agent"


def _word(environ: Mapping[str, str], name: str, *, among: tuple[str, ...]) -> str:
    word = environ.get(name) or ""
    if word and word not in among:
        raise SettingsError(f"{name} must be one of {', '.join(among)}, not {word!r}.")
    return word


def _file(environ: Mapping[str, str], name: str) -> Path | None:
    """A path, absolute: a relative one would be looked for in the system's own folders."""
    path = environ.get(name)
    if path and not Path(path).is_absolute():
        raise SettingsError(f"{name} must be an absolute path, not {path!r}.")
    return Path(path) if path else None


def _number(environ: Mapping[str, str], name: str, *, default: int, highest: int) -> int:
    text = environ.get(name) or str(default)
    if not text.isdecimal() or not 1 <= int(text) <= highest:
        raise SettingsError(f"{name} must be a number from 1 to {highest}, not {text!r}.")
    return int(text)
