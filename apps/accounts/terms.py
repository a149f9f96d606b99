"""Words of accounts."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class CardKind(TextChoices):
    """The five cards of manual 1 (一、登入系統)."""

    HPC = "HPC", _("health professional card")
    NHI = "NHI", _("NHI card")
    CITIZEN = "CITIZEN", _("citizen certificate")
    INSTITUTION = "INSTITUTION", _("institution card")
    GOVERNMENT = "GOVERNMENT", _("government card")


class SessionRole(TextChoices):
    """What a session stands for.

    Manager and user unite in STAFF (one-person pharmacies); a representative's session stays apart,
    and platform roles never mix with an institution's (DESIGN section 3).
    """

    STAFF = "STAFF", _("staff")
    REPRESENTATIVE = "REPRESENTATIVE", _("representative")
    OPERATOR = "OPERATOR", _("operator")
    AUDITOR = "AUDITOR", _("auditor")


PLATFORM_ROLES = frozenset({SessionRole.OPERATOR, SessionRole.AUDITOR})


class CredentialState(TextChoices):
    ACTIVE = "ACTIVE", _("active")
    BLOCKED = "BLOCKED", _("blocked")
