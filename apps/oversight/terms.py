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
