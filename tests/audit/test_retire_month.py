"""A month leaves the log: exported, verified, dropped by its own role; its proofs stay, and it is told."""

import gzip
import json
import os
import subprocess
import sys
import tracemalloc

import psycopg
import pytest

from apps.audit import archives
from apps.audit.archives import ArchiveWrong, read_archive, write_archive
from apps.audit.merkle import InvalidProof
from apps.audit.proofs import NotProvable, as_tlog_proof, make_proof
from apps.audit.verification import Verification
from tests.audit import outsider
from tests.audit.sealed import LOG_SIGNER, MONTH, WITNESS_SIGNER, retire


def verify(log, **options):
    connection = log.connect("ankang_app")
    checks = {"log": LOG_SIGNER.verifier, "witness": WITNESS_SIGNER.verifier, "memory": None}
    return Verification(connection, **checks | options).run()


def test_the_archive_holds_every_event_as_it_was_sealed(old, tmp_path):
    archive = write_archive(old.connect("ankang_retention"), month=MONTH, path=tmp_path / "a.gz")
    lines = list(read_archive(archive.path))
    assert [line["index"] for line in lines] == [2, 3, 4]
    assert all(line["event"]["action"] == "log_in" for line in lines)
    assert archive.events == 3


def test_memory_does_not_grow_with_the_month(old, tmp_path, monkeypatch):
    """Four times as many events, and at most as many of them in memory at once."""
    monkeypatch.setattr(archives, "AT_ONCE", 200)
    peaks = []
    for number, more in enumerate((1500, 4500)):
        fill(old, more)
        connection = old.connect("ankang_retention")
        tracemalloc.start()
        archive = write_archive(connection, month=MONTH, path=tmp_path / f"{number}.gz")
        peaks.append(tracemalloc.get_traced_memory()[1])
        tracemalloc.stop()
    assert archive.events == 6003
    assert peaks[1] < 1.1 * peaks[0]


def fill(log, count: int) -> None:
    """More events of March, sealed."""
    number = log.ask("SELECT max(id) FROM audit.event")
    log.reuse("ankang_app").execute(
        'SELECT audit.append(\'{"action": "log_in"}\') FROM generate_series(1, %s)', [count]
    )
    log.tamper("UPDATE audit.event SET recorded_at = '2019-03-20' WHERE id > %s", number)
    sealer = log.sealer()
    while sealer.seal():
        pass


def test_an_event_with_two_leaves_is_not_retired(old, tmp_path):
    old.tamper(
        "INSERT INTO audit.tile (first, shard, level, hashes, events) "
        "SELECT first, 2, 0, hashes, events FROM audit.tile WHERE level = 0"
    )
    with pytest.raises(ArchiveWrong, match="6 leaves stand for 3 events"):
        write_archive(old.connect("ankang_retention"), month=MONTH, path=tmp_path / "a.gz")
    assert list(tmp_path.glob("a*")) == []


def test_what_the_disk_changed_while_it_was_written_is_not_retired(old, tmp_path, monkeypatch):
    def read_wrong(path):
        return [line | {"index": line["index"] + 1} for line in read_archive(path)]

    monkeypatch.setattr(archives, "read_archive", read_wrong)
    with pytest.raises(ArchiveWrong, match="does not hold what was written"):
        write_archive(old.connect("ankang_retention"), month=MONTH, path=tmp_path / "a.gz")
    assert list(tmp_path.glob("a*")) == []


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
    assert (finding.shard, finding.index) == (1, 3)
    assert "2019-03" in finding.what


def change(number, **parts):
    """Of the lines, this one with other parts."""
    return lambda lines: [line | parts if at == number else line for at, line in enumerate(lines)]


def swap_salts(lines):
    return [
        *(
            line | {"salt": other["salt"]}
            for line, other in zip(lines[:2], lines[1::-1], strict=True)
        ),
        *lines[2:],
    ]


LINES = {
    "a line taken out": (lambda lines: lines[:1] + lines[2:], 3),
    "another salt": (change(0, salt="00" * 16), 2),
    "no salt at all": (change(2, salt="x"), 0),
    "swapped salts": (swap_salts, 2),
    "another place": (change(1, index=900), 900),
    "a line twice": (lambda lines: [*lines, lines[0]], 0),
    "nothing left": (lambda lines: [], 2),
}


@pytest.mark.parametrize("name", LINES)
def test_an_archive_that_was_changed_names_its_first_bad_index(old, tmp_path, name):
    archive = retire(old, tmp_path)
    tamper, index = LINES[name]
    lines = tamper(list(read_archive(archive.path)))
    with gzip.open(archive.path, "wt") as file:
        file.write("".join(f"{json.dumps(line)}\n" for line in lines))
    (finding,) = verify(old, archives=tmp_path).findings
    assert finding.index == index


@pytest.mark.parametrize("cut", [1, 20, -5])
def test_a_damaged_archive_is_a_finding_and_no_crash(old, tmp_path, cut):
    archive = retire(old, tmp_path)
    archive.path.write_bytes(archive.path.read_bytes()[:cut])
    (finding,) = verify(old, archives=tmp_path).findings
    assert "damaged" in finding.what


class TestProofsAfterwards:
    """Years later: the event is in the archive alone, tiles and checkpoints are still here."""

    NUMBER = 4  # the second of the three events of March

    def test_the_outsiders_program_proves_it(self, old, tmp_path):
        archive = retire(old, tmp_path)
        bundle = make_proof(old.connect("ankang_app"), number=self.NUMBER, archives=tmp_path)
        assert bundle["event"]["recorded_at"].startswith("2019-03-")
        file = tmp_path / "proof.json"
        file.write_text(json.dumps(bundle))
        done = subprocess.run(
            [
                sys.executable,
                "docs/reference/verify_proof.py",
                file,
                "--log-key",
                str(LOG_SIGNER.verifier),
            ],
            capture_output=True,
            text=True,
            check=False,
        )
        assert (done.returncode, done.stderr) == (0, "")
        assert "Proven: index 3 of 7 entries" in done.stdout
        assert archive.events == 3

    def test_so_does_the_verifier_that_knows_the_public_texts_only(self, old, tmp_path):
        retire(old, tmp_path)
        bundle = make_proof(old.connect("ankang_app"), number=self.NUMBER, archives=tmp_path)
        text = as_tlog_proof(bundle)
        entry, index, _ = outsider.verify_tlog_proof(text, str(LOG_SIGNER.verifier), [])
        assert (json.loads(entry[:-16])["id"], index) == (self.NUMBER, 3)

    def test_the_tree_may_have_grown_meanwhile(self, old, tmp_path):
        retire(old, tmp_path)
        old.append(300)
        old.sealer().seal()
        bundle = make_proof(old.connect("ankang_app"), number=self.NUMBER, archives=tmp_path)
        assert "ankang/1\n308\n" in bundle["checkpoint"]

    def test_without_the_archive_it_says_which_month_is_needed(self, old, tmp_path):
        retire(old, tmp_path)
        with pytest.raises(NotProvable, match="2019-03; its proof needs the archive"):
            make_proof(old.connect("ankang_app"), number=self.NUMBER)
        with pytest.raises(NotProvable, match="is not in"):
            make_proof(old.connect("ankang_app"), number=self.NUMBER, archives=tmp_path / "none")

    def test_an_archive_that_lies_proves_nothing(self, old, tmp_path):
        archive = retire(old, tmp_path)
        text = gzip.decompress(archive.path.read_bytes()).decode().replace("log_in", "log_out")
        archive.path.write_bytes(gzip.compress(text.encode()))
        with pytest.raises(InvalidProof):
            make_proof(old.connect("ankang_app"), number=self.NUMBER, archives=tmp_path)

    def test_the_command_takes_the_folder(self, old, tmp_path):
        retire(old, tmp_path)
        done = subprocess.run(
            [sys.executable, "manage.py", "audit_proof", "4", "--archive", tmp_path],
            env={**os.environ, **old.environment()},
            capture_output=True,
            text=True,
            check=False,
        )
        assert json.loads(done.stdout)["index"] == 3, done.stderr


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
