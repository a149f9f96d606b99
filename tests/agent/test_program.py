"""The agent as one file: built, started and exchanged as on a workstation without Python (issue 7)."""

import base64
import fcntl
import json
import os
import shutil
import subprocess
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from zipfile import ZipFile

import httpx
import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PrivateKey

from agent import __version__
from agent.frozen import program_name
from agent.update import RELEASE_KEY
from config.supervisor.places import PROJECT
from config.supervisor.ports import free_port
from deploy.agent.bundle import sign_bundle
from deploy.agent.program import cached_program
from tests.agent.waiting import wait_until

CACHE = PROJECT / "var" / "agent-program"
NO_PYTHON = ("PYTHONPATH", "PYTHONHOME", "VIRTUAL_ENV")


@pytest.fixture(scope="module")
def program() -> Path:
    """Built once for each state of the source; test runs beside each other wait for one another."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        return cached_program(CACHE)


@pytest.fixture
def environ(tmp_path: Path, cards: Path) -> dict[str, str]:
    """A user's, with a folder of cards and a port that nobody has."""
    kept = {name: value for name, value in os.environ.items() if name not in NO_PYTHON}
    return kept | {
        "ANKANG_AGENT_HOME": str(tmp_path / "home"),
        "ANKANG_VIRTUAL_CARDS": str(cards),
        "AGENT_PORT": str(free_port()),
    }


@contextmanager
def serving(program: Path, environ: dict[str, str], log: Path) -> Iterator[httpx.Client]:
    with (
        log.open("wb") as written,
        subprocess.Popen(
            [program], env=environ, cwd=log.parent, stdout=written, stderr=written
        ) as running,
    ):
        origin = f"http://127.0.0.1:{environ['AGENT_PORT']}"
        try:
            with httpx.Client(base_url=origin, timeout=30, trust_env=False) as http:
                wait_until(lambda: _answers(http, running, log), "the agent answers", seconds=60)
                yield http
            assert running.wait(30) in {0, -15}
        finally:
            running.kill()


def _answers(http: httpx.Client, running: "subprocess.Popen[bytes]", log: Path) -> bool:
    assert running.poll() is None, log.read_text()
    try:
        return http.get("/status.json").status_code == httpx.codes.OK
    except httpx.HTTPError:
        return False


def call(program: Path, environ: dict[str, str], *arguments: str) -> str:
    ended = subprocess.run(
        [program, *arguments], env=environ, capture_output=True, text=True, check=False
    )
    assert ended.returncode == 0, ended.stderr
    return ended.stdout


def test_it_serves_pages_status_and_his_and_ends(
    program: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    with serving(program, environ, tmp_path / "log") as http:
        status = http.get("/status.json").json()
        assert status["version"] == __version__
        assert len(status["readers"]) == 2
        assert "讀卡機" in http.get("/").text
        english = http.get("/", headers={"Cookie": "ankang_agent_language=en"})
        assert "Card readers" in english.text
        assert http.get("/static/agent.css").status_code == httpx.codes.OK
        assert http.get("/diagnosis").status_code == httpx.codes.OK
        http.post("/virtual/insert", json={"reader": 0, "card": "nhi-wang"})
        token = (tmp_path / "home" / "his.token").read_text().strip()
        headers = {"Authorization": f"Bearer {token}"}
        told = http.post("/his/hisGetBasicData", json={}, headers=headers).json()
        assert len(base64.b64decode(told["buffer"])) == 72
        assert told["message"] == "完成"
        assert "[程式與版本]" in call(program, environ, "diagnose")
        assert call(program, environ, "end").strip() == "ended"


def test_it_loads_a_card_library_in_a_process_of_its_own(
    program: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    order = json.dumps({"do": "look", "module": str(tmp_path / "none.so")}) + "\n"
    ended = subprocess.run(
        [program, "card-module"],
        env=environ,
        input=order,
        capture_output=True,
        text=True,
        check=False,
    )
    assert json.loads(ended.stdout)["error"] == "card_module_missing"


def test_25_it_is_exchanged_by_a_signed_bundle_only(
    program: Path, environ: dict[str, str], tmp_path: Path
) -> None:
    key = Ed25519PrivateKey.generate()
    here, bundle = tmp_path / "ankang-agent", tmp_path / "bundle"
    shutil.copy(program, here)
    bundle.mkdir()
    (bundle / program_name("9.0")).write_bytes(b"#!/bin/sh\necho 9.0\n")
    sign_bundle(bundle, Ed25519PrivateKey.generate(), version="9.0")
    home = Path(environ["ANKANG_AGENT_HOME"])
    home.mkdir()
    (home / RELEASE_KEY).write_text(base64.b64encode(key.public_key().public_bytes_raw()).decode())
    refused = subprocess.run([here, "update", bundle], env=environ, check=False)
    assert refused.returncode == 2
    assert call(here, environ, "--version").strip() == __version__
    sign_bundle(bundle, key, version="9.0")
    with ZipFile(tmp_path / "bundle.zip", "w") as packed:
        for path in bundle.iterdir():
            packed.write(path, path.name)
    assert "9.0" in call(here, environ, "update", str(tmp_path / "bundle.zip"))
    assert call(here, environ, "--version").strip() == "9.0"
