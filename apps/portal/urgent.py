"""An announcement that cannot wait for a second operator, such as an outage (docs/adr/0008)."""

from datetime import date, timedelta

from django.utils.translation import gettext_lazy as _

from apps.access.models import Proposal
from apps.access.services.proposals import publish_at_once
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.errors import Invalid
from apps.portal.models import Announcement

LONGEST = timedelta(days=7)


class TooLong(Invalid):
    code = "TXT-URGENT"
    message = _(
        "Shown until: an urgent announcement needs a last day, seven days from now at the most."
    )
    way_on = _("Please enter the last day, or draft the announcement for a second operator.")


def is_short(until: date | None) -> bool:
    """What nobody has confirmed goes by itself before long."""
    return until is not None and clock.today() <= until <= clock.today() + LONGEST


def announce_urgently(*, announcement: Announcement, by: Actor) -> Proposal:
    """Shows a new announcement from today on, marked as urgent, until another operator confirms it or
    somebody withdraws it. Raises TooLong.
    """
    if not is_short(announcement.shown_until):
        raise TooLong(reason="urgent_without_an_end")
    announcement.urgent = True
    announcement.shown_from = min(announcement.shown_from, clock.today())
    return publish_at_once(record=announcement, by=by)
