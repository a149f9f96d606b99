"""Words of the portal."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Board(TextChoices):
    """Where an announcement hangs: two tabs of the home page (manual 2)."""

    NEWS = "NEWS", _("system announcements")
    SECURITY = "SECURITY", _("security notes")


class Shelf(TextChoices):
    """下載專區, 下載捷徑專區 (manuals 1 to 3) and what 系統元件 offers (manual 0)."""

    DOCUMENTS = "DOCUMENTS", _("documents and forms")
    SHORTCUTS = "SHORTCUTS", _("shortcuts by service")
    COMPONENT = "COMPONENT", _("card component")


class StatementName(TextChoices):
    """The three statements at the foot of manual 1's portal; the value stands in the address."""

    PRIVACY = "privacy", _("Privacy policy")
    SECURITY = "information-security", _("Information security policy")
    COPYRIGHT = "copyright", _("Copyright statement")
