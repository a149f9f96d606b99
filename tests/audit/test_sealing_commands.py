"""The commands as an operator and the supervisor run them: processes with their own environment."""

import json
import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import psycopg
import pytest
from django.core.exceptions import ImproperlyConfigured

from apps.audit import keyring
from apps.audit.notes import Checkpoint
from apps.audit.sealing import read_head
from config.environment import read
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER, copy, drop

pytestmark = pytest.mark.django_db
PROJECT = Path(__file__).parents[2]
PATIENCE = 30  # seconds, for processes on a busy machine


def command(*arguments):
    return [sys.executable, "manage.py", *arguments]


def run(log, *arguments, **environment):
    return subprocess.run(
        command(*arguments),
        cwd=PROJECT,
        env=os.environ | log.environment() | environment,
        capture_output=True,
        text=True,
        check=False,
    )


def wait_until(condition):
    deadline = time.monotonic() + PATIENCE
    while not condition():
        assert time.monotonic() < deadline, "nothing happened"
        time.sleep(0.02)


@pytest.fixture
def start(log):
    """`start(...)` runs a command until the test ends."""
    running = []

    def begin(*arguments):
        process = subprocess.Popen(
            command(*arguments),
            cwd=PROJECT,
            env=os.environ | log.environment(),
            stderr=subprocess.PIPE,
            text=True,
        )
        running.append(process)
        return process

    yield begin
    for process in running:
        process.kill()
        process.communicate()


def head(log):
    return read_head(log.reuse("ankang_sealer"))


def test_seal_witness_verify_and_prove(log, tmp_path):
    number = log.append(30)
    assert run(log, "audit_seal", "--once").stdout == "30 events sealed.\n"
    assert run(log, "audit_witness", "--once").stdout == "1 checkpoints cosigned.\n"
    verified = run(log, "audit_verify")
    assert verified.returncode == 0, verified.stderr
    assert f"log key      {LOG_SIGNER.verifier}" in verified.stdout
    assert f"witness key  {WITNESS_SIGNER.verifier}" in verified.stdout
    assert "30 events, 1 checkpoints and 1 cosignatures are as they were sealed" in verified.stdout
    file = tmp_path / "proof.json"
    assert run(log, "audit_proof", str(number), "--output", str(file)).returncode == 0
    assert json.loads(file.read_text("utf-8"))["event"]["id"] == number
    assert log.ask("SELECT object_id FROM audit.event WHERE action = 'search_log'") == str(number)


def test_verify_fails_and_says_where(log):
    log.append(30)
    run(log, "audit_seal", "--once")
    log.tamper("UPDATE audit.event SET reason = 'another' WHERE id = 12")
    done = run(log, "audit_verify")
    assert done.returncode == 1
    assert "shard 1, index 11: event 12 or its leaf was changed" in done.stderr
    done = run(log, "audit_proof", "12")
    assert (done.returncode, done.stdout) == (1, "")
    assert "Run audit_verify" in done.stderr


def test_there_is_no_proof_of_nothing(log):
    done = run(log, "audit_proof", "12")
    assert (done.returncode, done.stdout) == (1, "")
    assert "there is no event 12" in done.stderr


def test_the_process_seals_by_itself_and_ends_when_asked(log, start):
    log.append(3)
    sealer = start("audit_seal", "--every", "0.05")
    wait_until(lambda: head(log).size == 3)
    log.append(2)
    wait_until(lambda: head(log).size == 5)
    sealer.send_signal(signal.SIGTERM)
    assert sealer.wait(PATIENCE) == 0


def test_the_process_outlives_its_connection(log, start):
    start("audit_seal", "--every", "0.05")
    log.append()
    wait_until(lambda: head(log).size == 1)
    log.ask(
        "SELECT count(pg_terminate_backend(pid)) FROM pg_stat_activity "
        "WHERE application_name = 'audit_seal' AND datname = current_database()"
    )
    log.append()
    wait_until(lambda: head(log).size == 2)


def test_a_killed_sealer_is_followed_by_another(log, start):
    log.connect("ankang_app").execute(
        'SELECT audit.append(\'{"action": "log_in"}\') FROM generate_series(1, 20000)'
    )
    killed = start("audit_seal", "--every", "0.05")
    wait_until(lambda: head(log).size > 0)
    killed.kill()
    assert run(log, "audit_seal", "--once").returncode == 0
    assert head(log).size == 20000
    assert run(log, "audit_verify").returncode == 0


class TestARestoredDatabase:
    """Yesterday's dump is put back: the witness remembers more than the database."""

    @pytest.fixture
    def restored(self, log):
        log.append(10)
        run(log, "audit_seal", "--once")
        log.close()
        backup = f"{log.name}_backup"
        with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
            copy(admin, log.name, backup)
            log.append(10)
            run(log, "audit_seal", "--once")
            run(log, "audit_witness", "--once")
            log.close()
            copy(admin, backup, log.name)
            drop(admin, backup)
        log.append(4)
        return log

    def test_f19_is_not_signed_on(self, restored):
        done = run(restored, "audit_seal", "--once")
        assert done.returncode == 1
        assert "behind_witness" in done.stderr
        assert head(restored).size == 10

    def test_f19_goes_on_in_a_new_shard_that_takes_everything_since(self, restored, start):
        start("audit_seal", "--every", "0.05")
        wait_until(lambda: head(restored).shard == 2 and head(restored).size == 5)
        assert restored.ask("SELECT reason FROM audit.event WHERE action = 'open_shard'") == (
            "behind_witness"
        )
        assert run(restored, "audit_witness", "--once").returncode == 1  # it remembers
        done = run(restored, "audit_verify")
        assert "shard 1, index 10: the witness has seen 20 events" in done.stderr


def test_an_operator_opens_a_shard_with_a_reason(log):
    assert run(log, "audit_seal", "--open-shard", "moved").stdout == "Shard 2 is open.\n"
    assert log.ask("SELECT reason FROM audit.event") == "moved"


def test_the_witness_refuses_and_the_command_fails(log):
    log.append()
    run(log, "audit_seal", "--once")
    log.memory.keep(Checkpoint("ankang/1", 9, bytes(32)))
    done = run(log, "audit_witness", "--once")
    assert done.returncode == 1
    assert "shrank from 9 to 1" in done.stderr


@pytest.mark.parametrize("arguments", [("audit_seal", "--once"), ("audit_witness", "--once")])
def test_no_key_stands_in_what_is_printed(log, arguments):
    log.append()
    done = run(log, *arguments)
    for name in ("ANKANG_SEALING_KEY", "ANKANG_WITNESS_KEY"):
        assert log.environment()[name] not in done.stdout + done.stderr


class TestTheKeyring:
    def test_finds_the_database_as_another_role(self, monkeypatch):
        monkeypatch.delenv("DATABASE_SEALER_URL", raising=False)
        monkeypatch.setenv("DATABASE_URL", "postgresql://ankang_app:secret@db:5432/ankang")
        assert keyring.sealer_url() == "postgresql://ankang_sealer@db:5432/ankang"
        assert keyring.witness_url() == "postgresql://ankang_witness@db:5432/ankang"

    def test_takes_the_url_that_is_given(self, monkeypatch):
        monkeypatch.setenv("DATABASE_SEALER_URL", "postgresql://ankang_sealer:other@db/ankang")
        assert keyring.sealer_url() == "postgresql://ankang_sealer:other@db/ankang"

    def test_verifies_without_private_keys(self, monkeypatch):
        monkeypatch.setenv("ANKANG_SEALING_VERIFIER", str(LOG_SIGNER.verifier))
        monkeypatch.setenv("ANKANG_WITNESS_VERIFIER", str(WITNESS_SIGNER.verifier))
        monkeypatch.setenv("ANKANG_SEALING_KEY", "not a key")
        assert keyring.log_verifier() == LOG_SIGNER.verifier
        assert keyring.witness_verifier() == WITNESS_SIGNER.verifier

    def test_says_which_key_is_broken_but_not_how(self, monkeypatch):
        monkeypatch.setenv("ANKANG_SEALING_KEY", "***")
        with pytest.raises(ImproperlyConfigured, match="ANKANG_SEALING_KEY is not base64"):
            keyring.log_signer()
