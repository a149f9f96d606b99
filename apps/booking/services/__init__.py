"""What is done with bookings and slots: `booking` (a new one), `changing` (another time, or none),
`rush` (a full slot), `slots` (publishing), `attendance` (the day at the site), `days` (a whole day
moved or called off), `people` (some of a slot), `waiting`, `offers` and `queue` (the waiting list).

Every transaction takes the booking's row first and slots in the order of their ids, so that deeds
that cross each other wait instead of deadlocking (DESIGN section 6).
"""

from apps.booking.services.attendance import give_dose, mark_arrived, mark_no_show
from apps.booking.services.booking import (
    Request,
    book_slot,
    campaigns_of,
    choose_campaign,
)
from apps.booking.services.changing import (
    Change,
    cancel_booking,
    change_booking,
    check_changeable,
)
from apps.booking.services.days import cancel_day, move_day
from apps.booking.services.exceptions import Grounds, Typed, book_exception, open_exception
from apps.booking.services.people import relieve_slot
from apps.booking.services.refusals import (
    AlreadyBooked,
    AlreadyWaiting,
    BelowBooked,
    BookingChanged,
    BookingEnded,
    BrandNotHere,
    KeyReused,
    NotEligible,
    NothingToClose,
    NothingToCopy,
    NotToday,
    OfferOver,
    OtherPerson,
    PeriodOver,
    PlaceFree,
    PlaceGone,
    RuleDoesNotFit,
    SiteNotTaking,
    SlotChanged,
    SlotClosed,
    SlotFull,
    TooEarly,
)
from apps.booking.services.rush import REFUSED, ask_full
from apps.booking.services.slots import (
    Published,
    Shown,
    change_slot,
    close_early,
    copy_week,
    publish_slots,
)
from apps.booking.services.waiting import (
    Hope,
    accept_offer,
    decline_offer,
    join_waiting_list,
    leave_waiting_list,
)

__all__ = [
    "REFUSED",
    "AlreadyBooked",
    "AlreadyWaiting",
    "BelowBooked",
    "BookingChanged",
    "BookingEnded",
    "BrandNotHere",
    "Change",
    "Grounds",
    "Hope",
    "KeyReused",
    "NotEligible",
    "NotToday",
    "NothingToClose",
    "NothingToCopy",
    "OfferOver",
    "OtherPerson",
    "PeriodOver",
    "PlaceFree",
    "PlaceGone",
    "Published",
    "Request",
    "RuleDoesNotFit",
    "Shown",
    "SiteNotTaking",
    "SlotChanged",
    "SlotClosed",
    "SlotFull",
    "TooEarly",
    "Typed",
    "accept_offer",
    "ask_full",
    "book_exception",
    "book_slot",
    "campaigns_of",
    "cancel_booking",
    "cancel_day",
    "change_booking",
    "change_slot",
    "check_changeable",
    "choose_campaign",
    "close_early",
    "copy_week",
    "decline_offer",
    "give_dose",
    "join_waiting_list",
    "leave_waiting_list",
    "mark_arrived",
    "mark_no_show",
    "move_day",
    "open_exception",
    "publish_slots",
    "relieve_slot",
]
