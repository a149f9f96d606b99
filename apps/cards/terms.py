"""Words of card transactions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    LOGIN = "login", _("Log in")
    READ_CARD = "read_card", _("Read NHI card")


class TransactionState(TextChoices):
    STARTED = "STARTED", _("waiting for the reader program")
    CLAIMED = "CLAIMED", _("waiting for the card")
    ANSWERED = "ANSWERED", _("card read")
    RETURNED = "RETURNED", _("finished")
    CANCELLED = "CANCELLED", _("cancelled")
