"""A full slot refuses everybody who still comes for it, for less than a booking costs (bench/booking).

In one statement: whose session it is, whether it may book, whether the slot is full, whose card was
read, and the event of the refusal, which stands only if all of that holds.
"""

from functools import cache
from typing import Any
from uuid import UUID

from apps.access.policies import WAY_IS_PERMITTED
from apps.accounts.sessions import ACTOR
from apps.audit.actors import Actor
from apps.audit.events import event
from apps.audit.services import as_json
from apps.audit.terms import Action, Outcome
from apps.booking.models import Booking, Slot
from apps.booking.services.refusals import SlotFull
from apps.booking.terms import SERVICE
from apps.cards.models import READING_LIFETIME, Reading
from apps.core import clock
from apps.core.statements import Along

# Behind the decision, of whose `way` it speaks. The event is written for a row that all of this holds
# for, and for no other. A form that made its booking already is no refusal, though it may have taken
# the last place.
REFUSED = Along(
    f"""audit.append(%(refusal)s::jsonb || {ACTOR} || jsonb_build_object(
        'ip', %(ip)s::text, 'request_id', %(request_id)s::uuid, 'patient', reading.patient_id,
        'entitlement_id', way.entitlement_id, 'grant_id', way.grant_id))""",
    f"""JOIN {Slot._meta.db_table} slot ON slot.id = %(slot)s
                 AND slot.booked >= slot.capacity AND NOT slot.closed
    JOIN {Reading._meta.db_table} reading ON reading.id = %(reading)s
                 AND reading.session_id = session.id AND reading.read_at > %(read_after)s
                 AND {WAY_IS_PERMITTED}
                 AND NOT EXISTS (
                     SELECT FROM {Booking._meta.db_table} booking
                     WHERE booking.booked_by_id = session.person_id AND booking.key = %(form)s)""",
)


def ask_full(
    *, slot: UUID, reading: UUID, form: UUID, refusal: SlotFull, by: Actor
) -> dict[str, Any]:
    """The values of REFUSED; `by` need only know address and request, the session knows the rest.

    Nothing is recorded when the slot has a place, or when something else is to be said: then the form
    goes its usual way.
    """
    return {
        "refusal": _logged(str(refusal.reason), refusal.code),
        "ip": by.ip,
        "request_id": by.request_id,
        "slot": slot,
        "reading": reading,
        "read_after": clock.now() - READING_LIFETIME,
        "form": form,
    }


@cache
def _logged(reason: str, code: str) -> str:
    """What stands in the event of every such refusal; the statement adds whose it is."""
    return as_json(
        event(
            Action.BOOK_SLOT,
            by=Actor(),
            outcome=Outcome.REFUSED,
            service=SERVICE,
            reason=reason,
            detail={"code": code},
        )
    )
