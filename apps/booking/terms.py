"""Words of vaccine booking."""

from django.db.models import IntegerChoices, TextChoices
from django.utils.translation import gettext_lazy as _

SERVICE = "VBK"
SITE_SERVICE = "VBS"  # at the site: slots, the list of the day, doses
DESK_SERVICE = "VBX"  # the exception desk, for those who book as well (C17)


class EntryKind(TextChoices):
    """Why somebody is on a campaign's list (manual 1: 意願登記, 類別對象)."""

    INTENT = "INTENT", _("registered intent")
    GROUP = "GROUP", _("listed group")


class DocumentKind(TextChoices):
    """By what somebody without a card is known at the exception desk (C17)."""

    NATIONAL_ID = "NATIONAL_ID", _("national ID or resident certificate")
    PASSPORT = "PASSPORT", _("passport and nationality")
    ENTRY_PERMIT = "ENTRY_PERMIT", _("entry permit")
    MOTHER = "MOTHER", _("mother's national ID, for a newborn without a number")


class BookingState(TextChoices):
    BOOKED = "BOOKED", _("booked")
    ARRIVED = "ARRIVED", _("arrived")
    VACCINATED = "VACCINATED", _("vaccinated")
    NO_SHOW = "NO_SHOW", _("did not come")
    CANCELLED = "CANCELLED", _("cancelled")
    CALLED_OFF = "CALLED_OFF", _("called off by the site")


LIVE = (BookingState.BOOKED, BookingState.ARRIVED)
# Ended before their day; whom the site called off keeps the right to another place (C16).
ENDED_EARLY = (BookingState.CANCELLED, BookingState.CALLED_OFF)
# Their places are taken; who did not come or cancelled has freed theirs.
HOLDING = (BookingState.BOOKED, BookingState.ARRIVED, BookingState.VACCINATED)


class WaitingState(TextChoices):
    """Of somebody on a waiting list (C11)."""

    WAITING = "WAITING", _("waiting")
    OFFERED = "OFFERED", _("has an offer")
    SERVED = "SERVED", _("has a booking")
    LEFT = "LEFT", _("left the list")
    LAPSED = "LAPSED", _("did not answer, or the days are over")


ON_LIST = (WaitingState.WAITING, WaitingState.OFFERED)


class Priority(IntegerChoices):
    """Why somebody stands where they stand; smaller comes first, then the earlier in time."""

    CALLED_OFF = 0, _("The site called the earlier booking off: before everybody else.")
    JOINED = 1, _("In the order of joining.")
    UNANSWERED = 2, _("An offer was not answered in time: behind those who joined.")


class OfferState(TextChoices):
    """Of a place that is kept for somebody; only OPEN ones count in `Slot.booked`."""

    OPEN = "OPEN", _("place kept")
    ACCEPTED = "ACCEPTED", _("accepted")
    DECLINED = "DECLINED", _("declined")
    EXPIRED = "EXPIRED", _("expired")
    WITHDRAWN = "WITHDRAWN", _("withdrawn by the site")


class Topic(TextChoices):
    """What the outbox tells a citizen; each message names the booking and its revision, or the entry
    on the waiting list or the offer.
    """

    BOOKING_MADE = "booking_made", _("booking made")
    BOOKING_CHANGED = "booking_changed", _("booking changed")
    BOOKING_CANCELLED = "booking_cancelled", _("booking cancelled")
    DAY_MOVED = "day_moved", _("moved to another day by the site")
    DAY_CALLED_OFF = "day_called_off", _("called off by the site")
    REMINDER = "reminder", _("reminder")
    WAITING_JOINED = "waiting_joined", _("waiting list joined")
    PLACE_OFFERED = "place_offered", _("place offered")
    OFFER_EXPIRED = "offer_expired", _("offer expired")
    OFFER_WITHDRAWN = "offer_withdrawn", _("offer withdrawn by the site")


class Rule(TextChoices):
    """The rules of eligibility in the order they are asked.

    The first that fails gives the code (FEATURES C1).
    """

    WINDOW = "VBK-C01", _("The booking period has not begun or is over.")
    LISTED = "VBK-C02", _("Neither registered intent nor belongs to a group of this campaign.")
    TOO_YOUNG = "VBK-C03", _("Younger than this campaign allows.")
    TOO_OLD = "VBK-C04", _("Older than this campaign allows.")
    INTERVAL = "VBK-C05", _("The last dose was given too short a time ago.")
    BRAND = "VBK-C06", _("The last dose was of a brand that this campaign does not continue.")
