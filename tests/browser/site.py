"""The demo's pharmacy as a vaccination site: who runs it, and a day with people on the list."""

from dataclasses import dataclass
from datetime import timedelta
from typing import Any
from uuid import UUID

from tests.browser.people import PHARMACY, Citizen, Pharmacist, make_pharmacist
from tests.browser.stack import Stack


def allow(stack: Stack, person: Pharmacist, *services: str) -> Pharmacist:
    """Grants what the demo's pharmacy is entitled to."""
    from apps.access.models import Entitlement
    from apps.accounts.models import Person
    from tests.support.world import grant

    with stack.database():
        for service in services:
            entitlement: Any = Entitlement.objects.get(
                institution__code=PHARMACY, service_id=service
            )
            grant(Person.objects.get(pk=person.person), entitlement)
    return person


def make_site_keeper(stack: Stack) -> Pharmacist:
    """Somebody who runs the site and books for nobody."""
    return allow(stack, make_pharmacist(stack, authorized=False), "VBS")


@dataclass(frozen=True)
class SiteDay:
    """Today at the pharmacy's site: a slot that lasts the whole day, and who is booked in it."""

    site: UUID
    slot: UUID
    bookings: list[UUID]
    numbers: list[str]


def make_day(stack: Stack, *, people: int = 3) -> SiteDay:
    """At a minute of its own, so that each test has its own slot; two places stay free."""
    from apps.booking.models import Site, Slot
    from apps.core import clock
    from apps.institutions.models import Institution
    from tests.support.booking import make_booking

    with stack.database():
        pharmacy = Institution.objects.get(code=PHARMACY)
        site = Site.objects.get(institution=pharmacy, campaign__code="AZ01")
        midnight = clock.start_of(clock.today())
        slot = Slot.objects.create(
            site=site,
            begins_at=midnight + timedelta(minutes=1, seconds=Slot.objects.count()),
            ends_at=midnight + timedelta(hours=23, minutes=59),
            capacity=people + 2,
        )
        booked = [
            make_booking(slot, institution=pharmacy, name=f"受測民眾{n}") for n in range(people)
        ]
        return SiteDay(
            site.pk, slot.pk, [each.pk for each in booked], [each.full_number for each in booked]
        )


def book_today(stack: Stack, day: SiteDay, citizen: Citizen) -> UUID:
    """The citizen is booked for today."""
    from apps.booking.models import Slot
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind
    from tests.support.booking import make_booking

    with stack.database():
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=citizen.national_id)
        slot = Slot.objects.select_related("site__campaign").get(pk=day.slot)
        return make_booking(slot, patient_id=patient, name=citizen.name).pk
