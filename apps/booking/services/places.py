"""Taking and freeing places of slots: the only statements that change `booked` (DESIGN section 6).

Who touches two slots touches them in the order of their ids, after the booking's own row.
"""

from collections.abc import Callable
from datetime import datetime
from functools import wraps
from typing import Any, NoReturn, ParamSpec, TypeVar
from uuid import UUID

from django.db import OperationalError, connection
from django.db.models import F
from psycopg.errors import DeadlockDetected

from apps.booking.models import Campaign, Site, Slot
from apps.booking.services.refusals import SlotClosed, SlotFull
from apps.core import clock

P = ParamSpec("P")
R = TypeVar("R")

# One place of an open slot of the campaign; no row when there is none.
TAKE_PLACE = f"""
    UPDATE {Slot._meta.db_table} slot SET booked = slot.booked + 1
    FROM {Site._meta.db_table} site
    WHERE slot.id = %(slot)s AND site.id = slot.site_id
      AND site.campaign_id = %(campaign)s AND site.active
      AND NOT slot.closed AND slot.begins_at > %(after)s AND slot.booked < slot.capacity
    RETURNING slot.id
"""


def take_place(slot: UUID, *, campaign: UUID, after: datetime | None = None) -> None:
    """A place of a slot that begins after now, or `after` another moment; inside the caller's
    transaction. Raises SlotFull or SlotClosed.
    """
    values: dict[str, Any] = {"slot": slot, "campaign": campaign, "after": after or clock.now()}
    with connection.cursor() as cursor:
        cursor.execute(TAKE_PLACE, values)
        if cursor.rowcount:
            return
    refuse_place(slot, campaign, after=after)


def free_place(slot: UUID) -> None:
    """Inside the caller's transaction."""
    Slot.objects.filter(pk=slot).update(booked=F("booked") - 1)


def move_place(*, old: UUID, new: UUID, campaign: UUID) -> None:
    """Both or neither: when the new place is refused, the transaction gives the old one back."""
    for slot in sorted((old, new)):
        if slot == old:
            free_place(old)
        else:
            take_place(new, campaign=campaign)


def refuse_place(slot_id: UUID, campaign: UUID, *, after: datetime | None = None) -> NoReturn:
    """Says why no place was taken."""
    slot = Slot.objects.select_related("site").filter(pk=slot_id).first()
    wrong = (
        slot is None
        or slot.closed
        or not slot.site.active
        or slot.begins_at <= (after or clock.now())
    )
    if wrong or (slot and slot.site.campaign_id != campaign):
        raise SlotClosed(reason="slot_not_open")
    raise SlotFull(reason="slot_full")


def once_more_after_deadlock(act: Callable[P, R]) -> Callable[P, R]:
    """One bounded retry; PostgreSQL ended one of two transactions that waited for each other."""

    @wraps(act)
    def tried(*args: P.args, **kwargs: P.kwargs) -> R:
        try:
            return act(*args, **kwargs)
        except OperationalError as error:
            if not isinstance(error.__cause__, DeadlockDetected):
                raise
        return act(*args, **kwargs)

    return tried


def is_open(campaign: Campaign) -> bool:
    """Whether bookings may be made, changed and cancelled now (manual 1: 開放預約接種登記期間)."""
    return campaign.books_from <= clock.now() <= campaign.books_until
