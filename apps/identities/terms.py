"""Words of identities."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class IdentifierKind(TextChoices):
    NATIONAL_ID = "NATIONAL_ID", _("national or resident ID")
    PASSPORT = "PASSPORT", _("passport")
    ENTRY_PERMIT = "ENTRY_PERMIT", _("entry permit")
