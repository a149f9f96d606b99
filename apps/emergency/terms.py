"""Words of the emergency query (manual 3)."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _

SERVICE = "IMQ"
PHARMACY_CODE = "59"  # the first two digits of a pharmacy's code


class Purpose(TextChoices):
    """What the query is for: manual 3, 系統目的 and warning 1."""

    VIDEO = "VIDEO", _("Video consultation (during the COVID-19 epidemic)")
    TRIAGE_1 = "TRIAGE_1", _("Emergency, triage level 1 (resuscitation)")
    TRIAGE_2 = "TRIAGE_2", _("Emergency, triage level 2 (critical)")
    TRIAGE_3 = "TRIAGE_3", _("Emergency, triage level 3 (urgent)")


EMERGENCIES = (Purpose.TRIAGE_1, Purpose.TRIAGE_2, Purpose.TRIAGE_3)


class Place(TextChoices):
    """Where a text stands: before the query, above a tab, as the chronic explanation, in an empty tab."""

    WARNING = "WARNING", _("warnings before the query")
    NOTICE = "NOTICE", _("notices above a tab")
    EXPLANATION = "EXPLANATION", _("explanation of the data")
    EMPTY = "EMPTY", _("a tab without records")


class Mark(TextChoices):
    """What is written beside a medicine; never colour alone."""

    ALLERGY = "ALLERGY", _("Allergy: this drug")
    ALLERGY_GROUP = "ALLERGY_GROUP", _("Allergy: a drug of the same group")
    DUPLICATE = "DUPLICATE", _("Duplicate medication")


class Source(TextChoices):
    """Where a medicine comes from (manual 3: 來源 本院 他院 藥局)."""

    OWN = "OWN", _("This institution")
    OTHER = "OTHER", _("Another institution")
    PHARMACY = "PHARMACY", _("Pharmacy")
