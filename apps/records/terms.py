"""Words of medical records."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Origin(TextChoices):
    """Where a record comes from (manual 3: 資料來源)."""

    CLAIM = "CLAIM", _("claims")
    CARD = "CARD", _("uploaded with the NHI card")


class CodeSystem(TextChoices):
    """Code lists of the Ministry that records speak in."""

    ATC = "ATC", _("drug classes (ATC)")
    FREQUENCY = "FREQUENCY", _("how often a drug is taken")
    ROUTE = "ROUTE", _("how a drug is given")
    DEPARTMENT = "DEPARTMENT", _("departments")


class Severity(TextChoices):
    """How bad an allergic reaction was, as institutions upload it."""

    MILD = "1", _("mild")
    MODERATE = "2", _("moderate")
    SEVERE = "3", _("severe")
    LIFE_THREATENING = "4", _("life-threatening")


class Schedule(TextChoices):
    """Schedules of the Controlled Drugs Act (管制藥品分級)."""

    FIRST = "1", _("schedule 1")
    SECOND = "2", _("schedule 2")
    THIRD = "3", _("schedule 3")
    FOURTH = "4", _("schedule 4")


class ResultFlag(TextChoices):
    """How a laboratory value lies to its reference range."""

    NORMAL = "N", _("within range")
    HIGH = "H", _("high")
    LOW = "L", _("low")
    ABNORMAL = "A", _("abnormal")
