"""Security modules: the `.SAM` files that enrol this workstation, and what came of them.

docs/reference/card-protocol.md section 8. A file carries a token that works once, so it is not kept:
after the enrolment only the institution, the module and the server's pins remain, in `modules.json`.
"""

import json
import os
import re
from collections.abc import Mapping
from dataclasses import asdict, dataclass, field
from pathlib import Path

from agent.servers import Server, ServerListError, normal_origin, server_at

FORMAT = "ankang-sam/1"
MODULES_FILE = "modules.json"
LARGEST_FILE = 16 * 1024
PIN = re.compile(r"sha256/[A-Za-z0-9+/]{43}=")
CODE = re.compile(r"[0-9A-Za-z]{1,20}")


class SamFileError(Exception):
    """The file is no security module; the text says why, for the log."""


@dataclass(frozen=True)
class SecurityModule:
    """An enrolment: `pins` are of the server's present and next TLS key, empty on http."""

    origin: str
    institution_code: str
    institution_name: str
    module_code: str
    pins: tuple[str, ...] = ()


@dataclass(frozen=True)
class SamFile:
    """A file that was read and not yet used."""

    module: SecurityModule
    token: str = field(repr=False)

    @property
    def server(self) -> Server:
        return server_at(self.module.origin)


def parse_sam(content: bytes) -> SamFile:
    """The security module in `content`. Raises SamFileError."""
    if len(content) > LARGEST_FILE:
        raise SamFileError("larger than 16 kB")
    try:
        told = json.loads(content.decode("utf-8-sig"))
    except ValueError:
        raise SamFileError("not JSON") from None
    if not isinstance(told, dict) or told.get("format") != FORMAT:
        raise SamFileError(f"the format is not {FORMAT}")
    try:
        origin = normal_origin(_text(told, "origin"))
    except ServerListError as error:
        raise SamFileError(str(error)) from error
    module = SecurityModule(
        origin=origin,
        institution_code=_code(told, "institution_code"),
        institution_name=_text(told, "institution_name"),
        module_code=_code(told, "module_code"),
        pins=_pins(told, secure=origin.startswith("https:")),
    )
    return SamFile(module, _text(told, "token"))


class ModuleStore:
    """The enrolments of this workstation, one for each server, in the agent's home."""

    def __init__(self, home: Path) -> None:
        self._path = home / MODULES_FILE

    def all(self) -> list[SecurityModule]:
        """Read anew at each use, as the list of servers is."""
        try:
            listed = json.loads(self._path.read_text(encoding="utf-8"))
        except FileNotFoundError:
            return []
        return [SecurityModule(**{**kept, "pins": tuple(kept["pins"])}) for kept in listed]

    def of(self, server: Server) -> SecurityModule | None:
        return next((kept for kept in self.all() if kept.origin == server.origin), None)

    def pins(self, server: Server) -> tuple[str, ...]:
        module = self.of(server)
        return module.pins if module else ()

    def save(self, module: SecurityModule) -> None:
        """Keep `module` in place of an earlier one of the same server."""
        others = [kept for kept in self.all() if kept.origin != module.origin]
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f".{MODULES_FILE}.{os.getpid()}")
        kept = [asdict(each) for each in [*others, module]]
        draft.write_text(json.dumps(kept, ensure_ascii=False, indent=2) + "\n", "utf-8")
        draft.replace(self._path)


def _text(told: Mapping[str, object], name: str) -> str:
    value = told.get(name)
    if not isinstance(value, str) or not value or len(value) > 500 or not value.isprintable():
        raise SamFileError(f"{name} is missing")
    return value


def _code(told: Mapping[str, object], name: str) -> str:
    code = _text(told, name)
    if not CODE.fullmatch(code):
        raise SamFileError(f"{name} has other characters than letters and digits")
    return code


def _pins(told: Mapping[str, object], *, secure: bool) -> tuple[str, ...]:
    pins = told.get("pins", [])
    if not isinstance(pins, list) or not all(
        isinstance(pin, str) and PIN.fullmatch(pin) for pin in pins
    ):
        raise SamFileError("pins must be sha256/ and 44 characters of base64")
    if secure and not pins:
        raise SamFileError("an https server needs at least one pin")
    return tuple(pins)
