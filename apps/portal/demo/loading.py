"""Puts the demo's institutions, people, grants, campaign and slots into the database.

Again changes nothing that was done since.
"""

from datetime import datetime, time, timedelta
from pathlib import Path

from django.utils import timezone

from apps.access.models import Entitlement, Membership
from apps.access.services import open_grant
from apps.access.terms import EntitlementSource, GrantSource, MembershipRole
from apps.accounts.models import Person, PlatformRole
from apps.accounts.passwords import set_password
from apps.accounts.terms import INSTITUTION_CARDS
from apps.audit.actors import Actor
from apps.booking.models import Campaign, Site, Slot
from apps.cards.models import RevocationList, TrustAnchor
from apps.cards.services.revoking import update_list, watch_issuer
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.immunizations.models import VaccinationRecord
from apps.institutions.models import Institution
from apps.portal.demo.people import CITIZENS, INSTITUTIONS, NHI_PASSWORD, PEOPLE, DemoPerson
from apps.portal.demo.pki import LIST_LIFETIME, Authority, sign_list

BY = Actor.system("demo_data")
DAYS_AHEAD = 14
HOURS = (9, 10, 11, 14, 15, 16)
CAPACITY = 12


def load_institutions() -> None:
    for each in INSTITUTIONS:
        institution, _ = Institution.objects.get_or_create(
            code=each.code,
            defaults={
                "name": each.name,
                "kind": each.kind,
                "district_id": each.district,
                "address": each.address,
                "has_emergency_department": each.emergency,
                "offers_video_consultation": each.emergency,
            },
        )
        if each.programs:
            Entitlement.objects.get_or_create(
                institution=institution, service_id="FHIR", source=EntitlementSource.UNIFIED
            )


def load_person(each: DemoPerson) -> None:
    """Cards of institutions make their account by themselves, at their first login."""
    if each.card_kind in INSTITUTION_CARDS:
        return
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=each.national_id)
    person, created = Person.objects.get_or_create(
        identity_id=identity, defaults={"name": each.name}
    )
    if not created:
        return  # a grant that an operator closed in the demo must not come back by itself
    if each.role:
        PlatformRole.objects.create(person=person, role=each.role)
    if each.institution:
        institution = Institution.objects.get(code=each.institution)
        for role in [MembershipRole.USER] + [MembershipRole.MANAGER] * each.manager:
            Membership.objects.create(person=person, institution=institution, role=role)
        for code in each.services:
            entitlement, _ = Entitlement.objects.get_or_create(
                institution=institution, service_id=code, source=EntitlementSource.UNIFIED
            )
            open_grant(person=person, entitlement=entitlement, source=GrantSource.UNIFIED, by=BY)


def load_people() -> None:
    for each in PEOPLE:
        load_person(each)


def load_campaign() -> Campaign:
    """One campaign for everybody from 18 on, or 12 with registered intent; 28 days after the last dose."""
    today = clock.today()
    campaign, _ = Campaign.objects.get_or_create(
        code="AZ01",
        defaults={
            "name": "COVID-19公費疫苗第1期",
            "prefix": "MO,AZ01",
            "vaccine_id": "COVID19",
            "published": True,
            "books_from": _at(today - timedelta(days=7), 0),
            "books_until": _at(today + timedelta(days=60), 0),
            "group_from_age": 18,
            "min_age": 12,
            "min_interval_days": 28,
        },
    )
    Campaign.objects.filter(
        pk=campaign.pk, books_until__lt=_at(today + timedelta(days=30), 0)
    ).update(books_until=_at(today + timedelta(days=60), 0))
    return campaign


def load_sites(campaign: Campaign) -> None:
    """Slots on the hour for today and the next two weeks, so that a demo of last month works today."""
    institutions = {each.code: each for each in Institution.objects.all()}
    slots = []
    for each in INSTITUTIONS:
        for brand in each.brands:
            site, _ = Site.objects.get_or_create(
                campaign=campaign, institution=institutions[each.code], brand=brand
            )
            slots += _few_slots(site) if each.scarce else _slots(site)
    Slot.objects.bulk_create(slots, ignore_conflicts=True)


def _slots(site: Site) -> list[Slot]:
    days = (clock.today() + timedelta(days=ahead) for ahead in range(DAYS_AHEAD + 1))
    return [
        Slot(
            site=site,
            begins_at=_at(day, hour),
            ends_at=_at(day, hour + 1),
            capacity=CAPACITY,
        )
        for day in days
        for hour in HOURS
    ]


def _few_slots(site: Site) -> list[Slot]:
    """Two places on each of the next days, which load_waiting_lists fills."""
    days = (clock.today() + timedelta(days=ahead) for ahead in (1, 2, 3))
    return [
        Slot(site=site, begins_at=_at(day, 9), ends_at=_at(day, 10), capacity=2) for day in days
    ]


def load_doses() -> None:
    for each in CITIZENS:
        if each.vaccinated_days_ago is None:
            continue
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=each.national_id)
        VaccinationRecord.objects.get_or_create(
            patient_id=patient,
            vaccine_id="COVID19",
            dose_number=1,
            defaults={
                "brand": "AZ",
                "given_on": clock.today() - timedelta(days=each.vaccinated_days_ago),
                "institution_code": "1101010021",
                "lot": "AZ-DEMO-01",
                "source": "demo",
            },
        )


def trust_authority(card_kind: str, name: str, pem: str) -> None:
    """Cards that a tester makes count without a list; those on the demo's own list do not."""
    TrustAnchor.objects.update_or_create(
        card_kind=card_kind,
        name=name,
        defaults={"certificate": pem, "demo": True, "needs_list": False},
    )


def publish_list(name: str, authority: Authority, file: Path, *, revoked: list[int]) -> None:
    """Writes the authority's revocation list and takes it in, as the hourly task does."""
    file.write_bytes(sign_list(authority, revoked=revoked))
    watched = watch_issuer(name=name, certificate=authority.pem, address=str(file))
    RevocationList.objects.filter(pk=watched.pk).update(max_age=LIST_LIFETIME)
    watched.refresh_from_db()
    update_list(revocation_list=watched, by=BY)


def register_passwords() -> None:
    """The NHI card login of the demo's pharmacist."""
    national_id = next(each.national_id for each in CITIZENS if each.card_id == "nhi-chen")
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
    person = Person.objects.get(identity_id=identity)
    if not person.password:
        set_password(person=person, password=NHI_PASSWORD, by=BY)


def _at(day: object, hour: int) -> datetime:
    return timezone.make_aware(datetime.combine(day, time(hour)))  # type: ignore[arg-type]
