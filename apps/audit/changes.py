"""Saving and removing the plain records that operators keep: texts, contacts, settings.

For records whose change is nothing but new values. What has rules of its own (grants, bookings) has
services of its own.
"""

from collections.abc import Iterable

from django.db import transaction
from django.db.models import Model

from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action


def save_record(*, record: Model, by: Actor) -> None:
    """Stores a validated record and the event that says which fields were changed, both or neither.

    The event names the fields, never their values: those are in the record. A record that is as it
    was is not saved again and leaves no event.
    """
    with transaction.atomic():
        stored = type(record)._base_manager.select_for_update().filter(pk=record.pk).first()
        changed = _changed(stored, record) if stored else []
        if stored and not changed:
            return
        record.save()
        action = Action.CHANGE_RECORD if stored else Action.ADD_RECORD
        _record(action, record, fields=changed, by=by)


def remove_record(*, record: Model, by: Actor) -> None:
    """Deletes the record, with its event."""
    with transaction.atomic():
        _record(Action.REMOVE_RECORD, record, by=by)
        record.delete()


def _changed(stored: Model, record: Model) -> list[str]:
    """Read from the table, because a form says of itself what was changed in it."""
    return sorted(
        field.name
        for field in record._meta.concrete_fields
        if not getattr(field, "auto_now", False)
        and getattr(stored, field.attname) != getattr(record, field.attname)
    )


def _record(action: Action, record: Model, *, fields: Iterable[str] = (), by: Actor) -> None:
    names = ",".join(fields)
    record_change(
        event(
            action,
            by=by,
            object_type=record._meta.label_lower,
            object_id=str(record.pk),
            detail={"fields": names} if names else {},
        )
    )
