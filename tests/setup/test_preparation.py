"""Preparation happens when something changed, in an order that respects the roles."""

import os
from datetime import date
from pathlib import Path

import pytest

from config.supervisor.catalogs import compile_catalogues, outdated
from config.supervisor.preparation import demo_steps, enrolment_step, fingerprint
from config.supervisor.workstations import WORKSTATIONS, Workstation

TODAY = date(2026, 11, 21)
ENVIRONMENT = {
    "DATABASE_OWNER_URL": "owner",
    "ANKANG_ORIGIN": "http://localhost:8000",
    "ANKANG_VAR": "var",
}


@pytest.fixture
def project(tmp_path: Path) -> Path:
    (tmp_path / "apps" / "core").mkdir(parents=True)
    (tmp_path / "apps" / "core" / "models.py").write_text("a = 1\n")
    (tmp_path / "manage.py").write_text("")
    return tmp_path


def test_nothing_changed_means_the_same_fingerprint(project: Path) -> None:
    before = fingerprint(project, TODAY, ["x"])
    (project / "apps" / "__pycache__").mkdir()
    (project / "apps" / "__pycache__" / "models.pyc").write_text("")
    assert fingerprint(project, TODAY, ["x"]) == before


def test_a_changed_file_a_new_day_or_another_origin_change_it(project: Path) -> None:
    before = fingerprint(project, TODAY, ["x"])
    assert fingerprint(project, date(2026, 11, 22), ["x"]) != before
    assert fingerprint(project, TODAY, ["y"]) != before
    (project / "apps" / "core" / "models.py").write_text("a = 22\n")
    assert fingerprint(project, TODAY, ["x"]) != before


def test_only_migrations_run_as_the_owner() -> None:
    as_owner = [
        step.name for step in demo_steps(ENVIRONMENT) if step.env.get("DATABASE_URL") == "owner"
    ]
    assert as_owner == ["migrate"]


def test_roles_come_before_tables_before_reference_before_demo_data() -> None:
    order = {step.name: step.after for step in demo_steps(ENVIRONMENT)}
    assert order["create_roles"] == ()
    assert order["migrate"] == ("create_roles",)
    assert order["load_reference"] == ("migrate",)
    assert order["demo_data"] == ("load_reference",)


@pytest.mark.parametrize("workstation", WORKSTATIONS, ids=lambda each: each.program)
def test_each_of_the_demos_agents_stands_in_its_institution(workstation: Workstation) -> None:
    """Also when its key begins with a dash, as one in 64 does."""
    key = "-" + "x" * 42
    command = enrolment_step(workstation, key).command
    assert command[-3:] == ("--institution", workstation.institution, f"--public-key={key}")


def test_each_of_the_demos_agents_has_a_key_and_a_home_of_its_own() -> None:
    steps = {step.name: step for step in demo_steps(ENVIRONMENT)}
    homes = [steps[f"{each.program} key"].env["ANKANG_AGENT_HOME"] for each in WORKSTATIONS]
    assert homes == ["var/agent", "var/agent-hospital"]
    assert all(steps[f"{each.program} trust"].after for each in WORKSTATIONS)


def test_catalogues_are_compiled_when_older_than_their_source(tmp_path: Path) -> None:
    source = tmp_path / "locale" / "zh_Hant" / "LC_MESSAGES" / "django.po"
    source.parent.mkdir(parents=True)
    header = 'msgid ""\nmsgstr "Content-Type: text/plain; charset=utf-8\\n"\n\n'
    source.write_text(f'{header}msgid "Hello"\nmsgstr "您好"\n')
    assert compile_catalogues(tmp_path) == [source]
    assert "您好" in source.with_suffix(".mo").read_bytes().decode(errors="replace")
    assert compile_catalogues(tmp_path) == []
    later = source.with_suffix(".mo").stat().st_mtime + 5
    os.utime(source, (later, later))
    assert outdated(tmp_path) == [source]
