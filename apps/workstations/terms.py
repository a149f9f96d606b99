"""Words of workstations."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class ModuleState(TextChoices):
    """How far a security module has come; expiry is a date, not a state."""

    APPLIED = "APPLIED", _("not downloaded yet")
    DOWNLOADED = "DOWNLOADED", _("downloaded, not in use yet")
    USED = "USED", _("in use")
    REVOKED = "REVOKED", _("revoked")


class WorkstationState(TextChoices):
    ACTIVE = "ACTIVE", _("active")
    REVOKED = "REVOKED", _("revoked")
