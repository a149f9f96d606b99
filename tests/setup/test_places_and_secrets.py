"""The var folder: private, made once, emptied without touching what is not ours."""

import base64
import json
import os
import stat
import subprocess
import sys
from pathlib import Path

import pytest

from config.supervisor import lock
from config.supervisor.environment import Ports, compose, left_by_running
from config.supervisor.errors import AlreadyRunning, SupervisorError
from config.supervisor.keys import ensure_identity_keys, ensure_secrets, write_private
from config.supervisor.places import (
    LONGEST_SOCKET_FOLDER,
    PROJECT,
    Places,
    empty,
    make_private,
    places_of,
)


@pytest.fixture
def places(tmp_path: Path) -> Places:
    made = Places(tmp_path / "var")
    made.make()
    return made


def permissions(path: Path) -> int:
    return stat.S_IMODE(path.stat().st_mode)


def test_the_var_folder_is_named_by_the_environment_or_lies_in_the_project() -> None:
    assert places_of({"ANKANG_VAR": "/somewhere"}).var == Path("/somewhere")
    assert places_of({}).var == PROJECT / "var"
    assert places_of({}, "test").var == PROJECT / "var" / "test"


def test_a_long_var_folder_gets_a_short_folder_for_sockets(tmp_path: Path) -> None:
    deep = Places(tmp_path / ("x" * 120))
    assert len(os.fsencode(deep.sockets)) <= LONGEST_SOCKET_FOLDER
    assert deep.sockets != Places(tmp_path / ("y" * 120)).sockets


def test_secrets_are_readable_by_their_owner_only(places: Places) -> None:
    ensure_secrets(places)
    ensure_identity_keys(places)
    assert permissions(places.secrets) == 0o600
    assert permissions(places.identity_keys) == 0o600
    for folder in (places.logs, places.redis, places.agent_home, places.demo_ca):
        assert permissions(folder) == 0o700


def test_a_private_file_is_private_whatever_the_umask(places: Places) -> None:
    before = os.umask(0)
    try:
        write_private(places.environment, "{}")
    finally:
        os.umask(before)
    assert permissions(places.environment) == 0o600


def test_secrets_are_made_once_and_completed_later(places: Places) -> None:
    first = ensure_secrets(places)
    assert ensure_secrets(places) == first
    places.secrets.write_text(json.dumps({"SECRET_KEY": first["SECRET_KEY"]}))
    later = ensure_secrets(places)
    assert later["SECRET_KEY"] == first["SECRET_KEY"]
    assert later.keys() == first.keys()
    assert len(first["SECRET_KEY"]) >= 50


def test_identity_keys_are_two_keys_of_256_bits_and_never_replaced(places: Places) -> None:
    path = ensure_identity_keys(places)
    ring = json.loads(path.read_text())
    pair = ring["keys"][ring["current"]]
    assert {len(base64.b64decode(pair[use])) for use in ("lookup", "seal")} == {32}
    assert pair["lookup"] != pair["seal"]
    ensure_identity_keys(places)
    assert json.loads(path.read_text()) == ring


def test_reset_empties_what_is_ours_and_leaves_the_rest(places: Places) -> None:
    ensure_secrets(places)
    (places.var / "celerybeat-schedule.dat").write_text("")
    stranger = places.var / "thesis.txt"
    stranger.write_text("not ours")
    empty(places)
    assert [entry.name for entry in places.var.iterdir()] == ["thesis.txt"]
    assert stranger.read_text() == "not ours"


def test_a_folder_of_someone_else_is_refused(tmp_path: Path) -> None:
    (tmp_path / "real").mkdir()
    (tmp_path / "link").symlink_to(tmp_path / "real")
    with pytest.raises(SupervisorError, match="belongs to someone else"):
        make_private(tmp_path / "link", os.getuid())


def test_a_second_supervisor_says_who_runs_and_stops(places: Places) -> None:
    with lock.hold(places):
        second = subprocess.run(
            [sys.executable, "-m", "config.supervisor", "demo"],
            env={**os.environ, "ANKANG_VAR": str(places.var)},
            cwd=PROJECT,
            capture_output=True,
            text=True,
            check=False,
        )
    assert second.returncode == 1
    assert f"process {os.getpid()}" in second.stderr
    assert "Traceback" not in second.stderr


def test_the_lock_is_free_again_after_its_holder(places: Places) -> None:
    with lock.hold(places), pytest.raises(AlreadyRunning), lock.hold(places):
        pass
    with lock.hold(places):
        assert lock.holder(places) == os.getpid()
    assert lock.stop_holder(places) is False


def exports(places: Places, **environ: str) -> dict[str, str]:
    given = {"DATABASE_URL": "postgresql://app@db/x", "REDIS_URL": "redis://r/0", **environ}
    return compose(places, given, ensure_secrets(places), postgres=None, redis=None)


def test_programs_learn_everything_from_their_environment(places: Places) -> None:
    exported = exports(places, PORT="8080", AGENT_PORT="24800")
    assert exported["ANKANG_ORIGIN"] == "http://localhost:8080"
    assert exported["ANKANG_AGENT_ORIGIN"] == "http://127.0.0.1:24800"
    assert exported["ANKANG_DEMO"] == "1"
    agents = "5901012345=http://127.0.0.1:24800,1101010021=http://127.0.0.1:24805"
    assert exported["ANKANG_DEMO_AGENTS"] == agents
    assert exported["ANKANG_VIRTUAL_CARDS"] == str(places.virtual_cards)
    assert Path(exported["ANKANG_IDENTITY_KEYS"]).exists()


def test_real_servers_are_taken_as_given(places: Places) -> None:
    exported = exports(places)
    assert exported["DATABASE_URL"] == exported["DATABASE_OWNER_URL"] == "postgresql://app@db/x"
    assert exported["REDIS_URL"] == "redis://r/0"
    own = exports(places, DATABASE_OWNER_URL="postgresql://owner@db/x")
    assert own["DATABASE_OWNER_URL"] == "postgresql://owner@db/x"


def test_what_the_person_sets_is_not_overwritten(places: Places) -> None:
    assert exports(places, ANKANG_VIRTUAL_CARDS="/cards")["ANKANG_VIRTUAL_CARDS"] == "/cards"


def test_ports_have_the_defaults_of_the_contract() -> None:
    assert Ports.of({}) == Ports(web=8000, agent=24777, hospital=24782)


def test_another_terminal_finds_the_running_servers(places: Places) -> None:
    assert left_by_running(places) is None
    write_private(places.environment, json.dumps({"REDIS_URL": "redis://here"}))
    found = left_by_running(places)
    assert found is not None
    assert found["REDIS_URL"] == "redis://here"
