"""What is done with bookings and slots: `booking` (a new one), `changing` (another time, or none),
`slots` (publishing), `attendance` (the day at the site), `days` (a whole day
moved or called off).

Every transaction takes the booking's row first and slots in the order of their ids, so that deeds
that cross each other wait instead of deadlocking (DESIGN section 6).
"""

from apps.booking.services.attendance import give_dose, mark_arrived, mark_no_show
from apps.booking.services.booking import Request, book_slot, choose_campaign
from apps.booking.services.changing import (
    Change,
    cancel_booking,
    change_booking,
    check_changeable,
)
from apps.booking.services.days import cancel_day, move_day
from apps.booking.services.refusals import (
    AlreadyBooked,
    BelowBooked,
    BookingChanged,
    BookingEnded,
    KeyReused,
    NotEligible,
    NothingToCopy,
    NotToday,
    PeriodOver,
    SlotClosed,
    SlotFull,
    TooEarly,
)
from apps.booking.services.slots import (
    Published,
    change_slot,
    close_early,
    copy_week,
    publish_slots,
)

__all__ = [
    "AlreadyBooked",
    "BelowBooked",
    "BookingChanged",
    "BookingEnded",
    "Change",
    "KeyReused",
    "NotEligible",
    "NotToday",
    "NothingToCopy",
    "PeriodOver",
    "Published",
    "Request",
    "SlotClosed",
    "SlotFull",
    "TooEarly",
    "book_slot",
    "cancel_booking",
    "cancel_day",
    "change_booking",
    "change_slot",
    "check_changeable",
    "choose_campaign",
    "close_early",
    "copy_week",
    "give_dose",
    "mark_arrived",
    "mark_no_show",
    "move_day",
    "publish_slots",
]
