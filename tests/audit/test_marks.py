"""The end of a downtime's journal: what was cut off is missed, what a power failure took is not (F9)."""

import json
from uuid import uuid4

import psycopg
import pytest
import redis
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.audit import marks
from apps.audit.bringing_in import EntriesMissing, bring_in
from apps.audit.downtime import journal
from apps.audit.events import event
from apps.audit.models import BroughtIn
from apps.audit.services import record, record_change
from apps.audit.tasks import bring_in as task
from apps.audit.terms import Action, Fault
from apps.audit.verification import Verification
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.services.flagging import find_flags
from tests.audit.sealed import LOG_SIGNER, WITNESS_SIGNER
from tests.support.auditing import make_citizen
from tests.support.world import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("downtime_folder")]


def keep(count: int) -> list[bytes]:
    """So many accesses while the log fails; the lines of the journal."""
    for _ in range(count):
        record(event(Action.OPEN_PAGE, by=BY, service="IMQ", patient=make_citizen()))
    return journal().path.read_bytes().splitlines(keepends=True)


def leave(lines: list[bytes]) -> None:
    journal().path.write_bytes(b"".join(lines))


def brought_in(events) -> list[str]:
    return [each["detail"]["kept"] for each in events() if each["action"] == "open_page"]


def losses(events) -> list[int]:
    return [each["detail"]["count"] for each in events() if each["reason"] == Fault.CUT_OFF]


class TestCutOff:
    @pytest.mark.parametrize("cut", [1, 2, 3])
    def test_what_is_missing_is_told_and_the_rest_is_brought_in(
        self, log_down, events, cut
    ) -> None:
        leave(keep(3)[: 3 - cut])
        log_down.undo()
        with pytest.raises(EntriesMissing) as told:
            bring_in(by=BY)
        assert (told.value.missing, told.value.brought_in) == (cut, 3 - cut)
        assert len(brought_in(events)) == 3 - cut
        assert losses(events) == [cut]
        assert bring_in(by=BY) == 0  # and it is told once

    def test_also_when_the_whole_file_is_gone(self, log_down, events) -> None:
        keep(2)
        journal().path.unlink()
        log_down.undo()
        assert task() == 0
        assert losses(events) == [2]

    def test_between_the_writes_of_two_processes(self, log_down, events) -> None:
        """The second one's line follows what is left, so that the journal by itself looks whole."""
        lines = keep(2)
        leave(lines[:1])
        keep(1)
        assert len(list(journal().entries())) == 2
        log_down.undo()
        with pytest.raises(EntriesMissing) as told:
            bring_in(by=BY)
        assert (told.value.missing, told.value.brought_in) == (1, 2)

    def test_in_the_midst_of_the_last_line(self, log_down, events) -> None:
        """Looks like a power failure; but the line had been safe."""
        lines = keep(2)
        leave([lines[0], lines[1][:40]])
        log_down.undo()
        with pytest.raises(EntriesMissing):
            bring_in(by=BY)

    def test_signed_anew_with_the_key_of_the_server(self, log_down, events) -> None:
        """Who has the key can write a journal of one's own; the marks are of the true one."""
        keep(2)
        journal().path.unlink()
        journal().keep(event(Action.OPEN_PAGE, by=BY, service="IMQ"))
        log_down.undo()
        with pytest.raises(EntriesMissing) as told:
            bring_in(by=BY)
        assert told.value.missing == 2

    def test_what_comes_back_out_of_a_backup_is_brought_in(self, log_down, events) -> None:
        lines = keep(2)
        leave(lines[:1])
        log_down.undo()
        with pytest.raises(EntriesMissing):
            bring_in(by=BY)
        leave(lines)
        bring_in(by=BY)
        assert len(brought_in(events)) == 2
        assert not BroughtIn.objects.filter(missing=True).exists()

    def test_the_commands_say_so(self, log_down) -> None:
        leave(keep(2)[:1])
        log_down.undo()
        with pytest.raises(CommandError, match=r"1 events wait in .*; 1 more were kept"):
            call_command("audit_bring_in", "--check")
        with pytest.raises(CommandError, match="1 events were brought in; 1 more were kept"):
            call_command("audit_bring_in")

    def test_a_case_is_opened_and_the_alarm_stands_until_it_is_closed(
        self, log_down, events, client
    ) -> None:
        leave(keep(3)[:1])
        log_down.undo()
        task()
        ReviewRule.objects.exclude(code="journal_cut").update(enabled=False)
        find_flags(by=BY)
        case = ReviewCase.objects.get(rule="journal_cut")
        assert case.sentence.startswith("緊急應變期間留存的 2 筆")
        assert "audit_gap" in client.get("/readyz").json()["warnings"]
        ReviewCase.objects.update(state="CLOSED")
        assert "audit_gap" not in client.get("/readyz").json()["warnings"]


class TestNobodyIsAccused:
    def test_when_everything_is_there(self, log_down, events) -> None:
        keep(3)
        log_down.undo()
        assert bring_in(by=BY) == 3
        assert losses(events) == []

    def test_when_nothing_was_ever_kept(self, events) -> None:
        assert bring_in(by=BY) == 0
        assert not journal().folder.exists()

    def test_when_a_power_failure_tore_the_line_that_was_being_written(
        self, log_down, events
    ) -> None:
        leave([*keep(2), b'{"at": "2026-'])
        log_down.undo()
        assert bring_in(by=BY) == 2
        assert losses(events) == []

    def test_when_the_machine_died_between_line_and_mark(self, log_down, events) -> None:
        with log_down.context() as dying:
            dying.setattr(marks, "mark", lambda *_, **__: None)
            keep(1)
        keep(1)
        log_down.undo()
        assert bring_in(by=BY) == 2
        assert losses(events) == []

    def test_when_another_machine_has_not_brought_in_its_own(
        self, log_down, events, settings, tmp_path
    ) -> None:
        keep(2)
        settings.DOWNTIME = tmp_path / "of another machine"
        keep(1)
        log_down.undo()
        assert bring_in(by=BY) == 1
        assert losses(events) == []

    def test_when_a_change_was_rolled_back_after_its_line(self, log_down, events) -> None:
        """Its mark went with it; the line stays and tells of one change too many."""
        with transaction.atomic():
            record_change(event(Action.STEP_UP, by=BY, service="IMQ"))
            transaction.set_rollback(True)
        log_down.undo()
        assert bring_in(by=BY) == 1


class TestWhileTheDatabaseTakesNoRow:
    @pytest.fixture
    def full(self, log_down):
        def refuse(*_):
            raise DatabaseError("could not extend file: no space left on device")

        log_down.setattr(marks, "_insert", refuse)
        return log_down

    def test_redis_keeps_the_marks_and_they_follow(self, full, events) -> None:
        leave(keep(2)[:1])
        full.undo()
        with pytest.raises(EntriesMissing) as told:
            bring_in(by=BY)
        assert told.value.missing == 1
        with marks._redis() as client:
            assert client.llen(marks._key(journal().place())) == 0

    def test_without_redis_too_the_emergency_goes_on(self, full, events) -> None:
        def refuse():
            raise redis.ConnectionError

        full.setattr(marks, "_redis", refuse)
        assert len(keep(1)) == 1
        full.undo()
        assert bring_in(by=BY) == 1

    def test_redis_away_when_it_is_brought_in_loses_no_mark(self, full, events) -> None:
        lines = keep(2)
        full.undo()
        leave(lines[:1])
        with full.context() as away:
            away.setattr(marks, "_redis", lambda: redis.Redis(port=1))
            assert bring_in(by=BY) == 1
        with pytest.raises(EntriesMissing):
            bring_in(by=BY)


class TestWhoMayWhat:
    @pytest.mark.parametrize(
        "statement",
        [
            "UPDATE audit.kept SET place = gen_random_uuid()",
            "DELETE FROM audit.kept",
            "TRUNCATE audit.kept",
            "INSERT INTO audit.kept (digest, place, kept_at) VALUES "
            "(repeat('a', 64), gen_random_uuid(), '2020-01-01')",
        ],
    )
    def test_the_application_takes_no_mark_away(self, log, statement) -> None:
        application = log.connect("ankang_app")
        application.execute(
            "INSERT INTO audit.kept (digest, place) VALUES (repeat('0', 64), gen_random_uuid())"
        )
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            application.execute(statement)

    @pytest.mark.parametrize("statement", ["DELETE FROM audit.kept", "TRUNCATE audit.kept"])
    def test_nor_does_the_owner_of_the_log_without_taking_the_belt_off(
        self, log, statement
    ) -> None:
        log.tamper("INSERT INTO audit.kept (digest, place) VALUES (repeat('0', 64), %s)", uuid4())
        with pytest.raises(psycopg.errors.InsufficientPrivilege):
            log.connect("ankang_audit").execute(statement)


class TestAuditVerify:
    """Asks the sealed events, whatever the application's own tables say."""

    def mark(self, log, digest: str, place=None) -> None:
        log.reuse("ankang_app").execute(
            "INSERT INTO audit.kept (digest, place) VALUES (%s, %s)", [digest, place or uuid4()]
        )

    def bring_in(self, log, digest: str) -> None:
        log.append(action="open_page", detail={"kept": "2026-11-30T01:00:00", "entry": digest[:16]})

    def verify(self, log):
        log.sealer().seal()
        return Verification(
            log.connect("ankang_app"),
            log=LOG_SIGNER.verifier,
            witness=WITNESS_SIGNER.verifier,
            memory=None,
        ).run()

    def test_what_came_in_is_fine(self, log) -> None:
        self.mark(log, "a" * 64)
        self.bring_in(log, "a" * 64)
        report = self.verify(log)
        assert (report.kept, report.findings) == (0, [])

    def test_what_still_waits_is_counted_and_no_finding(self, log) -> None:
        self.mark(log, "a" * 64)
        log.append()
        report = self.verify(log)
        assert (report.kept, report.findings) == (1, [])

    def test_what_the_log_should_have_long_since_is_a_finding(self, log) -> None:
        """The folder with the whole journal was taken away: no worker says anything."""
        self.mark(log, "a" * 64)
        log.tamper("UPDATE audit.kept SET kept_at = kept_at - interval '2 hours'")
        log.append()
        (finding,) = self.verify(log).findings
        assert "1 events that the downtime journal" in finding.what
        assert "a" * 16 in finding.what

    def test_what_was_told_missing_is_a_finding_at_once(self, log) -> None:
        place = uuid4()
        for digest in ("a" * 64, "b" * 64):
            self.mark(log, digest, place)
        self.bring_in(log, "a" * 64)
        told = {"kept": "2026-11-30T01:00:00", "entry": "b" * 16, "count": 1}
        log.append(
            action="bring_in",
            outcome="failed",
            reason=Fault.CUT_OFF,
            object_id=str(place),
            detail=told,
        )
        report = self.verify(log)
        assert (report.kept, len(report.findings)) == (1, 1)

    def test_what_left_with_a_retired_month_is_not_asked_for(self, log) -> None:
        self.mark(log, "a" * 64)
        log.tamper("UPDATE audit.kept SET kept_at = '2019-03-05'")
        log.tamper(
            "INSERT INTO audit.retired (month, events, sha256, numbers) "
            "VALUES ('2019-03-01', 1, repeat('0', 64), '{}')"
        )
        log.append()
        assert self.verify(log).kept == 0

    def test_the_marks_have_their_belts(self, log) -> None:
        log.tamper("ALTER TABLE audit.kept DISABLE TRIGGER append_only")
        said = [each.what for each in self.verify(log).findings]
        assert any("append_only of kept" in each for each in said)


def test_a_line_names_its_place_once(log_down) -> None:
    keep(2)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM audit.kept WHERE place = %s", [journal().place()])
        assert cursor.fetchone() == (2,)
    assert all("place" not in json.loads(line) for line in keep(1))
