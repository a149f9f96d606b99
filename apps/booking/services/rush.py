"""A full slot refuses everybody who still comes for it, for half of what a booking costs (issue 5)."""

from typing import Any
from uuid import UUID

from django.db import connection

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.events import event
from apps.audit.services import as_json
from apps.audit.terms import Action, Outcome
from apps.booking.models import Booking, Slot
from apps.booking.services.refusals import SlotFull
from apps.cards.models import READING_LIFETIME, Reading
from apps.core import clock
from apps.core.statements import compact, single_statement

# Whether the slot is full, whose card it is and the event of the refusal, in one statement. A form
# that made its booking already is no refusal, though it may have taken the last place.
_REFUSE = compact(f"""
    SELECT audit.append(%(event)s::jsonb || jsonb_build_object('patient', reading.patient_id))
    FROM {Slot._meta.db_table} slot, {Reading._meta.db_table} reading
    WHERE slot.id = %(slot)s AND slot.booked >= slot.capacity AND NOT slot.closed
      AND reading.id = %(reading)s AND reading.session_id = %(session)s
      AND reading.read_at > %(read_after)s
      AND NOT EXISTS (SELECT FROM {Booking._meta.db_table} booking
                      WHERE booking.booked_by_id = %(by)s AND booking.key = %(key)s)
""")


def refuse_full(
    *, slot: UUID, reading: UUID, key: UUID, refusal: SlotFull, decision: Decision, by: Actor
) -> bool:
    """Records the refusal when the slot has no place; False when it has, or when something else is
    to be said: then nothing was recorded, and the form goes its usual way.
    """
    logged = event(
        Action.BOOK_SLOT,
        by=by,
        outcome=Outcome.REFUSED,
        service=decision.service,
        reason=str(refusal.reason),
        entitlement_id=decision.entitlement_id,
        grant_id=decision.grant_id,
        detail={"code": refusal.code},
    )
    values: dict[str, Any] = {
        "event": as_json(logged),
        "slot": slot,
        "reading": reading,
        "session": by.a_session,
        "read_after": clock.now() - READING_LIFETIME,
        "by": by.person,
        "key": key,
    }
    with single_statement(), connection.cursor() as cursor:
        cursor.execute(_REFUSE, values)
        return cursor.fetchone() is not None
