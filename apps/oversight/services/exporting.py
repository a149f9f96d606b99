"""Exports of the access log: asked for, written by a worker, fetched, and gone after a day."""

import hashlib
import json
from collections.abc import Iterator
from datetime import timedelta
from uuid import UUID

from django.core.cache import cache
from django.db import connection, transaction
from django.utils import translation
from redis import RedisError

from apps.audit.actors import Actor
from apps.audit.services import event, record, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.oversight import tables
from apps.oversight.fhir import write_event
from apps.oversight.models import LogExport, LogSearch
from apps.oversight.terms import ExportKind, ExportState

KEPT_FOR = timedelta(hours=24)
TELL_EVERY = 5000  # events
FETCHED = 2000


def ask_export(*, search: LogSearch, kind: str, language: str, by: Actor) -> LogExport:
    """The same events as the search, with the same purpose. The caller hands it to a worker after commit."""
    with transaction.atomic():
        asked = LogExport.objects.create(
            kind=kind,
            criteria=search.criteria,
            labels=search.labels,
            purpose=search.purpose,
            note=search.note,
            language=language,
            made_by_id=by.a_person,
        )
        _record_change(asked, Action.EXPORT_LOG, by=by)
    return asked


def write_export(export_id: UUID) -> bool:
    """The worker's part, once: of two workers with the same task one takes it. False for the other."""
    taken = LogExport.objects.filter(pk=export_id, state=ExportState.WAITING).update(
        state=ExportState.RUNNING
    )
    if not taken:
        return False
    export = LogExport.objects.get(pk=export_id)
    try:
        with translation.override(export.language):
            written, digest = _write(export)
    except Exception:
        export.path.unlink(missing_ok=True)
        LogExport.objects.filter(pk=export_id).update(state=ExportState.FAILED)
        raise
    LogExport.objects.filter(pk=export_id).update(
        state=ExportState.DONE, written=written, sha256=digest, finished_at=clock.now()
    )
    return True


def fetch_export_file(*, export: LogExport, by: Actor) -> None:
    """Records that the file was taken."""
    record(
        event(
            Action.DOWNLOAD_EXPORT,
            by=by,
            patient=export.wanted.patient,
            purpose=export.purpose,
            result_count=min(export.written, 2**31 - 1),
            object_type="log_export",
            object_id=str(export.pk),
        )
    )


def remove_old_exports(*, by: Actor) -> int:
    """Files older than a day go; that they went is an event."""
    old = LogExport.objects.exclude(state=ExportState.GONE).filter(
        made_at__lt=clock.now() - KEPT_FOR
    )
    for export in old:
        export.path.unlink(missing_ok=True)
        with transaction.atomic():
            LogExport.objects.filter(pk=export.pk).update(state=ExportState.GONE)
            _record_change(export, Action.REMOVE_EXPORT, by=by)
    return len(old)


def find_waiting() -> list[UUID]:
    """Those that no worker has taken within some minutes."""
    late = clock.now() - timedelta(minutes=5)
    waiting = LogExport.objects.filter(state=ExportState.WAITING, made_at__lt=late)
    return list(waiting.values_list("pk", flat=True))


def progress(export: LogExport) -> int:
    """How many events are written so far; what Redis does not tell is 0."""
    if not export.is_under_way:
        return export.written
    try:
        return int(cache.get(_key(export), 0))
    except RedisError:
        return 0


def _write(export: LogExport) -> tuple[int, str]:
    events = export.wanted.events()
    # A reader holds no writer and no sealer up, so the role's two minutes are not meant for it.
    with connection.cursor() as cursor:
        cursor.execute("SET transaction_timeout = 0")
    try:
        LogExport.objects.filter(pk=export.pk).update(total=events.count())
        export.path.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
        export.path.touch(mode=0o600)
        written, digest = 0, hashlib.sha256()
        with export.path.open("wb") as file:
            for piece in _pieces(export):
                file.write(piece)
                digest.update(piece)
                written += 1
                if written % TELL_EVERY == 0:
                    _tell(export, written)
    finally:
        with connection.cursor() as cursor:
            cursor.execute("RESET transaction_timeout")
    heading = 1 if export.kind == ExportKind.CSV else 0
    return written - heading, digest.hexdigest()


def _pieces(export: LogExport) -> Iterator[bytes]:
    events = export.wanted.events()
    if export.kind == ExportKind.CSV:
        yield tables.heading()
        yield from tables.rows(events)
        return
    for each in events.newest_first().iterator(chunk_size=FETCHED):
        yield json.dumps(write_event(each), ensure_ascii=False).encode() + b"\n"


def _tell(export: LogExport, written: int) -> None:
    """For the page that waits; nothing depends on it."""
    try:
        cache.set(_key(export), written, timeout=3600)
    except RedisError:
        return


def _key(export: LogExport) -> str:
    return f"export:{export.pk}"


def _record_change(export: LogExport, action: Action, *, by: Actor) -> None:
    detail = {"query": export.wanted.for_the_log(), "format": export.kind, "note": export.note}
    record_change(
        event(
            action,
            by=by,
            patient=export.wanted.patient,
            purpose=export.purpose,
            object_type="log_export",
            object_id=str(export.pk),
            detail={key: value for key, value in detail.items() if value},
        )
    )
