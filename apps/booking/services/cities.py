"""A typhoon keeps a whole city at home: an operator moves or calls off its day at every site (C16).

All slots of the city are closed at once, so nobody is booked on that day any more; then people are
told site by site. Whatever interrupts that, the same asked again goes on where it stopped: whoever was
moved or called off already is no longer booked on that day.
"""

from datetime import date
from uuid import UUID

from django.db import transaction
from django.db.models import QuerySet
from django.utils.translation import gettext_lazy as _

from apps.access.policies import Decision
from apps.access.terms import Reason
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Campaign, Site, Slot
from apps.booking.patterns import day_span
from apps.booking.services.days import cancel_day, close, move_day
from apps.booking.terms import SERVICE
from apps.core.errors import NotFound

OF_OPERATOR = Decision(True, Reason.PERMITTED)


def cancel_city_day(*, campaign: UUID, city: str, day: date, sure: bool, by: Actor) -> int:
    """Calls off everybody who is booked in the city on `day`; how many. Raises NotFound."""
    sites = _close_city(campaign, city, day, Action.CANCEL_DAY, by=by)
    return sum(cancel_day(site=site, day=day, decision=OF_OPERATOR, by=by) for site in sites)


def move_city_day(*, campaign: UUID, city: str, day: date, to: date, by: Actor) -> int:
    """Moves everybody who is booked in the city on `day` to the same time and site of another day;
    how many. Raises NotFound.
    """
    sites = _close_city(campaign, city, day, Action.MOVE_DAY, by=by)
    return sum(move_day(site=site, day=day, to=to, decision=OF_OPERATOR, by=by) for site in sites)


def _close_city(
    campaign: UUID, city: str, day: date, action: Action, *, by: Actor
) -> QuerySet[Site]:
    """The sites that publish something on that day. One event names the city; each person has one too."""
    held = Campaign.objects.filter(pk=campaign).first()
    if held is None:
        raise NotFound(reason="no_such_campaign")
    begins_at, ends_at = day_span(day)
    slots = Slot.objects.filter(
        site__campaign=held,
        site__institution__district__city=city,
        begins_at__gte=begins_at,
        begins_at__lt=ends_at,
    )
    sites = Site.objects.filter(pk__in=slots.values("site")).order_by("pk")
    with transaction.atomic():
        if not close(slots):
            raise NotFound(
                _("No site of this city has published anything on this day."), code="VBC-DAY"
            )
        record_change(
            event(
                action,
                by=by,
                service=SERVICE,
                object_type="campaign",
                object_id=str(held.pk),
                result_count=sites.count(),
                detail={"campaign": held.code, "query": f"{city} {day}"},
            )
        )
    return sites
