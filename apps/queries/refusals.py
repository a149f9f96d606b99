"""What somebody who queries is told when there is no answer."""

from django.utils.translation import gettext_lazy as _

from apps.core.errors import Denied, Gone, Invalid, Refusal


class QueryGone(Gone):
    """Expired, of another session, or never there: the answer is the same."""

    code = "QRY-GONE"
    message = _("This query is over or belongs to another login.")
    way_on = _("Please start a new query.")


class OtherCard(Refusal):
    """The page in front of the reader and the person in the reader must not part."""

    code = "QRY-OTHER-CARD"
    message = _("The card belongs to somebody else than the number that was entered.")
    way_on = _(
        "Please check whose card is in the reader, then read it again or correct the number."
    )


class TooManyPatients(Denied):
    """`retry_after` in the detail: seconds. The auditors find these by their reason."""

    status = 429
    code = "QRY-MANY"
    message = _(
        "You have looked up too many people within a short time. Further queries are stopped for a"
        " while, and the auditors are told."
    )
    way_on = _("Please wait a few minutes. If your work needs this many, call the help desk.")


class ConsentIncomplete(Invalid):
    code = "QRY-CONSENT"
    message = _("Please enter the reference of the recording, or the reason.")


class ConsentRefused(Denied):
    code = "QRY-REFUSED"
    message = _("The patient does not consent; their records are not shown.")
    way_on = _("Please start a new query if the patient decides otherwise.")
