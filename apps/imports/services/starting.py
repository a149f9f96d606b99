"""What people decide about a run: to start it, to publish what was checked, or to drop it."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID, uuid4

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Invalid, NotFound, Refusal
from apps.imports import files
from apps.imports.events import about
from apps.imports.kinds import find_kind
from apps.imports.models import ImportRun
from apps.imports.terms import CANCELLABLE, ErrorMode, RunState

# A checked file that nobody published: its people's numbers do not wait in var/ for ever.
KEPT_UNPUBLISHED = timedelta(days=1)


class NotNow(Refusal):
    """The run is in a state in which this makes no sense any more."""

    code = "IMP-STATE"
    message = _("This import has gone on meanwhile; please look at its present state.")


def start_import(
    *,
    kind: str,
    file_name: str,
    pieces: Iterable[bytes],
    mode: ErrorMode = ErrorMode.ALL,
    publish_at_once: bool = False,
    by: Actor,
) -> ImportRun:
    """Stores the file and notes the run; a worker does the rest (tasks.process_import).

    Raises Invalid for an unknown kind or an empty file.
    """
    if find_kind(kind) is None:
        raise Invalid(_("There is no such kind of file."), code="IMP-KIND")
    run = ImportRun(
        pk=uuid4(),
        kind=kind,
        file_name=_plain_name(file_name),
        mode=mode,
        publish_at_once=publish_at_once,
        started_by_id=by.person,
    )
    stored = files.store(run.path, pieces)
    run.size, run.sha256 = stored.size, stored.sha256
    try:
        with transaction.atomic():
            run.save(force_insert=True)
            record_change(event(Action.START_IMPORT, by=by, **about(run)))
    except BaseException:
        files.remove(run.path)
        raise
    return run


def publish_import(*, run: UUID, by: Actor) -> ImportRun:
    """Lets the worker publish a checked run; it reads and checks the file again first, because the
    tables have gone on since. Raises NotNow when the run is not waiting for this.
    """
    with transaction.atomic():
        found = _locked(run)
        if found.state != RunState.CHECKED:
            raise NotNow(reason=f"import_is_{found.state.lower()}")
        now = clock.now()
        found.state, found.publish_at_once, found.attempts = RunState.WAITING, True, 0
        found.started_by_id = by.person or found.started_by_id
        found.beat_at = found.phase_began_at = now
        found.save()
    return found


def cancel_import(*, run: UUID, by: Actor) -> ImportRun:
    """Ends a run before anything was published; a worker that is reading stops at its next batch.

    Raises NotNow once publishing has begun.
    """
    with transaction.atomic():
        found = _locked(run)
        if found.state not in CANCELLABLE:
            raise NotNow(reason=f"import_is_{found.state.lower()}")
        found.state, found.ended_at = RunState.CANCELLED, clock.now()
        found.save(update_fields=["state", "ended_at"])
        record_change(event(Action.CANCEL_IMPORT, by=by, **about(found)))
    files.remove(found.path)
    return found


def expire_imports() -> int:
    """Cancels checked runs that nobody published for a day; returns how many."""
    old = ImportRun.objects.filter(
        state=RunState.CHECKED, beat_at__lt=clock.now() - KEPT_UNPUBLISHED
    )
    keys = list(old.values_list("pk", flat=True))
    for key in keys:
        cancel_import(run=key, by=Actor.system("expire_imports"))
    return len(keys)


def _locked(run: UUID) -> ImportRun:
    found = ImportRun.objects.select_for_update(of=("self",)).filter(pk=run).first()
    if found is None:
        raise NotFound(reason="no_such_import")
    return found


def _plain_name(name: str) -> str:
    """What the file was called, for people; it never becomes part of a path."""
    return "".join(letter for letter in name if letter.isprintable())[-200:]
