"""What must be true before the demo's programs start: roles, tables, data, static files."""

import hashlib
import json
import sys
from collections.abc import Callable, Iterable, Mapping
from datetime import date, datetime
from pathlib import Path
from urllib.parse import quote
from zoneinfo import ZoneInfo

from config.supervisor.catalogs import compile_catalogues
from config.supervisor.keys import write_private
from config.supervisor.places import PROJECT, Places
from config.supervisor.steps import Step, manage, run_steps
from config.supervisor.workstations import WORKSTATIONS, Workstation

# What the preparation's outcome depends on.
SOURCES = ("apps", "config", "agent", "templates", "static", "locale", "requirements", "manage.py")
IGNORED = {"__pycache__"}
IGNORED_SUFFIXES = {".mo", ".new", ".pyc"}


def fingerprint(project: Path, today: date, facts: Iterable[str]) -> str:
    """Changes when a source file, the day (demo slots lie in the coming days) or one of `facts` does."""
    digest = hashlib.sha256(f"{today} {sorted(facts)}".encode())
    for name in SOURCES:
        top = project / name
        for path in [top] if top.is_file() else sorted(top.rglob("*")):
            if path.suffix in IGNORED_SUFFIXES or IGNORED & set(path.parts) or not path.is_file():
                continue
            at = path.stat()
            digest.update(f"{path.relative_to(project)} {at.st_size} {at.st_mtime_ns}\n".encode())
    return digest.hexdigest()


def database_steps(env: Mapping[str, str]) -> list[Step]:
    """Roles and the database as the superuser, tables as the owner, rows as the application.

    The system checks cost a second and run once, with `demo_data`.
    """
    owner = {"DATABASE_URL": env["DATABASE_OWNER_URL"]}
    return [
        Step("create_roles", manage("create_roles")),
        Step(
            "migrate",
            manage("migrate", "--verbosity=0", "--skip-checks"),
            after=("create_roles",),
            env=owner,
        ),
        Step("load_reference", manage("load_reference", "--skip-checks"), after=("migrate",)),
    ]


# Pages name their static files by content, so even a test needs them collected.
STATIC_FILES = Step("collectstatic", manage("collectstatic", "--noinput", "--verbosity=0"))


def test_steps(env: Mapping[str, str]) -> list[Step]:
    """What pytest finds done: it makes its database itself."""
    return [database_steps(env)[0], STATIC_FILES]


def demo_steps(env: Mapping[str, str]) -> list[Step]:
    """Everything a demo needs, the independent things side by side."""
    return [
        *database_steps(env),
        *(step for each in WORKSTATIONS for step in agent_steps(each, env)),
        STATIC_FILES,
        Step("demo_data", manage("demo_data"), after=("load_reference",)),
        Step("demo_history", manage("demo_history"), after=("demo_data",)),
    ]


def agent_steps(workstation: Workstation, env: Mapping[str, str]) -> list[Step]:
    """An agent's key, and the server that it talks to."""
    agent = (sys.executable, "-m", "agent")
    home = {"ANKANG_AGENT_HOME": str(Path(env["ANKANG_VAR"]) / workstation.program)}
    key = f"{workstation.program} key"
    return [
        Step(key, (*agent, "key"), env=home),
        Step(
            f"{workstation.program} trust",
            (*agent, "trust", env["ANKANG_ORIGIN"]),
            after=(key,),
            env=home,
        ),
    ]


def enrolment_step(workstation: Workstation, public_key: str) -> Step:
    """Makes one of the demo's agents a workstation of its institution."""
    return Step(
        f"enrol {workstation.program}",
        manage(
            *("enrol_workstation", "--institution", workstation.institution),
            f"--public-key={public_key}",  # one key in 64 begins with a dash
        ),
    )


def prepare_demo(places: Places, env: Mapping[str, str], say: Callable[[str], None]) -> str:
    """Prepare, unless nothing changed since the last time; returns the table of demo people."""
    compile_catalogues(PROJECT)
    # A database of someone else may have been emptied meanwhile: it is prepared each time.
    embedded = quote(str(places.sockets), safe="") in env["DATABASE_URL"]
    today = datetime.now(ZoneInfo("Asia/Taipei")).date()
    now = fingerprint(PROJECT, today, [env["ANKANG_ORIGIN"], env["DATABASE_URL"]])
    if embedded and _prepared(places) == now and places.demo_people.exists():
        say("nothing changed since the last start ✓")
        return places.demo_people.read_text()
    places.prepared.unlink(missing_ok=True)
    printed = run_steps(demo_steps(env), env=env, cwd=PROJECT, say=say)
    enrolments = [
        enrolment_step(each, printed[f"{each.program} key"].split()[-1]) for each in WORKSTATIONS
    ]
    run_steps(enrolments, env=env, cwd=PROJECT, say=say)
    write_private(places.demo_people, printed["demo_data"])
    write_private(places.prepared, json.dumps({"fingerprint": now}) + "\n")
    return printed["demo_data"]


def _prepared(places: Places) -> str | None:
    try:
        value: str = json.loads(places.prepared.read_text())["fingerprint"]
    except (FileNotFoundError, ValueError, KeyError):
        return None
    return value
