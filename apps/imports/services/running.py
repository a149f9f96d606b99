"""The worker's part of a run: read, check, publish, and start over after having been killed."""

from collections.abc import Iterator
from contextlib import contextmanager
from uuid import UUID

from django.db import connection, transaction
from django.db.models import F

from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.imports import files
from apps.imports.checking import check, keep_errors, keep_refusal
from apps.imports.events import about
from apps.imports.models import ImportRun
from apps.imports.publishing import Counts, publish
from apps.imports.reading import FileRefused, Reader, detect_encoding
from apps.imports.staging import stage, staging
from apps.imports.terms import AT_WORK, ErrorMode, Fault, RunState

# A run that has brought down its worker so often brings down the next one too.
MOST_ATTEMPTS = 3
OPERATOR = "OPERATOR"  # accounts.terms.SessionRole


class TakenAway(Exception):
    """The run was cancelled while the worker was at it."""


def process_import(run_id: UUID) -> bool:
    """Brings the run as far as it can go without a person.

    May be called at any time and any number of times; False when there was nothing to do, or
    another worker is at a file of this kind.
    """
    run = ImportRun.objects.filter(pk=run_id, state__in=AT_WORK).first()
    if run is None:
        return False
    with _alone_with(run.kind) as alone:
        if not alone or not _claim(run):
            return False
        try:
            _work(run)
        except FileRefused as refusal:
            keep_refusal(run.pk, refusal)
            _end(run, RunState.REFUSED)
        except TakenAway:
            files.remove(run.path)
    return True


def _work(run: ImportRun) -> None:
    kind = run.definition
    encoding = detect_encoding(run.path)
    _note(run, encoding=encoding)
    with staging(kind):
        with run.path.open("rb") as file:
            reader = Reader(file, encoding=encoding, kind=kind)
            lines = stage(reader, kind, report=lambda n, b: _note(run, lines=n, bytes_read=b))
        if not lines:
            raise FileRefused((1, "", Fault.NO_LINES))
        bad_lines = check(kind)
        _note(run, bad_lines=bad_lines)
        keep_errors(run.pk)
        if bad_lines and (run.mode == ErrorMode.ALL or bad_lines == lines):
            _end(run, RunState.REFUSED)
        elif not run.publish_at_once:
            _note(run, state=RunState.CHECKED)
        else:
            _note(run, state=RunState.PUBLISHING, phase_began_at=clock.now())
            publish(kind, report=lambda done, counts: _count(run, done, counts))
            _end(run, RunState.PUBLISHED)


@contextmanager
def _alone_with(kind: str) -> Iterator[bool]:
    """Files of one kind are worked on one after another: a later one corrects an earlier one.

    The lock is the connection's own, so a killed worker holds none.
    """
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_try_advisory_lock(hashtext(%s))", [f"import {kind}"])
        alone: bool = cursor.fetchone()[0]
    try:
        yield alone
    finally:
        if alone:
            with connection.cursor() as cursor:
                cursor.execute("SELECT pg_advisory_unlock(hashtext(%s))", [f"import {kind}"])


def _claim(run: ImportRun) -> bool:
    """Begins at the beginning, whatever a killed worker left."""
    if run.attempts >= MOST_ATTEMPTS or not run.path.exists():
        _end(run, RunState.FAILED)
        return False
    now = clock.now()
    claimed = ImportRun.objects.filter(pk=run.pk, state__in=AT_WORK).update(
        state=RunState.READING,
        attempts=F("attempts") + 1,
        phase_began_at=now,
        beat_at=now,
        bytes_read=0,
        lines=0,
        bad_lines=0,
        published_lines=0,
    )
    run.refresh_from_db()
    return bool(claimed)


def _note(run: ImportRun, **facts: object) -> None:
    """Writes down how far the run is, outside of any other transaction.

    Raises TakenAway when it was cancelled.
    """
    noted = ImportRun.objects.filter(pk=run.pk, state__in=AT_WORK).update(
        beat_at=clock.now(), **facts
    )
    if not noted:
        raise TakenAway
    for name, value in facts.items():
        setattr(run, name, value)


def _count(run: ImportRun, done: int, counts: Counts) -> None:
    made, changed, removed = counts
    _note(run, published_lines=done, made=made, changed=changed, removed=removed)


def _end(run: ImportRun, state: RunState) -> None:
    """The last word on a run, with its event, both or neither; then the file goes."""
    outcome = {
        RunState.PUBLISHED: Outcome.PERMITTED,
        RunState.REFUSED: Outcome.REFUSED,
        RunState.FAILED: Outcome.FAILED,
    }[state]
    by = Actor(
        person=run.started_by_id, role=OPERATOR if run.started_by_id else "SYSTEM", job="import"
    )
    with transaction.atomic():
        now = clock.now()
        ended = ImportRun.objects.filter(pk=run.pk, state__in=AT_WORK).update(
            state=state, beat_at=now, ended_at=now
        )
        if not ended:
            raise TakenAway
        count = run.made + run.changed + run.removed
        record_change(
            event(
                Action.PUBLISH_IMPORT,
                by=by,
                outcome=outcome,
                reason="" if state == RunState.PUBLISHED else f"import_{state.lower()}",
                result_count=count if state == RunState.PUBLISHED else None,
                **about(run),
            )
        )
    run.state, run.ended_at = state, now
    files.remove(run.path)
