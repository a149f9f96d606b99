"""A full site with people who wait, a place that is kept, and a campaign that waits for its publisher."""

import uuid
from datetime import datetime, time, timedelta

from django.utils import timezone

from apps.access.services.proposals import propose_change
from apps.accounts.models import Person
from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.booking.models import Booking, Campaign, Offer, Site, Slot, WaitingEntry
from apps.booking.terms import Priority, WaitingState
from apps.core import clock
from apps.identities.models import Identity
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.portal.demo.people import CITIZENS, PEOPLE, PHARMACY

A_MONTH = timedelta(days=30)


def load_waiting_lists(campaign: Campaign) -> None:
    """Once: what the demo's people do with their places and ranks is left alone."""
    full = Site.objects.get(campaign=campaign, institution__code="2390020019")
    _fill(full)
    if WaitingEntry.objects.exists():
        return
    _wait(full, name="周小華", masked_id="A123****89", priority=Priority.CALLED_OFF)
    _wait(full, name="鄭大仁", masked_id="F120****37")
    _wait(full, card_id="nhi-fang")
    hospital = Site.objects.get(campaign=campaign, institution__code="1101010021", brand="MO")
    _keep_place(_wait(hospital, card_id="nhi-ho", state=WaitingState.OFFERED))


def _fill(site: Site) -> None:
    for slot in Slot.objects.filter(site=site, booked=0, begins_at__gt=clock.now()):
        for _ in range(slot.capacity):
            Booking.objects.create(
                campaign_id=site.campaign_id,
                slot=slot,
                patient=Identity.objects.create(),
                name="民眾",
                masked_id="W100****00",
                phone="0912000000",
                booked_by=_pharmacist(),
                institution=_pharmacy(),
                key=uuid.uuid4(),
                digest="",
            )
        Slot.objects.filter(pk=slot.pk).update(booked=slot.capacity)


def _wait(
    site: Site,
    *,
    card_id: str = "",
    name: str = "",
    masked_id: str = "",
    priority: Priority = Priority.JOINED,
    state: WaitingState = WaitingState.WAITING,
) -> WaitingEntry:
    patient = Identity.objects.create().pk if not card_id else None
    for each in CITIZENS:
        if each.card_id == card_id:
            patient = identify(kind=IdentifierKind.NATIONAL_ID, value=each.national_id)
            name, masked_id = each.name, f"{each.national_id[:4]}****{each.national_id[-2:]}"
    assert patient is not None
    return WaitingEntry.objects.create(
        campaign_id=site.campaign_id,
        site=site,
        patient_id=patient,
        name=name,
        masked_id=masked_id,
        phone="0912345678",
        first_day=clock.today(),
        last_day=clock.today() + A_MONTH,
        state=state,
        priority=priority,
        joined_by=_pharmacist(),
        institution=_pharmacy(),
    )


def _keep_place(entry: WaitingEntry) -> None:
    day = clock.today() + timedelta(days=2)
    begins_at = timezone.make_aware(datetime.combine(day, time(10)))
    slot = Slot.objects.get(site=entry.site, begins_at=begins_at)
    Offer.objects.create(entry=entry, slot=slot, expires_at=clock.now() + timedelta(hours=24))
    Slot.objects.filter(pk=slot.pk).update(booked=slot.booked + 1)


def load_drafted_campaign() -> None:
    """One operator drafted that it be published; 周大同 may do it in the back office."""
    now = clock.now()
    campaign, made = Campaign.objects.get_or_create(
        code="FLU115",
        defaults={
            "name": "115年度公費流感疫苗",
            "prefix": "FL,115",
            "vaccine_id": "FLU",
            "published": False,
            "books_from": now - timedelta(days=1),
            "books_until": now + timedelta(days=90),
            "group_from_age": 50,
            "brands": ["FLUA", "VAXI"],
        },
    )
    if not made:
        return
    hospital = Institution.objects.get(code="1101010021")
    Site.objects.create(campaign=campaign, institution=hospital, brand="VAXI")
    campaign.published = True
    number = next(each.national_id for each in PEOPLE if each.card_id == "citizen-lee")
    operator = Person.objects.get(
        identity_id=identify(kind=IdentifierKind.NATIONAL_ID, value=number)
    )
    propose_change(record=campaign, by=Actor(person=operator.pk, role=SessionRole.OPERATOR))


def _pharmacist() -> Person:
    number = next(each.national_id for each in PEOPLE if each.card_id == "hpc-chen")
    return Person.objects.get(identity_id=identify(kind=IdentifierKind.NATIONAL_ID, value=number))


def _pharmacy() -> Institution:
    return Institution.objects.get(code=PHARMACY)
