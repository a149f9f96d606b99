"""What switching a tab would do to the people who query in emergencies now (FEATURES A8, A14)."""

from copy import copy

from django.db.models import Model
from django.utils.translation import gettext_lazy as _

from apps.access.effects import count_permitted, of_other_profession
from apps.access.models import Entitlement, Grant, Service
from apps.access.terms import Profession
from apps.access.wording import Effect, previews
from apps.core import clock
from apps.emergency.models import TabSwitch
from apps.emergency.terms import SERVICE


@previews("emergency.tabswitch", words={"professions": Profession})
def preview_switch(before: Model, after: Model) -> list[Effect]:
    """Counts of now: who may query, who sees the tab, and who would."""
    assert isinstance(before, TabSwitch)
    assert isinstance(after, TabSwitch)
    entitled = Entitlement.objects.in_force(clock.today()).filter(service=SERVICE)
    service = Service.objects.get(pk=SERVICE)
    granted = Grant.objects.in_force(clock.now()).filter(content_object__service=service)
    return [
        Effect(
            "entitled",
            _("Institutions entitled now"),
            entitled.values("institution").distinct().count(),
        ),
        Effect("granted", _("People authorized now"), granted.values("user").distinct().count()),
        Effect(
            "people_before",
            _("of these, whose proved profession sees the tab now"),
            _count_people(service, before),
        ),
        Effect(
            "people_after",
            _("of these, whose proved profession would see the tab then"),
            _count_people(service, after),
        ),
        Effect(
            "sessions_before",
            _("Open sessions that see the tab now"),
            _count_sessions(service, before),
        ),
        Effect(
            "sessions_after",
            _("Open sessions that would see the tab then"),
            _count_sessions(service, after),
        ),
    ]


def _count_people(service: Service, switch: TabSwitch) -> int:
    narrowed = _narrow(service, switch)
    granted = Grant.objects.in_force(clock.now()).filter(content_object__service=service)
    if narrowed is None:
        return 0
    others = of_other_profession(granted, narrowed).values("pk")
    return granted.exclude(pk__in=others).values("user").distinct().count()


def _count_sessions(service: Service, switch: TabSwitch) -> int:
    narrowed = _narrow(service, switch)
    return 0 if narrowed is None else count_permitted(narrowed)


def _narrow(service: Service, switch: TabSwitch) -> Service | None:
    """The service's rules for the professions that see the tab; None when nobody does. Not saved."""
    both = set(service.professions or Profession.values) & set(
        switch.professions or Profession.values
    )
    if not switch.enabled or not both:
        return None
    narrowed = copy(service)
    if switch.professions:
        narrowed.professions = sorted(both)
    return narrowed
