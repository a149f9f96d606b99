"""A grant that nobody had used for months, and that was used."""

from collections.abc import Iterable
from datetime import timedelta
from uuid import UUID

from django.utils.translation import gettext_lazy as _

from apps.access.models import Grant
from apps.audit.models import Event
from apps.oversight.rules.base import Flag, Period, Rule, Threshold, looks_in


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """At least `limit` days between two uses, or between the granting and the first use."""
    asleep = timedelta(days=limit)
    first: dict[UUID, Event] = {}
    for event in looks_in(period).filter(grant_id__isnull=False).order_by("recorded_at", "id"):
        if event.grant_id:
            first.setdefault(event.grant_id, event)
    given = dict(Grant.objects.filter(pk__in=first).values_list("pk", "granted_at"))
    for grant, event in first.items():
        uses = Event.objects.filter(
            actor=event.actor, grant_id=grant, recorded_at__lt=event.recorded_at
        )
        before = uses.newest_first().values_list("recorded_at", flat=True).first()
        since = before or given.get(grant)
        if since and event.recorded_at - since >= asleep:
            days = (event.recorded_at - since).days
            key = f"{grant}:{event.recorded_at:%Y%m%d}"
            yield Flag(key=key, event=event, facts={"days": days}, patient=event.patient)


RULE = Rule(
    code="dormant_grant",
    title=_("Dormant grant"),
    sentence=_("A grant was used that had not been used for {days} days."),
    find=find,
    limit=Threshold(_("days without use"), 90, 7, 3650),
)
