"""What is installed is pinned by hash, the same everywhere, and explained."""

import re
from pathlib import Path

import pytest

from config.supervisor.places import PROJECT

FOLDER = PROJECT / "requirements"
LOCKS = ["base", "demo", "workstation", "packaging", "all"]
PINNED = re.compile(r"^(?P<name>[a-z0-9._-]+)(\[[a-z,]+\])?==(?P<version>\S+)")


def normal(name: str) -> str:
    return re.sub(r"[-_.]+", "-", name).lower()


def entries(lock: str) -> list[str]:
    """The requirements of a lock, continuation lines joined."""
    return (FOLDER / f"{lock}.txt").read_text().replace("\\\n", " ").splitlines()


def versions(lock: str) -> dict[str, str]:
    found = [PINNED.match(entry) for entry in entries(lock)]
    return {normal(match["name"]): match["version"] for match in found if match}


def direct(source: str) -> set[str]:
    lines = (FOLDER / f"{source}.in").read_text().splitlines()
    wanted = [line for line in lines if line and not line.startswith(("#", "-"))]
    return {normal(re.split(r"[\[=<>]", line)[0]) for line in wanted}


@pytest.mark.parametrize("lock", LOCKS)
def test_every_requirement_is_pinned_with_its_hashes(lock: str) -> None:
    for entry in entries(lock):
        assert PINNED.match(entry), entry
        assert "--hash=sha256:" in entry, entry


@pytest.mark.parametrize("path", sorted(FOLDER.iterdir()), ids=lambda path: path.name)
def test_no_requirements_file_names_a_registry(path: Path) -> None:
    text = path.read_text()
    for word in ("://", "--index", "--extra-index", "--find-links", "-f ", "@ "):
        assert word not in text


def test_the_locks_agree_on_every_version() -> None:
    everything = versions("all")
    for lock in ("base", "demo"):
        assert versions(lock).items() <= everything.items()
    assert versions("base").items() <= versions("demo").items()
    for lock in ("workstation", "packaging"):
        shared = versions(lock).keys() & everything.keys()
        assert all(versions(lock)[name] == everything[name] for name in shared)


def test_what_is_asked_for_is_locked() -> None:
    assert direct("base") <= versions("base").keys()
    assert direct("embedded") <= versions("demo").keys()
    assert direct("dev") <= versions("all").keys()
    assert direct("workstation") <= versions("workstation").keys()
    assert direct("packaging") <= versions("packaging").keys()


def test_servers_carry_no_test_tools_and_no_embedded_servers() -> None:
    assert not (direct("dev") | direct("embedded")) & versions("base").keys()


def test_each_direct_dependency_has_its_reason_written_down() -> None:
    decision = (PROJECT / "docs" / "adr" / "0001-dependencies.md").read_text().lower()
    sources = ("base", "embedded", "dev", "workstation", "packaging")
    asked = set().union(*(direct(source) for source in sources))
    unexplained = {name for name in asked if not re.search(rf"[| ,]{name}\b", decision)}
    assert not unexplained
