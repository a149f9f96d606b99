"""At night, in an institution that has no emergency department."""

from collections.abc import Iterable

from django.db.models import Q
from django.db.models.functions import ExtractHour
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.institutions.models import Institution
from apps.oversight.rules.base import Flag, Period, Rule, Threshold, looks_in


def find(period: Period, limit: int, floor: int) -> Iterable[Flag]:
    """From `limit` o'clock in the evening until `floor` o'clock in the morning; once a person and day."""
    night = Q(hour__gte=limit) | Q(hour__lt=floor)
    looks = looks_in(period).annotate(hour=ExtractHour("recorded_at")).filter(night)
    open_at_night = Institution.objects.filter(has_emergency_department=True).values("pk")
    seen = set()
    for event in looks.exclude(institution__in=open_at_night).order_by("recorded_at", "id"):
        key = f"{event.actor}:{clock.day_of(event.recorded_at)}"
        if key not in seen:
            seen.add(key)
            yield Flag(key=key, event=event, patient=event.patient)


RULE = Rule(
    code="out_of_hours",
    title=_("Out of hours"),
    sentence=_(
        "Data of a patient was opened at night, in an institution without an emergency department."
    ),
    find=find,
    limit=Threshold(_("o'clock in the evening, from which it is night"), 22, 17, 24),
    floor=Threshold(_("o'clock in the morning, until which it is night"), 6, 0, 10),
)
