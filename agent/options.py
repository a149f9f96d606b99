"""The settings that manual 4 names, in the file `csdll.ini` of the agent's home (FEATURES B12).

Changed on the console or with an editor; read anew at each use, so no restart is needed. Lines and
sections that this agent does not know stay as they are.
"""

import os
from collections.abc import Mapping
from dataclasses import dataclass, fields, replace
from pathlib import Path

FILE = "csdll.ini"
LARGEST_FILE = 64 * 1024
LONGEST_NAME = 200
ENABLE, DISABLE = "ENABLE", "DISABLE"


class OptionsConflict(Exception):
    """CSREMOTE and HPCFASTAUTH cannot both be ENABLE (manual 4: 不支援醫師卡快速認證功能)."""


@dataclass(frozen=True)
class Options:
    """Names and defaults are the manual's.

    `hpcfastauth`: fast authentication of health professional cards. `cswatch`: the window with the
    reader's lights. `csremote`: cards may be used in a remote-desktop session. `clscsfsim`: ending
    the console leaves the HIS programs their interface. The last two name the reader that a card is
    looked for in first; empty is any.
    """

    hpcfastauth: bool = False
    cswatch: bool = False
    csremote: bool = False
    clscsfsim: bool = True
    reader_nhi: str = ""
    reader_hpc: str = ""

    def check(self) -> None:
        """Raises OptionsConflict."""
        if self.hpcfastauth and self.csremote:
            raise OptionsConflict

    def allows_fast_authentication(self, *, remote_session: bool) -> bool:
        """Never in remote mode, whatever the file says."""
        return self.hpcfastauth and not self.csremote and not remote_session


SWITCHES = tuple(each.name for each in fields(Options) if each.type is bool)
READERS = ("reader_nhi", "reader_hpc")
NAMES = {name.upper(): name for name in (*SWITCHES, *READERS)}


class OptionsFile:
    """`csdll.ini`; where there is none, the defaults hold."""

    def __init__(self, home: Path) -> None:
        self._path = home / FILE

    @property
    def path(self) -> Path:
        return self._path

    def read(self) -> Options:
        """What the file says; a value that is neither ENABLE nor DISABLE leaves the default."""
        return _options(self._values())

    def mistakes(self) -> list[str]:
        """Lines of the file that name a setting and cannot be meant, for the console."""
        return [
            f"{name}={value}"
            for name, value in self._values().items()
            if NAMES[name] in SWITCHES and value.upper() not in {ENABLE, DISABLE}
        ]

    def save(self, options: Options) -> None:
        """Write every setting, in place of what the file says. Raises OptionsConflict."""
        options.check()
        written = {name: _written(getattr(options, attribute)) for name, attribute in NAMES.items()}
        lines = []
        for line in self._lines():
            name = _name_of(line)
            if name not in NAMES:
                lines.append(line)
            elif name in written:
                lines.append(f"{name}={written.pop(name)}")
        lines += [f"{name}={value}" for name, value in written.items()]
        self._path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        draft = self._path.with_name(f".{FILE}.{os.getpid()}")
        draft.write_text("\n".join(lines) + "\n", "utf-8")
        draft.replace(self._path)

    def _values(self) -> dict[str, str]:
        found = {}
        for line in self._lines():
            name = _name_of(line)
            if name in NAMES:
                found[name] = line.partition("=")[2].strip()[:LONGEST_NAME]
        return found

    def _lines(self) -> list[str]:
        try:
            content = self._path.read_bytes()[:LARGEST_FILE]
        except FileNotFoundError:
            return []
        try:
            return content.decode("utf-8-sig").splitlines()
        except UnicodeDecodeError:
            return content.decode("cp950", errors="replace").splitlines()  # Notepad's, in Taiwan


def _options(values: Mapping[str, str]) -> Options:
    found: dict[str, object] = {}
    for name, value in values.items():
        attribute = NAMES[name]
        if attribute in READERS:
            found[attribute] = value
        elif value.upper() in {ENABLE, DISABLE}:
            found[attribute] = value.upper() == ENABLE
    return replace(Options(), **found)  # type: ignore[arg-type]


def _name_of(line: str) -> str:
    """The setting's name that a line gives a value to; "" for sections, comments and the rest."""
    name, found, _ = line.partition("=")
    return "" if not found or line.lstrip().startswith((";", "#")) else name.strip().upper()


def _written(value: bool | str) -> str:
    if isinstance(value, str):
        return value
    return ENABLE if value else DISABLE
