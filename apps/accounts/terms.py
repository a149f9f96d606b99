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


INSTITUTION_CARDS = frozenset({CardKind.INSTITUTION, CardKind.GOVERNMENT})
PERSONAL_CARDS = tuple(kind for kind in CardKind if kind not in INSTITUTION_CARDS)


class ReaderKind(TextChoices):
    """The two kinds of reader of manual 1 (請選擇讀卡機種類).

    The first is an enrolled agent, whose readings the server believes; the second is any agent,
    whose cards prove themselves by signature (DESIGN section 3).
    """

    NHI_READER = "NHI_READER", _("NHI reader / cloud control software")
    CHIP_READER = "CHIP_READER", _("chip card reader")


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
