"""Campaigns, sites, slots and a citizen's card for tests."""

import uuid
from datetime import date, timedelta
from typing import Any

from apps.booking.models import Booking, Campaign, Site, Slot, WaitingEntry
from apps.cards.readings import NhiReading
from apps.core import clock
from apps.identities.models import Identity
from apps.institutions.terms import InstitutionKind
from tests.support.world import at_hour, in_days, make_institution, make_person, years_ago

# Fifty years old, whoever runs this and when.
READING = NhiReading(
    card_number="000012345678",
    name="王大明",
    national_id="C121103509",
    birth_date=years_ago(50),
    sex="M",
    issued_on=date(2019, 8, 3),
    emergency_phone="",
)


def make_campaign(**fields: Any) -> Campaign:
    """Open now, for everybody from 18 on."""
    now = clock.now()
    values = {
        "code": "AZ01",
        "name": "COVID-19公費疫苗第1期",
        "prefix": "MO,AZ01",
        "vaccine_id": "COVID19",
        "published": True,
        "books_from": now - timedelta(days=1),
        "books_until": now + timedelta(days=30),
        "group_from_age": 18,
    }
    return Campaign.objects.create(**values | fields)


def make_site(campaign: Campaign, **fields: Any) -> Site:
    place = fields.pop("institution", None) or make_institution(
        name="培靈醫院", kind=InstitutionKind.HOSPITAL
    )
    return Site.objects.create(campaign=campaign, institution=place, **{"brand": "AZ"} | fields)


def make_slot(site: Site, *, days: int = 1, hour: int = 10, capacity: int = 10) -> Slot:
    """An hour at the site, `days` from today."""
    begins_at = at_hour(in_days(days), hour)
    return Slot.objects.create(
        site=site, begins_at=begins_at, ends_at=begins_at + timedelta(hours=1), capacity=capacity
    )


def make_booking(slot: Slot, *, counted: bool = True, **fields: Any) -> Booking:
    """A booking of somebody new that some pharmacy made; the slot counts it unless told not to."""
    values: dict[str, Any] = {
        "campaign": slot.site.campaign,
        "slot": slot,
        "name": "林小明",
        "masked_id": "A123****89",
        "phone": "0987654321",
        "key": uuid.uuid4(),
    }
    made = {
        "patient": Identity.objects.create,
        "institution": make_institution,
        "booked_by": make_person,
    }
    if "patient_id" in fields:
        del made["patient"]
    values |= {name: make() for name, make in made.items() if name not in fields}
    booking = Booking.objects.create(**values | fields)
    if counted:
        held = Booking.objects.holding().filter(slot=slot).count()
        Slot.objects.filter(pk=slot.pk).update(booked=held)
    booking.refresh_from_db()
    return booking


def make_entry(site: Site, **fields: Any) -> WaitingEntry:
    """Somebody new who waits for a place at the site in the next month."""
    values: dict[str, Any] = {
        "campaign": site.campaign,
        "site": site,
        "name": "林小明",
        "masked_id": "A123****89",
        "phone": "0987654321",
        "first_day": clock.today(),
        "last_day": in_days(30),
    }
    if "patient_id" not in fields:
        values["patient"] = Identity.objects.create()
    made = {"institution": make_institution, "joined_by": make_person}
    values |= {name: make() for name, make in made.items() if name not in fields}
    return WaitingEntry.objects.create(**values | fields)
