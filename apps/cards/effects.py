"""What another age or place of a revocation list would do (FEATURES A14)."""

from django.db.models import Model
from django.utils.formats import date_format
from django.utils.timezone import localtime
from django.utils.translation import gettext_lazy as _

from apps.access.wording import NOTHING, Effect, previews
from apps.cards.models import RevocationList


@previews("cards.revocationlist")
def preview_list(before: Model, after: Model) -> list[Effect]:
    """Until when cards are believed on the list that is there, should no newer one come."""
    assert isinstance(before, RevocationList)
    assert isinstance(after, RevocationList)
    return [
        Effect("counts_before", _("The present list counts until, as it is now"), _until(before)),
        Effect("counts_after", _("The present list would count until"), _until(after)),
    ]


def _until(watched: RevocationList) -> str:
    moment = watched.counts_until
    return NOTHING if moment is None else date_format(localtime(moment), "DATETIME_FORMAT")
