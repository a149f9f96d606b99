"""What the booking form offers: city, district, site, day and slot, only where there are places.

Each level narrows the next; what was chosen before and is still possible stays chosen, else the
first that is free is.
"""

from dataclasses import dataclass, field
from datetime import date
from typing import Any
from uuid import UUID

from django.db.models import Case, Count, Q, Subquery, Value, When

from apps.booking.models import Campaign, Site, Slot
from apps.booking.terms import WaitingState
from apps.core import clock
from apps.institutions.models import Institution


@dataclass(frozen=True)
class Wish:
    """What the person at the counter chose so far; empty strings for nothing."""

    city: str = ""
    district: str = ""
    site: str = ""
    date: str = ""
    slot: str = ""


def wish_for(slot: Slot) -> Wish:
    """The wish that chooses this slot; its site, institution and district are loaded."""
    district = slot.site.institution.district
    day = clock.day_of(slot.begins_at).isoformat()
    if district is None:
        return Wish()
    return Wish(district.city, district.code, str(slot.site_id), day, str(slot.pk))


@dataclass
class Choices:
    """Options as (value, label) pairs, and the wish brought in line with them."""

    wish: Wish
    cities: list[tuple[str, str]] = field(default_factory=list)
    districts: list[tuple[str, str]] = field(default_factory=list)
    sites: list[Any] = field(default_factory=list)
    days: list[tuple[date, int]] = field(default_factory=list)
    slots: list[Slot] = field(default_factory=list)
    next_free: Slot | None = None

    @property
    def site(self) -> Any | None:
        return next((each for each in self.sites if str(each.pk) == self.wish.site), None)


def offer_choices(
    *, campaign: Campaign, wish: Wish, near: UUID | None = None, own: UUID | None = None
) -> Choices:
    """Two statements: the campaign's sites with free places, and the free slots of the chosen one.

    Without a wish, the place nearest to the institution `near` is chosen (FEATURES C10).
    `own` is the slot of a booking that is being changed; it stays on offer although it is taken.
    """
    now = clock.now()
    sites = list(
        Site.objects.filter(campaign=campaign)
        .with_places(now, own=own)
        .select_related("institution__district")
        .order_by(_distance(near), "institution__district__position", "institution__code", "brand")
    )
    # Without a district nobody could find it in the lists of the form.
    places = [(each, place) for each in sites if (place := each.institution.district)]
    cities = _distinct(district.city for _, district in places)
    city = _keep(wish.city, cities)
    districts = _distinct_pairs(
        (district.code, district.name) for _, district in places if district.city == city
    )
    district_code = _keep(wish.district, [code for code, _ in districts])
    here = [each for each, district in places if district.code == district_code]
    site = _keep(wish.site, [str(each.pk) for each in here])
    free = Slot.objects.free(now, own=own)
    slots = list(free.filter(site_id=UUID(site)).order_by("begins_at")) if site else []
    days = _days(slots)
    day = _keep(wish.date, [each.isoformat() for each, _ in days])
    of_day = [slot for slot in slots if clock.day_of(slot.begins_at).isoformat() == day]
    slot_id = _keep(wish.slot, [str(slot.pk) for slot in of_day])
    return Choices(
        wish=Wish(city, district_code, site, day, slot_id),
        cities=[(name, name) for name in cities],
        districts=districts,
        sites=here,
        days=days,
        slots=of_day,
        next_free=next((slot for slot in slots if slot.pk != own), None),
    )


def offer_sites(*, campaign: Campaign, wish: Wish, near: UUID | None = None) -> Choices:
    """The campaign's sites with a place or without, for those who wait (C11); one statement.

    Each says in `waiting` how many wait there.
    """
    waiting = Count("waitingentry", filter=Q(waitingentry__state=WaitingState.WAITING))
    sites = list(
        Site.objects.filter(campaign=campaign, active=True)
        .select_related("institution__district")
        .annotate(waiting=waiting)
        .order_by(_distance(near), "institution__district__position", "institution__code", "brand")
    )
    places = [(each, place) for each in sites if (place := each.institution.district)]
    cities = _distinct(district.city for _, district in places)
    city = _keep(wish.city, cities)
    districts = _distinct_pairs(
        (district.code, district.name) for _, district in places if district.city == city
    )
    district_code = _keep(wish.district, [code for code, _ in districts])
    here = [each for each, district in places if district.code == district_code]
    site = _keep(wish.site, [str(each.pk) for each in here])
    return Choices(
        wish=Wish(city, district_code, site),
        cities=[(name, name) for name in cities],
        districts=districts,
        sites=here,
    )


def _distance(near: UUID | None) -> Case | Value:
    """0 in the institution's own district, 1 in its city, 2 elsewhere."""
    if near is None:
        return Value(2)
    home = Institution.objects.filter(pk=near)
    district, city = home.values("district"), home.values("district__city")
    return Case(
        When(institution__district=Subquery(district), then=0),
        When(institution__district__city=Subquery(city), then=1),
        default=2,
    )


def _keep(wanted: str, possible: list[str]) -> str:
    if wanted in possible:
        return wanted
    return possible[0] if possible else ""


def _distinct(values: Any) -> list[str]:
    return list(dict.fromkeys(values))


def _distinct_pairs(pairs: Any) -> list[tuple[str, str]]:
    return list(dict(pairs).items())


def _days(slots: list[Slot]) -> list[tuple[date, int]]:
    """Each day with the number of places left on it."""
    left: dict[date, int] = {}
    for slot in slots:
        day = clock.day_of(slot.begins_at)
        left[day] = left.get(day, 0) + slot.left
    return list(left.items())
