"""What was kept while the log failed comes into the log, once, and says so."""

from django.db import transaction

from apps.audit.actors import Actor
from apps.audit.downtime import Entry, journal
from apps.audit.models import BroughtIn
from apps.audit.services import event, record_change
from apps.audit.terms import Action


def bring_in(*, by: Actor) -> int:
    """Every line of the journal becomes an event with the moment when it happened; returns how many.

    Raises downtime.JournalDamaged before anything is brought in, and LogUnavailable while the log
    still does not take events. A line that is in the log already is left out, so that a run that was
    killed half way is simply run again.
    """
    kept = journal()
    if not kept.waits:
        return 0
    with kept.locked():
        entries = list(kept.entries())
        for entry in entries:
            _bring_in(entry)
        _close(len(entries), by=by)
        kept.put_away()
    return len(entries)


def _bring_in(entry: Entry) -> None:
    with transaction.atomic():
        if not _is_new(entry):
            return
        detail = {**entry.event.get("detail", {}), "kept": entry.at, "entry": entry.digest[:16]}
        record_change({**entry.event, "detail": detail}, or_keep=False)


def _is_new(entry: Entry) -> bool:
    _row, created = BroughtIn.objects.get_or_create(digest=entry.digest)
    return created


def _close(count: int, *, by: Actor) -> None:
    with transaction.atomic():
        record_change(event(Action.BRING_IN, by=by, detail={"count": count}))
