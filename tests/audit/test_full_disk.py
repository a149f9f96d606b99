"""F14 for real: a server of its own on a small tmpfs, filled to the last byte (security reference).

Its data and its write-ahead log, the witness's file and the journal of a downtime stand on it. Only
root can mount one; without root `test_faults.py` has the error that PostgreSQL gives, by a trigger.
"""

import os
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path

import psycopg
import pytest
from django.db import close_old_connections, connection

from apps.audit import marks
from apps.audit.actors import Actor
from apps.audit.downtime import journal
from apps.audit.events import event
from apps.audit.roles import make_roles
from apps.audit.services import LogUnavailable, record
from apps.audit.terms import Action
from apps.audit.verification import Verification
from apps.audit.witness import Witness
from config.supervisor import processes
from config.supervisor.places import Places
from config.supervisor.postgres import START_TIMEOUT, SUPERUSER, EmbeddedPostgres
from tests.audit import sealed
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER, SealedLog

SIZE = "160m"  # an empty cluster takes about 60, one segment of its log 16
MOST = 5000  # events until a full disk has to show; a page holds about ten
NAME = "ankang"

pytestmark = pytest.mark.skipif(
    sys.platform != "linux" or os.geteuid() != 0, reason="only root can mount a small disk"
)


@dataclass
class Disk:
    """A volume that ends, and the server on it."""

    folder: Path
    server: EmbeddedPostgres
    log: SealedLog

    def fill(self) -> None:
        """To the last byte: whatever needs a further page finds none."""
        with (self.folder / "filler").open("ab", buffering=0) as file:
            for piece in (1 << 20, 1 << 12, 1):
                try:
                    while file.write(bytes(piece)):
                        pass
                except OSError:
                    continue

    def clear(self) -> None:
        (self.folder / "filler").unlink()

    def come_back(self) -> None:
        """It recovers by itself, or has ended: then whoever supervises it starts it, and nothing else."""
        self.log.close()
        deadline = time.monotonic() + START_TIMEOUT
        while True:
            assert self.server.process is not None
            if processes.has_ended(self.server.process):
                self.server.start()
            try:
                psycopg.connect(self.server.url(SUPERUSER, NAME)).close()
            except psycopg.OperationalError:
                assert time.monotonic() < deadline
                time.sleep(0.05)
            else:
                return


@pytest.fixture
def disk(monkeypatch, settings, django_db_blocker) -> Iterator[Disk]:
    """Django's connection is on this server too, and every URL that a test reads."""
    with tempfile.TemporaryDirectory(prefix="ankang-disk-") as name:
        places = Places(Path(name))
        places.postgres.mkdir()
        places.logs.mkdir()
        subprocess.run(
            ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(places.postgres)],
            check=True,
        )
        server = EmbeddedPostgres(places)
        try:
            server.start()
            server.wait_ready()
            monkeypatch.setenv("DATABASE_ADMIN_URL", server.url(SUPERUSER, "postgres"))
            with psycopg.connect(server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
                make_roles(admin, passwords={})
            sealed.make_template(NAME)
            monkeypatch.setitem(connection.settings_dict, "HOST", str(places.sockets))
            monkeypatch.setitem(connection.settings_dict, "NAME", NAME)
            folder = places.postgres / "beside"
            folder.mkdir()
            settings.DOWNTIME = folder / "downtime"
            with django_db_blocker.unblock():
                connection.close()
                log = SealedLog(NAME, folder)
                yield Disk(places.postgres, server, log)
                log.close()
                connection.close()
        finally:
            server.stop()
            subprocess.run(["umount", str(places.postgres)], check=True)


def _mount(folder: Path) -> None:
    done = subprocess.run(
        ["mount", "-t", "tmpfs", "-o", f"size={SIZE}", "tmpfs", str(folder)],
        capture_output=True,
        text=True,
        check=False,
    )
    if done.returncode:
        pytest.skip(f"this machine lets root mount nothing: {done.stderr.strip()}")


def look(service: str = "VBK") -> int:
    close_old_connections()  # as at the beginning of each request
    return record(event(Action.SHOW_BOOKING, by=Actor.system("test"), service=service))


def until_it_fails(deed: Callable[[], int], error: type[Exception]) -> tuple[list[int], Exception]:
    """Everything that was acknowledged before the first failure, and that failure."""
    done: list[int] = []
    try:
        while len(done) < MOST:
            done += [deed()]
    except error as failure:
        return done, failure
    raise AssertionError("the full disk takes everything")


def numbers(disk: Disk) -> set[int]:
    found = disk.log.reuse("ankang_app").execute("SELECT id FROM audit.event").fetchall()
    return {row[0] for row in found}


def verify(disk: Disk):
    return Verification(
        disk.log.connect("ankang_app"),
        log=LOG_SIGNER.verifier,
        witness=WITNESS_SIGNER.verifier,
        memory=disk.log.memory,
    ).run()


def cosign(disk: Disk) -> int:
    connection = disk.log.connect("ankang_witness")
    return Witness(
        connection, signer=WITNESS_SIGNER, log=LOG_SIGNER.verifier, memory=disk.log.memory
    ).look()


def seal_all(disk: Disk) -> None:
    sealer = disk.log.sealer()
    while sealer.seal():
        pass


def test_f14_refuses_and_goes_on_when_there_is_room_again(disk):
    acknowledged = [look() for _ in range(20)]
    seal_all(disk)
    disk.fill()
    acknowledged += until_it_fails(look, LogUnavailable)[0]
    with pytest.raises(LogUnavailable):
        look()
    disk.clear()
    acknowledged.append(look())
    assert numbers(disk) == set(acknowledged)
    seal_all(disk)
    cosign(disk)
    report = verify(disk)
    assert (report.findings, report.sealed, report.unsealed) == ([], len(acknowledged), 0)


def test_f14_the_sealer_signs_nothing_that_it_cannot_store(disk):
    disk.log.reuse("ankang_app").execute(
        'SELECT audit.append(\'{"action": "log_in"}\') FROM generate_series(1, %s)', [MOST]
    )
    sealer = disk.log.sealer(batch=1)
    sealer.seal()
    disk.fill()
    more, failure = until_it_fails(sealer.seal, psycopg.OperationalError)
    assert failure.sqlstate == "53100"
    assert disk.log.ask("SELECT max(size) FROM audit.checkpoint") == 1 + len(more)
    disk.clear()
    sealer.seal()  # the very same one goes on
    seal_all(disk)
    report = verify(disk)
    assert (report.findings, report.sealed) == ([], MOST)


def test_f14_the_witness_forgets_nothing_and_cosigns_later(disk):
    look()
    seal_all(disk)
    cosign(disk)
    seen = disk.log.memory.path.read_bytes()
    look()
    seal_all(disk)
    disk.fill()
    with pytest.raises(OSError, match="No space left"):
        cosign(disk)
    assert disk.log.memory.path.read_bytes() == seen
    disk.clear()
    assert cosign(disk) == 1
    assert verify(disk).findings == []


def test_f14_without_room_for_log_and_journal_imq_stops_too(disk, monkeypatch):
    """What was kept stays readable; the line that found no room was not answered and counts as torn."""
    monkeypatch.setattr(marks, "_redis", unreachable)
    look()
    disk.fill()
    until_it_fails(look, LogUnavailable)
    kept, refusal = until_it_fails(lambda: look("IMQ"), LogUnavailable)
    assert refusal.reason == "event_not_kept_either"
    assert [each.event["service"] for each in journal().entries()] == ["IMQ"] * len(kept)
    disk.clear()
    assert look("IMQ") > 0


def unreachable():
    import redis

    raise redis.ConnectionError


def test_f14_the_write_ahead_log_finds_no_room(disk):
    """PostgreSQL gives up then (PANIC) and comes back with everything that was acknowledged."""
    acknowledged = [look() for _ in range(20)]
    disk.fill()
    with psycopg.connect(disk.server.url(SUPERUSER, "postgres"), autocommit=True) as admin:
        until_it_fails(lambda: write_log(admin), psycopg.OperationalError)
    for _ in range(2):
        with pytest.raises(LogUnavailable):
            look()
    disk.clear()
    disk.come_back()
    acknowledged.append(look())
    assert set(acknowledged) <= numbers(disk)
    seal_all(disk)
    cosign(disk)
    assert verify(disk).findings == []


def write_log(admin: psycopg.Connection) -> int:
    """A segment of its own for a megabyte."""
    admin.execute("SELECT pg_switch_wal()")
    admin.execute("SELECT pg_logical_emit_message(true, 'test', repeat('x', 1000000))")
    return 0
