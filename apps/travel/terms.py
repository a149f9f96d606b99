"""Words of travel and contact history."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

SERVICE = "TCH"  # its rules are a row of access.Service
# The two services that show the alert: a rule and a text say which.
ALERTED = (SERVICE, "IMQ")


class Direction(TextChoices):
    ENTRY = "ENTRY", _("entry")
    EXIT = "EXIT", _("exit")


class ReleaseKind(TextChoices):
    ISOLATION = "ISOLATION", _("home isolation")
    QUARANTINE = "QUARANTINE", _("home quarantine")


class LabelKind(TextChoices):
    """「特定職業別或群聚史」."""

    OCCUPATION = "OCCUPATION", _("occupation")
    CLUSTER = "CLUSTER", _("cluster")


class FactKind(TextChoices):
    """What a rule looks at."""

    CONTACT = "CONTACT", _("contact with a confirmed case")
    TRAVEL = "TRAVEL", _("entry or exit")
    RELEASE = "RELEASE", _("release from isolation or quarantine")
    LISTED = "LISTED", _("entry of a named list")
    LABEL = "LABEL", _("occupation or cluster")
    REFERRAL = "REFERRAL", _("referral to a sampling site, not answered")
    ANTIVIRAL = "ANTIVIRAL", _("influenza antiviral prescribed")


class Part(TextChoices):
    """The parts of the alert, in the manual's order (manual 2, 五(二))."""

    STATUS = "STATUS", _("status")
    LABEL = "LABEL", _("occupation or cluster")
    TRAVEL = "TRAVEL", _("travel history")
    REFERRAL = "REFERRAL", _("referral")
    ANTIVIRAL = "ANTIVIRAL", _("antiviral")


# Of these only the record of the highest priority is shown; of the others all.
ONE_OF = frozenset({Part.STATUS, Part.TRAVEL, Part.ANTIVIRAL})


class Slot(TextChoices):
    """Where a text stands."""

    NOTES = "NOTES", _("below the form")
    TRAVEL_HEADING = "TRAVEL_HEADING", _("above the travel history")
    PROMPT = "PROMPT", _("prompt")
    LINKS = "LINKS", _("before the links")
    FOOTER = "FOOTER", _("foot of the alert")
    NOTHING = "NOTHING", _("nothing found")
    FOOTER_NOTHING = "FOOTER_NOTHING", _("foot where nothing was found")


class RulesState(TextChoices):
    DRAFT = "DRAFT", _("draft")
    PUBLISHED = "PUBLISHED", _("published")
    WITHDRAWN = "WITHDRAWN", _("withdrawn")
