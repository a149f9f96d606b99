"""Words of workstations."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class WorkstationState(TextChoices):
    ACTIVE = "ACTIVE", _("active")
    REVOKED = "REVOKED", _("revoked")
