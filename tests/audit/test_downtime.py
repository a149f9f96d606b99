"""Emergency downtime: IMQ goes on without the log, flagged, signed, brought in afterwards, reviewed (F13)."""

import json
from datetime import timedelta

import pytest
from django.core.management import CommandError, call_command
from django.db import DatabaseError, connection, transaction

from apps.audit import services
from apps.audit.bringing_in import bring_in
from apps.audit.downtime import JournalDamaged, journal
from apps.audit.events import event
from apps.audit.services import LogUnavailable, record, record_change
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.identities.models import Identity
from apps.oversight import rules
from apps.oversight.rules.base import Period
from tests.support.auditing import make_citizen
from tests.support.world import BY

pytestmark = [pytest.mark.django_db, pytest.mark.usefixtures("downtime_folder")]


def look(service: str = "IMQ", **more):
    return event(Action.OPEN_PAGE, by=BY, service=service, patient=make_citizen(), **more)


class TestWhileTheLogFails:
    def test_f13_other_services_answer_without_data(self, log_down) -> None:
        with pytest.raises(LogUnavailable):
            record(look("VBK"))
        assert not journal().waits

    def test_imq_goes_on_and_the_access_is_kept(self, log_down) -> None:
        patient = make_citizen()
        assert record(look()) == 0
        (kept,) = journal().entries()
        assert kept.event["patient"] == str(patient)

    @pytest.mark.parametrize("outcome", [Outcome.REFUSED, Outcome.FAILED])
    def test_only_what_was_permitted(self, log_down, outcome) -> None:
        with pytest.raises(LogUnavailable):
            record(look(outcome=outcome))

    def test_without_log_and_journal_nothing_is_shown(self, log_down, settings, tmp_path) -> None:
        (tmp_path / "file").write_text("no folder")
        settings.DOWNTIME = tmp_path / "file"
        with pytest.raises(LogUnavailable) as refusal:
            record(look())
        assert refusal.value.reason == "event_not_kept_either"

    def test_readyz_says_so(self, log_down, client) -> None:
        record(look())
        assert "downtime" in client.get("/readyz").json()["warnings"]

    def test_the_file_is_nobody_elses(self, log_down) -> None:
        record(look())
        assert journal().path.stat().st_mode & 0o077 == 0


class TestChangesWhileTheLogFails:
    """The card shown again, a consent, a reading: without them nobody gets to the tabs."""

    @pytest.fixture
    def log_down(self, monkeypatch):
        """As PostgreSQL refuses it: the transaction of the change is broken unless somebody saw to it."""

        def refuse(_event):
            with connection.cursor() as cursor:
                cursor.execute("SELECT audit.append('[]')")

        monkeypatch.setattr(services, "_append", refuse)
        return monkeypatch

    def change(self, event) -> None:
        with transaction.atomic():
            Identity.objects.create()
            record_change(event)

    def test_the_change_of_an_exempt_service_stands_and_is_kept(self, log_down) -> None:
        before = Identity.objects.count()
        self.change(event(Action.STEP_UP, by=BY, service="IMQ"))
        assert Identity.objects.count() == before + 1
        (kept,) = journal().entries()
        assert kept.event["action"] == "step_up"

    @pytest.mark.parametrize("action", [Action.LOG_IN, Action.LOG_OUT, Action.REMOVE_CARD])
    def test_logins_and_their_ends_are_on_the_way_there(self, log_down, action) -> None:
        self.change(event(action, by=BY))
        assert [each.event["action"] for each in journal().entries()] == [action]

    @pytest.mark.parametrize(
        "changed",
        [
            event(Action.STEP_UP, by=BY, service="HIQS"),
            event(Action.LOG_IN, by=BY, outcome=Outcome.REFUSED),
            event(Action.OPEN_GRANT, by=BY),
        ],
    )
    def test_other_changes_are_not_made(self, log_down, changed) -> None:
        before = Identity.objects.count()
        with pytest.raises(LogUnavailable):
            self.change(changed)
        assert Identity.objects.count() == before
        assert not journal().waits

    def test_nothing_of_it_happens_while_the_log_works(self, events) -> None:
        self.change(event(Action.STEP_UP, by=BY, service="IMQ"))
        assert not journal().waits
        assert events()[-1]["action"] == "step_up"


class TestTheJournal:
    def lines(self, log_down, count: int = 3) -> list[dict]:
        for _ in range(count):
            record(look())
        return [json.loads(line) for line in journal().path.read_text().splitlines()]

    def rewrite(self, lines: list[dict]) -> None:
        journal().path.write_text("".join(json.dumps(line) + "\n" for line in lines))

    @pytest.mark.parametrize(
        ("tamper", "line"),
        [
            (lambda lines: lines[1]["event"].update(patient="x"), 2),
            (lambda lines: lines[1].update(at="2020-01-01T00:00:00+00:00"), 2),
            (lambda lines: lines.pop(1), 2),
            (lambda lines: lines.reverse(), 1),
            (lambda lines: lines.insert(0, dict(lines[2])), 1),
            (lambda lines: lines[2].update(signature="AAAA"), 3),
            (lambda lines: lines[0].pop("previous"), 1),
        ],
    )
    def test_tampering_is_found_and_nothing_is_brought_in(
        self, log_down, events, tamper, line
    ) -> None:
        lines = self.lines(log_down)
        tamper(lines)
        self.rewrite(lines)
        log_down.undo()
        with pytest.raises(JournalDamaged, match=f"line {line} "):
            bring_in(by=BY)
        assert events() == []
        with pytest.raises(CommandError, match="Nothing was brought in"):
            call_command("audit_bring_in")

    def test_a_line_that_a_power_failure_tore_was_never_answered_and_is_set_aside(
        self, log_down
    ) -> None:
        self.lines(log_down, 2)
        whole = journal().path.read_bytes()
        journal().path.write_bytes(whole + b'{"at": "2026-')
        assert len(list(journal().entries())) == 2
        record(look())
        assert journal().path.read_bytes().startswith(whole)
        assert len(list(journal().entries())) == 3
        (torn,) = journal().folder.glob("*.torn")
        assert torn.read_bytes() == b'{"at": "2026-'

    def test_a_line_longer_than_what_is_read_at_once_is_followed_too(self, log_down) -> None:
        record(look(consent_reference="長" * 5000))
        self.lines(log_down, 2)
        assert len(list(journal().entries())) == 3

    def test_of_another_server_is_not_believed(self, log_down, settings) -> None:
        self.lines(log_down, 1)
        settings.SECRET_KEY = "x" * 50
        with pytest.raises(JournalDamaged):
            list(journal().entries())


class TestAfterwards:
    def test_each_access_is_an_event_that_says_when(self, log_down, events) -> None:
        for _ in range(2):
            record(look())
        kept = [each.at for each in journal().entries()]
        log_down.undo()
        assert bring_in(by=BY) == 2
        *brought, closing = events()
        assert [each["detail"]["kept"] for each in brought] == kept
        assert (closing["action"], closing["detail"]["count"]) == ("bring_in", 2)
        assert not journal().waits

    def test_again_brings_in_nothing(self, log_down, events) -> None:
        record(look())
        copy = journal().path.read_bytes()
        log_down.undo()
        bring_in(by=BY)
        assert bring_in(by=BY) == 0
        journal().path.write_bytes(copy)  # as if the machine had died before it was put away
        bring_in(by=BY)
        assert len([each for each in events() if "kept" in each["detail"]]) == 1

    def test_while_the_log_still_fails_everything_stays(self, log_down) -> None:
        record(look())
        with pytest.raises(LogUnavailable):
            bring_in(by=BY)
        assert journal().waits

    def test_the_log_fails_again_in_the_middle_and_nothing_is_kept_twice(
        self, log_down, events
    ) -> None:
        for _ in range(2):
            record(look())
        log_down.undo()
        append, written = services._append, []

        def fail_at_the_second(event):
            if written:
                raise DatabaseError("no partition of relation")
            written.append(event)
            return append(event)

        log_down.setattr(services, "_append", fail_at_the_second)
        with pytest.raises(LogUnavailable):
            bring_in(by=BY)
        log_down.undo()
        assert bring_in(by=BY) == 2
        assert len([each for each in events() if "kept" in each["detail"]]) == 2

    def test_the_review_queue_shows_it(self, log_down, events) -> None:
        record(look())
        log_down.undo()
        bring_in(by=BY)
        number = events()[0]["id"]
        period = Period(clock.now() - timedelta(minutes=1), clock.now() + timedelta(minutes=1))
        flags = list(rules.rule_of("downtime").find(period, 0, 0))
        assert number in [flag.event.id for flag in flags]

    def test_the_command_checks_before(self, log_down, capsys) -> None:
        record(look())
        call_command("audit_bring_in", "--check")
        assert "1 events wait" in capsys.readouterr().out
        assert journal().waits
        log_down.undo()
        call_command("audit_bring_in")
        assert "1 events were brought in" in capsys.readouterr().out
