"""What was kept while the log failed comes into the log, once, and says so; so does what is missing."""

from collections.abc import Sequence
from datetime import datetime
from uuid import UUID

from django.db import transaction

from apps.audit import marks
from apps.audit.actors import Actor
from apps.audit.downtime import Entry, journal
from apps.audit.models import BroughtIn
from apps.audit.services import event, record_change
from apps.audit.terms import Action, Fault, Outcome


class EntriesMissing(Exception):
    """Lines that were safe on the disk are there no more; the log and the review queue say so now."""

    def __init__(self, missing: int, *, brought_in: int) -> None:
        self.missing = missing
        self.brought_in = brought_in
        super().__init__(f"{missing} kept events are missing, {brought_in} were brought in")


def bring_in(*, by: Actor) -> int:
    """Every line of the journal becomes an event with the moment when it happened; returns how many.

    Raises downtime.JournalDamaged before anything is brought in, and LogUnavailable while the log
    still does not take events. A line that is in the log already is left out, so that a run that was
    killed half way is simply run again. Raises EntriesMissing, once, after everything that is left
    was brought in.
    """
    kept = journal()
    if not kept.was_ever_used:
        return 0
    with kept.locked():
        place = kept.place()
        marks.collect(place=place)
        entries = list(kept.entries())
        for entry in entries:
            _bring_in(entry)
        missing = marks.find_missing(place=place, there=(entry.digest for entry in entries))
        _close(len(entries), missing, place, by=by)
        if kept.waits:
            kept.put_away()
    if missing:
        raise EntriesMissing(len(missing), brought_in=len(entries))
    return len(entries)


def look_into() -> tuple[int, int]:
    """How many events wait in the journal and how many are missing from it, without bringing any in.

    Raises downtime.JournalDamaged.
    """
    kept = journal()
    if not kept.was_ever_used:
        return 0, 0
    with kept.locked():
        place = kept.place()
        marks.collect(place=place)
        there = [entry.digest for entry in kept.entries()]
        return len(there), len(marks.find_missing(place=place, there=there))


def _bring_in(entry: Entry) -> None:
    with transaction.atomic():
        if not _is_new(entry):
            return
        detail = {**entry.event.get("detail", {}), "kept": entry.at, "entry": entry.digest[:16]}
        record_change({**entry.event, "detail": detail}, or_keep=False)


def _is_new(entry: Entry) -> bool:
    """Also what was missing and has come back, out of a backup of the journal."""
    came_back = BroughtIn.objects.filter(digest=entry.digest, missing=True).update(missing=False)
    _row, created = BroughtIn.objects.get_or_create(digest=entry.digest)
    return created or bool(came_back)


def _close(count: int, missing: Sequence[tuple[str, datetime]], place: UUID, *, by: Actor) -> None:
    if not count and not missing:
        return
    with transaction.atomic():
        if count:
            record_change(event(Action.BRING_IN, by=by, detail={"count": count}))
        if missing:
            record_change(_cut_off(missing, place, by=by))
            BroughtIn.objects.bulk_create(
                BroughtIn(digest=digest, missing=True) for digest, _kept_at in missing
            )


def _cut_off(
    missing: Sequence[tuple[str, datetime]], place: UUID, *, by: Actor
) -> dict[str, object]:
    """One event for all: how many, the moment of the first, and the name of the last."""
    (_digest, first_at), (last, _kept_at) = missing[0], missing[-1]
    return event(
        Action.BRING_IN,
        by=by,
        outcome=Outcome.FAILED,
        reason=Fault.CUT_OFF,
        object_type="journal",
        object_id=str(place),
        detail={"count": len(missing), "kept": first_at.isoformat(), "entry": last[:16]},
    )
