"""What a person at the counter or at the site is told when something is not done."""

from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from apps.booking.policies import Verdict
from apps.booking.terms import Rule
from apps.core.errors import Denied, Invalid, Refusal, Unprocessable
from apps.core.templatetags.ankang import ad_date


class SlotFull(Refusal):
    code = "VBK-FULL"
    message = _("This time slot has just been filled. Please choose another one.")


class SlotClosed(Refusal):
    code = "VBK-CLOSED"
    message = _("This time slot is no longer open. Please choose another one.")


class AlreadyBooked(Refusal):
    code = "VBK-BOOKED"
    message = _("This person already has a booking in this campaign.")
    way_on = _(
        "Vaccine booking shows it by the card, wherever it was made; it can be changed there."
    )


class KeyReused(Unprocessable):
    code = "VBK-KEY"
    message = _("This form was already sent with other data.")
    way_on = _("Please read the card again.")


class NotEligible(Denied):
    """The manual's refusal, with its code; `next_eligible_on` is in the detail where waiting helps."""

    def __init__(self, verdict: Verdict) -> None:
        rule = verdict.rule or Rule.LISTED
        day = verdict.next_eligible_on
        super().__init__(
            rule.label,
            code=rule.value,
            # Not that of Denied: no manager can help.
            way_on=gettext("Eligible from %(day)s.") % {"day": ad_date(day)} if day else "",
            reason=rule.name.lower(),
            detail={"next_eligible_on": day.isoformat() if day else None},
        )


class BookingEnded(Refusal):
    """It was cancelled, used, or its time has passed."""

    code = "VBK-ENDED"
    message = _("This booking has ended and can no longer be changed or cancelled.")
    way_on = _("Please read the card again; a new booking may be possible.")


class BookingChanged(Refusal):
    """Somebody changed it after this form was shown; nobody undoes another's change unseen."""

    code = "VBK-CHANGED"
    message = _("This booking was changed in the meantime.")
    way_on = _("Please look at it again before you change or cancel it.")


class PeriodOver(Refusal):
    code = "VBK-PERIOD"
    message = _("The booking period of this campaign is over; the booking stays as it is.")
    way_on = _("Please call the vaccination site.")


class AlreadyWaiting(Refusal):
    code = "VBW-LISTED"
    message = _("This person is on a waiting list of this campaign already.")


class PlaceFree(Refusal):
    """Nobody waits for what can be had."""

    code = "VBW-FREE"
    message = _("There is a free place at this site on these days.")
    way_on = _("Please book it instead of waiting, or choose other days.")


class SiteNotTaking(Refusal):
    code = "VBW-SITE"
    message = _("This site does not take part in this campaign.")
    way_on = _("Please choose another site.")


class OfferOver(Refusal):
    """It expired, was declined, or the site took it back."""

    code = "VBW-OVER"
    message = _("This offer is no longer open; the place went to the next in line.")
    way_on = _("Please read the card again to see the present rank.")


class NotToday(Refusal):
    code = "VBS-DAY"
    message = _("This booking is for another day.")
    way_on = _(
        "Please check the date on the slip; the booking can be changed by the citizen's card."
    )


class TooEarly(Refusal):
    code = "VBS-EARLY"
    message = _("The time of this booking has not come yet; the person may still arrive.")


class PlaceGone(Refusal):
    """Somebody came after having been marked as not come."""

    code = "VBS-GONE"
    message = _("The place of this person went to somebody else meanwhile, or the slot was closed.")
    way_on = _("Read the card to see which places are left today, or give the slot one place more.")


class BrandNotHere(Invalid):
    """A slip of the finger would become a vaccination record."""

    code = "DOSE-BRAND"
    message = _("This institution is no site for this brand in this campaign.")
    way_on = _("Please check the brand on the vial; operators appoint sites with their brands.")


class BelowBooked(Refusal):
    """`booked` in the detail: as many people have a place in this slot."""

    code = "VBS-BOOKED"
    message = _("More people are booked in this slot than places would be left.")
    way_on = _("Please move or cancel bookings of this day first, or choose a larger number.")


class SlotChanged(Refusal):
    """Somebody else changed the slot after this form was shown."""

    code = "VBS-CHANGED"
    message = _("The slot was changed in the meantime; these are its present places.")
    way_on = _("Please look at it again before you save.")


class NothingToClose(Refusal):
    code = "VBS-NONE"
    message = _("No open slot begins at or after this time on this day.")


class NothingToCopy(Refusal):
    code = "VBS-NO-SLOTS"
    message = _("There are no open slots in this week to copy.")
    way_on = _("Please choose a week that has slots.")


class UnknownSites(Invalid):
    """Not in the register, or not active; `codes` in the detail."""

    code = "VBC-CODES"
    message = _("These institutions are not in the register or not active.")


class BrandNotGiven(Invalid):
    """`codes` in the detail."""

    code = "VBC-BRAND"
    message = _("The campaign does not give these brands.")


class RuleDoesNotFit(Refusal):
    code = "VBX-RULE"
    message = _(
        "This rule of the exception desk does not fit the document, the age or the consent."
    )
    way_on = _("Please choose the rule that fits, or read the NHI card.")


class OtherPerson(Refusal):
    code = "VBX-PERSON"
    message = _("Under this number somebody with another name was booked before.")
    way_on = _("Please compare number and name with the document.")
