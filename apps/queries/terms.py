"""Words and limits of querying."""

from datetime import timedelta

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

# How long the pages of one query can be opened again (Back, another tab, print), and how long a
# reading stands for the patient's presence.
LIFETIME = timedelta(minutes=30)
# Rows stay as long as a help-desk call of the same day may ask for them, and the limit may count.
KEPT = timedelta(days=1)


class AnswerState(TextChoices):
    """Only a complete answer without rows says that there is nothing."""

    COMPLETE = "complete", _("complete")
    PARTIAL = "partial", _("in part")
    FAILED = "failed", _("failed")


class Consent(TextChoices):
    """Manual 3, 四(五)."""

    OBTAINED = "obtained", _("The patient has consented")
    URGENT = "urgent", _("Urgent, the patient's consent could not be obtained")
    REFUSED = "refused", _("The patient does not consent")


# The reason under which a query beyond the limit is refused; the review queue finds it by that.
TOO_MANY = "too_many_patients"
# The one row of the limit (models.QueryLimit).
LIMIT = "patients"

# The reason under which a query without consent stands in the access log (FEATURES F7).
BREAK_GLASS = "break_glass"

# What must be written beside these: the recording's reference, or the reason.
NEEDS_REFERENCE = frozenset({Consent.OBTAINED, Consent.URGENT})
