"""Words of the tenant register."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class InstitutionKind(TextChoices):
    HOSPITAL = "HOSPITAL", _("hospital")
    CLINIC = "CLINIC", _("clinic")
    PHARMACY = "PHARMACY", _("pharmacy")
    HEALTH_STATION = "HEALTH_STATION", _("health station")
    GOVERNMENT = "GOVERNMENT", _("government unit")


class InstitutionStatus(TextChoices):
    ACTIVE = "ACTIVE", _("active")
    SUSPENDED = "SUSPENDED", _("suspended")
    CLOSED = "CLOSED", _("closed")
