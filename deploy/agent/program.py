"""Builds the agent as one file that needs no Python on the workstation.

`python -m deploy.agent.program FOLDER`. PyInstaller builds for the kind of computer it runs on, so
Windows and macOS need a machine of theirs (docs/how-to/install-agent.md). The build asks no network.
"""

import hashlib
import importlib.util
import shutil
import subprocess
import sys
import tempfile
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po

from agent import __version__
from agent.frozen import program_name

BASE_DIR = Path(__file__).resolve().parents[2]
AGENT = BASE_DIR / "agent"
ENTRY = "from agent.__main__ import main\n\nraise SystemExit(main())\n"
# Beside the modules, under the same names: the agent finds them by its own __file__.
DATA = ("templates", "static", "locale", "signers/issuers.json")
CATALOGUE = Path("agent") / "locale" / "zh_Hant" / "LC_MESSAGES"
LEFT_OUT = ("*.pyc", "*.po", "*.mo", "__pycache__")
MADE = frozenset({".pyc", ".mo"})
# Real readers; where they are not installed the file knows virtual cards only, as the wheel does.
READERS = ("smartcard", "pkcs11")
# What nothing of the agent uses, but something it imports could.
UNUSED = (
    *(
        "tkinter",
        "unittest",
        "pydoc",
        "lib2to3",
        "sqlite3",
        "setuptools",
        "pip",
        "readline",
        "curses",
    ),
    *(
        "granian",
        "websockets",
        "yaml",
        "rich",
        "pygments",
        "markdown_it",
        "attr",
        "trio",
        "IPython",
    ),
    *("pydoc_data", "test", "watchfiles", "h2", "brotli", "zstandard"),
)


def build_program(folder: Path) -> Path:
    """The single file of the agent as it stands here, in `folder`."""
    folder.mkdir(parents=True, exist_ok=True)
    with tempfile.TemporaryDirectory() as place:
        work = Path(place)
        shutil.copytree(AGENT, work / "agent", ignore=shutil.ignore_patterns(*LEFT_OUT))
        _compile_messages(work)
        (work / "ankang_agent.py").write_text(ENTRY, "utf-8")
        subprocess.run(_command(work), check=True, cwd=work)
        built = next((work / "dist").iterdir())
        draft = folder / f".{built.name}.new"
        shutil.copy(built, draft)
    return draft.replace(folder / program_name(__version__))


def cached_program(cache: Path) -> Path:
    """As build_program, but built once for each state of the source and of what is installed."""
    folder = cache / _state()
    path = folder / program_name(__version__)
    return path if path.exists() else build_program(folder)


def _compile_messages(work: Path) -> None:
    """From the source, so that the file has its Chinese also where nothing was set up before."""
    with (BASE_DIR / CATALOGUE / "agent.po").open("rb") as source:
        catalogue = read_po(source, locale="zh_Hant")
    with (work / CATALOGUE / "agent.mo").open("wb") as compiled:
        write_mo(compiled, catalogue)


def _command(work: Path) -> list[str]:
    readers = [name for name in READERS if importlib.util.find_spec(name)]
    separator = ";" if sys.platform == "win32" else ":"
    return [
        *(sys.executable, "-m", "PyInstaller", "--onefile", "--noconfirm", "--log-level", "ERROR"),
        *("--name", "ankang-agent", "--paths", str(work), "--collect-submodules", "agent"),
        *(f"--collect-submodules={name}" for name in readers),
        *(f"--exclude-module={name}" for name in UNUSED),
        *(_data(work, Path("agent") / each, separator) for each in DATA),
        str(work / "ankang_agent.py"),
    ]


def _data(work: Path, name: Path, separator: str) -> str:
    """A folder goes to its own name, a file into the folder that it lies in."""
    inside = name if (work / name).is_dir() else name.parent
    return f"--add-data={work / name}{separator}{inside}"


def _state() -> str:
    """Over every file of the agent, this recipe, and the versions that go into the file."""
    digest = hashlib.sha256()
    locks = [
        BASE_DIR / "requirements" / f"{name}.txt" for name in ("all", "workstation", "packaging")
    ]
    sources = [path for path in AGENT.rglob("*") if path.is_file() and path.suffix not in MADE]
    for path in [*sorted(sources), Path(__file__), *locks]:
        digest.update(f"{path.relative_to(BASE_DIR)}\0".encode() + path.read_bytes())
    return digest.hexdigest()[:16]


def main(arguments: list[str]) -> None:
    match arguments:
        case [folder]:
            sys.stdout.write(f"{build_program(Path(folder))}\n")
        case _:
            sys.exit(__doc__)


if __name__ == "__main__":
    main(sys.argv[1:])
