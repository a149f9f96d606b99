"""Words of card transactions."""

from django.db.models import TextChoices
from django.utils.translation import gettext_lazy as _


class Purpose(TextChoices):
    LOGIN = "login", _("Log in")
    READ_CARD = "read_card", _("Read NHI card")
    STEP_UP = "step_up", _("Show your card again")
    CHECK = "check", _("Check the card components")
    SHOW_OWN = "show_own", _("See who looked at your data")


class TransactionState(TextChoices):
    STARTED = "STARTED", _("waiting for the reader program")
    CLAIMED = "CLAIMED", _("waiting for the card")
    ANSWERED = "ANSWERED", _("card read")
    WAITING = "WAITING", _("waiting for the person")
    RETURNED = "RETURNED", _("finished")
    CANCELLED = "CANCELLED", _("cancelled")


# The code was taken: nothing that an agent says counts any more.
OVER = (TransactionState.WAITING, TransactionState.RETURNED)
