"""The commands of DESIGN 7 are there for people and for CI."""

import re
import subprocess

import pytest

from config.supervisor.places import PROJECT

TARGETS = ["demo", "demo-reset", "test", "check", "bench", "messages", "lock", "agent-program"]


@pytest.mark.parametrize("target", TARGETS)
def test_make_knows_the_target_and_explains_it(target: str) -> None:
    dry_run = subprocess.run(
        ["make", "--dry-run", target], cwd=PROJECT, capture_output=True, text=True, check=False
    )
    assert dry_run.returncode == 0, dry_run.stderr
    told = subprocess.run(["make"], cwd=PROJECT, capture_output=True, text=True, check=True).stdout
    assert re.search(rf"^  make {target} +\S", told, re.MULTILINE)


def test_an_installed_environment_is_not_installed_again() -> None:
    makefile = (PROJECT / "Makefile").read_text()
    assert "cksum requirements/$(1).txt" in makefile
    assert "--require-hashes" in makefile


def test_ci_runs_check_and_test_and_nothing_else() -> None:
    lines = [
        line
        for line in (PROJECT / ".ci" / "run").read_text().splitlines()
        if line and not line.startswith("#")
    ]
    assert lines[0] == "set -euo pipefail"
    assert lines[1].startswith("cd ")
    assert lines[2:] == ["make check", "make test"]


@pytest.mark.parametrize("script", ["run", "system-packages"])
def test_ci_scripts_are_executable_and_parse(script: str) -> None:
    path = PROJECT / ".ci" / script
    assert path.stat().st_mode & 0o111
    subprocess.run(["bash", "-n", str(path)], check=True)


def test_the_licence_is_apache() -> None:
    text = (PROJECT / "LICENSE").read_text()
    assert "Apache License" in text
    assert "Version 2.0" in text
