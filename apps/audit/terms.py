"""Words of the access log."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Action(TextChoices):
    """What somebody did or tried: verb and noun, as the services are named (DESIGN section 8)."""

    LOG_IN = "log_in", _("Log in")
    LOG_OUT = "log_out", _("Log out")
    USE_CARD = "use_card", _("Use a card")
    READ_CARD = "read_card", _("Read a card")
    OPEN_PAGE = "open_page", _("Open a page")
    SHOW_HOME = "show_home", _("Show my services")
    CHECK_ELIGIBILITY = "check_eligibility", _("Check eligibility")
    BOOK_SLOT = "book_slot", _("Book a slot")
    CANCEL_BOOKING = "cancel_booking", _("Cancel a booking")
    SHOW_BOOKING = "show_booking", _("Show a booking")
    PRINT_SLIP = "print_slip", _("Print a slip")
    OPEN_GRANT = "open_grant", _("Open a grant")
    CLOSE_GRANT = "close_grant", _("Close a grant")
    EXPIRE_GRANT = "expire_grant", _("Expire a grant")
    ENROL_WORKSTATION = "enrol_workstation", _("Enrol a workstation")
    REVOKE_WORKSTATION = "revoke_workstation", _("Revoke a workstation")
    REVEAL_IDENTIFIER = "reveal_identifier", _("Reveal an identifier")
    SEARCH_LOG = "search_log", _("Search the access log")
    USE_BACKOFFICE = "use_backoffice", _("Use the back office")


class Outcome(TextChoices):
    """How it ended. A refusal was decided by a rule; a failure is a fault of ours."""

    PERMITTED = "permitted", _("Permitted")
    REFUSED = "refused", _("Refused")
    FAILED = "failed", _("Failed")


# What may stand in an event's `detail`: an allow-list, because a free dictionary collects personal
# data (FHIR BALP keeps its entity details to named keys for the same reason).
DETAIL_KEYS = frozenset(
    {
        "action",
        "at_institution",
        "campaign",
        "code",
        "dose",
        "fields",
        "format",
        "job",
        "note",
        "outcome",
        "page",
        "person",
        "query",
        "revision",
        "site",
        "slot",
        "tab",
    }
)

# People type these themselves; an identifier in them is blanked instead of refused, so that a
# reason with a national ID in it does not stop the change that it explains.
FREE_TEXT_KEYS = frozenset({"note"})
