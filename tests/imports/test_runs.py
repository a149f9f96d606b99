"""A run as a whole: its events, cancelling, being killed, and one file of a kind at a time."""

from datetime import timedelta
from pathlib import Path
from typing import Any

import psycopg
import pytest
from django.db import connection

from apps.audit.actors import Actor
from apps.core import clock
from apps.imports import reading, staging, tasks
from apps.imports.models import ImportRun
from apps.imports.services import (
    cancel_import,
    expire_imports,
    process_import,
    publish_import,
    running,
    start_import,
)
from apps.imports.services.starting import NotNow
from apps.imports.terms import RunState
from apps.institutions.models import Institution
from tests.imports.conftest import Import, errors
from tests.support.world import BY, make_operator

pytestmark = pytest.mark.django_db
TWO = "code,name\n0101090517,臺北市立聯合醫院\n0102020011,高雄市立聯合醫院\n"


def begin(text: str = TWO, *, publish: bool = True, by: Actor = BY) -> ImportRun:
    return start_import(
        kind="institutions",
        file_name="x.csv",
        pieces=[text.encode()],
        publish_at_once=publish,
        by=by,
    )


def fall_silent(run: ImportRun) -> None:
    """As a worker that was killed a while ago leaves it."""
    ImportRun.objects.filter(pk=run.pk).update(beat_at=clock.now() - timedelta(minutes=5))


def of_imports(events: Any) -> list[tuple[str, str, object]]:
    return [
        (event["action"], event["outcome"], event["result_count"])
        for event in events()
        if event["object_type"] == "import_run"
    ]


def test_one_event_for_the_start_and_one_for_the_end(import_text: Import, events: Any) -> None:
    operator = make_operator()
    import_text("institutions", TWO, by=Actor(person=operator.pk, role="OPERATOR"))
    assert of_imports(events) == [
        ("start_import", "permitted", None),
        ("publish_import", "permitted", 2),
    ]
    assert {event["actor"] for event in events()} == {operator.pk}


def test_a_refused_file_leaves_a_refused_event(import_text: Import, events: Any) -> None:
    import_text("institutions", "code,name\n1,x\n")
    assert of_imports(events)[-1] == ("publish_import", "refused", None)


def test_nothing_of_the_file_stands_in_the_log(import_text: Import, events: Any) -> None:
    run = import_text("institutions", TWO)
    assert events()[-1]["detail"] == {"format": "institutions", "job": "import"}
    assert events()[-1]["object_id"] == str(run.pk)


def test_cancelling_before_publishing_leaves_no_trace_but_its_event(events: Any) -> None:
    run = begin(publish=False)
    process_import(run.pk)
    cancel_import(run=run.pk, by=BY)
    assert not process_import(run.pk)
    assert not Institution.objects.filter(code="0101090517").exists()
    assert not run.path.exists()
    assert of_imports(events)[-1][0] == "cancel_import"
    with pytest.raises(NotNow):
        publish_import(run=run.pk, by=BY)


def test_a_worker_stops_when_its_run_is_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin()
    real = running.detect_encoding

    def meanwhile(path: Path) -> str:
        cancel_import(run=run.pk, by=BY)
        path.write_text(TWO)
        return real(path)

    monkeypatch.setattr(running, "detect_encoding", meanwhile)
    assert process_import(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert not Institution.objects.filter(code="0101090517").exists()
    assert not run.path.exists()


def test_publishing_cannot_be_cancelled(monkeypatch: pytest.MonkeyPatch) -> None:
    run = begin()
    ImportRun.objects.filter(pk=run.pk).update(state=RunState.PUBLISHING)
    with pytest.raises(NotNow):
        cancel_import(run=run.pk, by=BY)


def test_a_killed_worker_is_followed_by_another_that_starts_over(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    run = begin()

    def killed(*args: Any, **kwargs: Any) -> None:
        raise KeyboardInterrupt

    with monkeypatch.context() as patch:
        patch.setattr(running, "publish", killed)
        with pytest.raises(KeyboardInterrupt):
            process_import(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.PUBLISHING
    tasks.resume_imports()  # too early: it may still be alive
    run.refresh_from_db()
    assert run.state == RunState.PUBLISHING
    fall_silent(run)
    tasks.resume_imports()
    run.refresh_from_db()
    assert (run.state, run.attempts, run.made, errors(run)) == (RunState.PUBLISHED, 2, 2, [])


def test_what_a_killed_worker_published_is_not_published_twice(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(running, "_count", _interrupt_once())
    kind = ImportRun(kind="institutions").definition
    monkeypatch.setattr(type(kind), "chunk", 1, raising=False)
    run = begin()
    with pytest.raises(KeyboardInterrupt):
        process_import(run.pk)
    assert Institution.objects.filter(code__in=["0101090517", "0102020011"]).exists()
    fall_silent(run)
    tasks.resume_imports()
    run.refresh_from_db()
    assert run.state == RunState.PUBLISHED
    assert Institution.objects.filter(code__in=["0101090517", "0102020011"]).count() == 2


def _interrupt_once() -> Any:
    real, calls = running._count, []

    def count(*args: Any) -> None:
        calls.append(args)
        if len(calls) == 1:
            raise KeyboardInterrupt
        real(*args)

    return count


def test_a_run_that_kills_every_worker_ends_as_failed(events: Any) -> None:
    run = begin()
    ImportRun.objects.filter(pk=run.pk).update(attempts=running.MOST_ATTEMPTS)
    assert not process_import(run.pk)
    run.refresh_from_db()
    assert run.state == RunState.FAILED
    assert of_imports(events)[-1] == ("publish_import", "failed", None)


def test_files_of_one_kind_are_worked_on_one_after_another(database_urls: Any) -> None:
    run = begin()
    with psycopg.connect(database_urls.app, autocommit=True) as other:
        other.execute("SELECT pg_advisory_lock(hashtext('import institutions'))")
        assert not process_import(run.pk)
        # Closing does not wait for the backend's end.
        other.execute("SELECT pg_advisory_unlock_all()")
    assert process_import(run.pk)


def test_what_nobody_publishes_for_a_day_is_dropped() -> None:
    run = begin(publish=False)
    process_import(run.pk)
    assert expire_imports() == 0
    ImportRun.objects.filter(pk=run.pk).update(beat_at=clock.now() - timedelta(days=2))
    assert expire_imports() == 1
    run.refresh_from_db()
    assert run.state == RunState.CANCELLED
    assert not run.path.exists()


def test_publishing_checks_again_what_has_changed_since(import_text: Import) -> None:
    run = import_text("institutions", "code,name,status\n0101090517,甲,ACTIVE\n", publish=False)
    assert run.state == RunState.CHECKED
    import_text("institutions", "code,name,status\n0101090517,甲,CLOSED\n")
    publish_import(run=run.pk, by=BY)
    process_import(run.pk)
    run.refresh_from_db()
    assert (run.state, errors(run)) == (RunState.REFUSED, [(2, "status", "IMP-REOPEN")])


def test_nothing_is_left_in_temporary_tables(import_text: Import) -> None:
    import_text("practices", "institution_code,national_id,profession\n1,2,D\n")
    import_text("institutions", TWO)
    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_class WHERE relpersistence = 't'")
        assert cursor.fetchone()[0] == 0


def test_the_file_is_readable_by_its_owner_only(var: Path) -> None:
    run = begin()
    assert run.path.parent == var / "imports"
    assert run.path.stat().st_mode & 0o077 == 0
    assert run.path.parent.stat().st_mode & 0o077 == 0


@pytest.mark.parametrize("quote", ["", '"'], ids=["plain", "in quotes"])
def test_memory_does_not_grow_with_the_file(quote: str, monkeypatch: pytest.MonkeyPatch) -> None:
    """No more lines are ever held than one block has."""
    monkeypatch.setattr(reading, "BLOCK", 200)
    held: list[int] = []
    real = staging._copy_texts

    def copy(table: str, columns: Any, rows: list[Any]) -> None:
        held.append(len(rows))
        real(table, columns, rows)

    monkeypatch.setattr(staging, "_copy_texts", copy)
    lines = "".join(f"01{number:08d},{quote}第{number}醫院{quote}\n" for number in range(95))
    run = begin("code,name\n" + lines)
    process_import(run.pk)
    run.refresh_from_db()
    assert (run.state, run.made, sum(held)) == (RunState.PUBLISHED, 95, 95)
    assert max(held) <= 16
