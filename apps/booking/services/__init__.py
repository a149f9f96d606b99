"""What is done with bookings: `booking` (a new one), `changing` (another time, or none).

Every transaction takes the booking's row first and slots in the order of their ids, so that deeds
that cross each other wait instead of deadlocking (DESIGN section 6).
"""

from apps.booking.services.booking import Request, book_slot, choose_campaign
from apps.booking.services.changing import (
    Change,
    cancel_booking,
    change_booking,
    check_changeable,
)
from apps.booking.services.refusals import (
    AlreadyBooked,
    BookingChanged,
    BookingEnded,
    KeyReused,
    NotEligible,
    PeriodOver,
    SlotClosed,
    SlotFull,
)

__all__ = [
    "AlreadyBooked",
    "BookingChanged",
    "BookingEnded",
    "Change",
    "KeyReused",
    "NotEligible",
    "PeriodOver",
    "Request",
    "SlotClosed",
    "SlotFull",
    "book_slot",
    "cancel_booking",
    "change_booking",
    "check_changeable",
    "choose_campaign",
]
