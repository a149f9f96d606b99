"""A month leaves the log: exported, verified, dropped by its own role; its proofs stay, and it is told."""

import gzip
import json
import os
import subprocess
import sys
from datetime import date

import psycopg
import pytest

from apps.audit.archives import ArchiveWrong, read_archive, write_archive
from apps.audit.verification import Verification
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER

MONTH = date(2019, 3, 1)


@pytest.fixture
def old(log):
    """Three events of March 2019 between others, sealed."""
    log.tamper(
        "CREATE TABLE audit.event_2019_03 PARTITION OF audit.event "
        "FOR VALUES FROM ('2019-03-01') TO ('2019-04-01')"
    )
    log.tamper("ALTER TABLE audit.event_2019_03 OWNER TO ankang_audit")
    log.append(2)
    for number in [log.append() for _ in range(3)]:
        log.tamper(
            "UPDATE audit.event SET recorded_at = '2019-03-0%s' WHERE id = %%s" % (number % 9 + 1),
            number,
        )
    log.append(2)
    log.sealer().seal()
    return log


def verify(log, **options):
    connection = log.connect("ankang_app")
    checks = {"log": LOG_SIGNER.verifier, "witness": WITNESS_SIGNER.verifier, "memory": None}
    return Verification(connection, **checks | options).run()


def retire(log, folder, role="ankang_retention"):
    connection = log.connect(role)
    archive = write_archive(connection, month=MONTH, path=folder / "access-log-2019-03.ndjson.gz")
    connection.execute(
        "SELECT audit.retire_month(%s, %s, %s)", [MONTH, archive.events, archive.sha256]
    )
    return archive


def test_the_archive_holds_every_event_as_it_was_sealed(old, tmp_path):
    archive = write_archive(old.connect("ankang_retention"), month=MONTH, path=tmp_path / "a.gz")
    lines = list(read_archive(archive.path))
    assert [line["index"] for line in lines] == [2, 3, 4]
    assert all(line["event"]["action"] == "log_in" for line in lines)
    assert archive.events == 3


def test_the_month_is_gone_and_everything_else_verifies(old, tmp_path):
    retire(old, tmp_path)
    assert old.ask("SELECT count(*) FROM audit.event WHERE recorded_at < '2020-01-01'") == 0
    old.sealer().seal()  # the event of the retiring
    report = verify(old)
    assert report.findings == []
    assert (report.retired, report.sealed) == (3, 8)


def test_that_it_went_is_an_event(old, tmp_path):
    archive = retire(old, tmp_path)
    last = old.ask("SELECT detail ->> 'sha256' FROM audit.event ORDER BY id DESC LIMIT 1")
    assert last == archive.sha256
    assert old.ask("SELECT object_id FROM audit.event ORDER BY id DESC LIMIT 1") == "2019-03"


def test_the_archive_proves_itself_by_the_tiles_that_stayed(old, tmp_path):
    archive = retire(old, tmp_path)
    assert verify(old, archives=tmp_path).findings == []
    changed = [json.dumps(line) for line in read_archive(archive.path)]
    changed[1] = changed[1].replace("log_in", "log_out")
    with gzip.open(archive.path, "wt") as file:
        file.write("\n".join(changed) + "\n")
    (finding,) = verify(old, archives=tmp_path).findings
    assert "2019-03" in finding.what


class TestNothingIsRetired:
    def test_that_is_not_sealed(self, old, tmp_path):
        number = old.append()
        old.tamper("UPDATE audit.event SET recorded_at = '2019-03-30' WHERE id = %s", number)
        with pytest.raises(ArchiveWrong, match="not sealed"):
            write_archive(old.connect("ankang_retention"), month=MONTH, path=tmp_path / "a.gz")
        with pytest.raises(psycopg.DataError, match="not sealed"):
            old.connect("ankang_retention").execute(
                "SELECT audit.retire_month(%s, 4, %s)", [MONTH, "0" * 64]
            )

    def test_that_was_changed(self, old, tmp_path):
        old.tamper("UPDATE audit.event SET reason = 'x' WHERE recorded_at < '2020-01-01'")
        with pytest.raises(ArchiveWrong, match="not what was sealed"):
            write_archive(old.connect("ankang_retention"), month=MONTH, path=tmp_path / "a.gz")
        assert list(tmp_path.glob("a*")) == []

    def test_of_which_less_was_archived(self, old):
        with pytest.raises(psycopg.DataError, match="archived"):
            old.connect("ankang_retention").execute(
                "SELECT audit.retire_month(%s, 2, %s)", [MONTH, "0" * 64]
            )

    @pytest.mark.parametrize("month", ["2019-03-02", "now", "2018-01-01"])
    def test_that_is_no_old_month(self, old, month):
        with pytest.raises(psycopg.DataError):
            old.connect("ankang_retention").execute(
                "SELECT audit.retire_month(date_trunc('day', %s::timestamptz)::date, 3, %s)",
                [month, "0" * 64],
            )

    @pytest.mark.parametrize("role", ["ankang_app", "ankang_sealer", "ankang_witness"])
    def test_by_another_role(self, old, role):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            old.connect(role).execute("SELECT audit.retire_month(%s, 3, %s)", [MONTH, "0" * 64])

    def test_by_the_retention_role_past_the_function(self, old):
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            old.connect("ankang_retention").execute("DROP TABLE audit.event_2019_03")


def test_what_vanished_without_being_retired_is_still_found(old):
    old.tamper("DELETE FROM audit.event WHERE recorded_at < '2020-01-01'")
    (finding,) = verify(old).findings
    assert finding.index == 2


def test_the_command_with_a_dry_run_first(old, tmp_path):
    def run(*more):
        return subprocess.run(
            [sys.executable, "manage.py", "retire_month", "2019-03", "--archive", tmp_path, *more],
            env={**os.environ, **old.environment()},
            capture_output=True,
            text=True,
            check=False,
        )

    dry = run("--dry-run")
    assert (dry.returncode, "stays in the log" in dry.stdout) == (0, True), dry.stderr
    assert old.ask("SELECT count(*) FROM audit.event WHERE recorded_at < '2020-01-01'") == 3
    assert "never written over" in run().stderr
    (tmp_path / "access-log-2019-03.ndjson.gz").unlink()
    assert "has left the log" in run().stdout
