"""Words of oversight."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class SearchPurpose(TextChoices):
    """Why somebody looks at the access log; it stands in the event of each look."""

    ROUTINE = "ROUTINE", _("routine supervision")
    REQUEST = "REQUEST", _("request or complaint of a citizen")
    INCIDENT = "INCIDENT", _("incident or suspected misuse")
    REVIEW = "REVIEW", _("case of the review queue")
    LEGAL = "LEGAL", _("court, prosecutor or supervisory authority")


# These say nothing without a file number or a name of the matter.
NEEDS_NOTE = frozenset({SearchPurpose.REQUEST, SearchPurpose.INCIDENT, SearchPurpose.LEGAL})


class OwnRole(TextChoices):
    """Of somebody who looks at what the log says about them: no session, no account."""

    PATIENT = "PATIENT", _("the person concerned")


class CaseState(TextChoices):
    OPEN = "OPEN", _("open")
    ASSIGNED = "ASSIGNED", _("assigned")
    CLOSED = "CLOSED", _("closed")


class Finding(TextChoices):
    """What came out of a review."""

    EXPLAINED = "EXPLAINED", _("explained: the access was right")
    NO_ISSUE = "NO_ISSUE", _("the rule flagged without cause")
    MISTAKE = "MISTAKE", _("a mistake: the person or institution was instructed")
    MISUSE = "MISUSE", _("misuse: passed on for measures")


# Actions that show a patient's data to staff. What changes data shows it as well, and has one of these
# before it.
LOOKS = frozenset(
    {
        "check_eligibility",
        "show_booking",
        "print_slip",
        "query_records",
        "print_records",
        "open_tab",
        "show_waiting",
    }
)


class ExportKind(TextChoices):
    CSV = "CSV", _("table (CSV)")
    FHIR = "FHIR", _("FHIR AuditEvent (NDJSON)")


class ExportState(TextChoices):
    WAITING = "WAITING", _("waiting for a worker")
    RUNNING = "RUNNING", _("being written")
    DONE = "DONE", _("ready")
    FAILED = "FAILED", _("failed")
    GONE = "GONE", _("removed")
