"""A campaign with many slots, and as many citizens with card readings as a run can book."""

from dataclasses import dataclass
from datetime import date, timedelta
from typing import Any
from uuid import UUID

import psycopg
from django.db import connection

from apps.access.models import Entitlement, Grant, Membership
from apps.access.services import open_grant
from apps.access.terms import EntitlementSource, GrantSource, MembershipRole
from apps.accounts.models import Person
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import as_json, event
from apps.audit.terms import Action
from apps.booking.models import Booking, Campaign, Site, Slot
from apps.cards.models import Reading
from apps.cards.readings import NhiReading, seal_reading
from apps.core import clock
from apps.identities.models import Identity
from apps.institutions.models import Institution
from apps.workstations.models import Workstation
from config.environment import read

SLOTS = 2000
FULL_SLOT = SLOTS + 1
CODE = "5999999999"


@dataclass(frozen=True)
class World:
    campaign: UUID
    site: UUID
    institution: UUID
    pharmacist: UUID
    day: str
    event: str
    session_columns: dict[str, Any]


def bench_uuid(kind: int, number: int) -> UUID:
    """The same id in Python and, by the function of the same name, in pgbench."""
    return UUID(f"0000000{kind}-0000-4000-8000-{number:012d}")


def build(*, people: int) -> World:
    """Everything anew; the benchmark's database is its own (`make bench`)."""
    _empty()
    institution = Institution.objects.create(
        code=CODE, name="量測藥局", kind="PHARMACY", district_id="105"
    )
    pharmacist = Person.objects.create(identity=Identity.objects.create(), name="量測藥師")
    workstation = Workstation.objects.create(
        institution=institution, module_code=f"{9:012d}", public_key="9" * 43
    )
    Membership.objects.create(person=pharmacist, institution=institution, role=MembershipRole.USER)
    entitlement = Entitlement.objects.create(
        institution=institution, service_id="VBK", source=EntitlementSource.OPERATOR
    )
    by = Actor.system("bench")
    open_grant(person=pharmacist, entitlement=entitlement, source=GrantSource.OPERATOR, by=by)
    campaign, site, day = _build_slots(institution)
    _build_people(workstation, people=people)
    example = event(Action.BOOK_SLOT, by=by, service="VBK", patient=bench_uuid(9, 1))
    return World(
        campaign=campaign.pk,
        site=site.pk,
        institution=institution.pk,
        pharmacist=pharmacist.pk,
        day=day,
        event=as_json(example),
        session_columns={
            "person": pharmacist,
            "role": SessionRole.STAFF,
            "institution_id": institution.pk,
            "institution_code": institution.code,
            "institution_name": institution.name,
            "workstation_id": workstation.pk,
            "card_kind": CardKind.HPC,
            "card_issuer": "bench",
            "card_serial": "bench",
            "profession": "D",
            "card_proof_at": clock.now(),
        },
    )


def _build_slots(institution: Institution) -> tuple[Campaign, Site, str]:
    now = clock.now()
    campaign = Campaign.objects.create(
        code="BENCH",
        name="量測",
        prefix="BN",
        vaccine_id="COVID19",
        published=True,
        books_from=now - timedelta(days=1),
        books_until=now + timedelta(days=365),
        group_from_age=18,
    )
    site = Site.objects.create(campaign=campaign, institution=institution, brand="AZ")
    first = now + timedelta(days=1)
    Slot.objects.bulk_create(
        Slot(
            id=bench_uuid(1, number),
            site=site,
            begins_at=first + timedelta(minutes=10 * number),
            ends_at=first + timedelta(minutes=10 * number + 10),
            capacity=0 if number == FULL_SLOT else 1_000_000,
        )
        for number in range(1, FULL_SLOT + 1)
    )
    return campaign, site, clock.day_of(first).isoformat()


def _build_people(workstation: Workstation, *, people: int) -> None:
    """Identities 1…n with a reading each, and plain ones for pgbench."""
    numbers = range(1, people + 1)
    now = clock.now()
    Identity.objects.bulk_create(Identity(id=bench_uuid(3, number)) for number in numbers)
    Reading.objects.bulk_create(
        (
            seal_reading(
                Reading(
                    id=bench_uuid(2, number),
                    patient_id=bench_uuid(3, number),
                    session_id=bench_uuid(4, 1),
                    workstation=workstation,
                    read_at=now,
                ),
                _READING,
            )
            for number in numbers
        ),
        batch_size=2000,
    )
    with connection.cursor() as cursor:
        cursor.execute(
            "INSERT INTO identities_identity (id, created_at) SELECT bench_uuid(9, n), now() "
            "FROM generate_series(1, %s) n",
            [people * 100],
        )
        cursor.execute("ANALYZE")


_READING = NhiReading(
    card_number="000012345678",
    name="王大明",
    national_id="C121103509",
    birth_date=date(1968, 2, 29),
    sex="M",
    issued_on=date(2019, 8, 3),
    emergency_phone="",
)


def bind_readings(session: UUID) -> None:
    Reading.objects.update(session_id=session)


def empty_bookings() -> None:
    """Between measurements: no bookings, no counts, statistics fresh."""
    _as_owner(
        "TRUNCATE booking_booking, core_outboxmessage CASCADE", "UPDATE booking_slot SET booked = 0"
    )
    _as_owner("VACUUM ANALYZE booking_slot", autocommit=True)


def check(booked: int) -> None:
    """What was acknowledged is there, and the counters agree; a fast wrong number is worth nothing."""
    rows = Booking.objects.count()
    counted = sum(Slot.objects.values_list("booked", flat=True))
    if not rows == counted == booked:
        raise SystemExit(f"{booked} acknowledged, {rows} rows, {counted} counted")


def _empty() -> None:
    _as_owner(
        "TRUNCATE identities_identity, institutions_institution, accounts_person CASCADE",
        """CREATE OR REPLACE FUNCTION bench_uuid(kind int, number bigint) RETURNS uuid
           LANGUAGE sql IMMUTABLE AS
           $$SELECT ('0000000' || kind || '-0000-4000-8000-' || lpad(number::text, 12, '0'))::uuid$$""",
    )
    Campaign.objects.all().delete()
    Grant.objects.all().delete()


def _as_owner(*statements: str, autocommit: bool = False) -> None:
    with psycopg.connect(read("DATABASE_OWNER_URL"), autocommit=autocommit) as owner:
        for statement in statements:
            owner.execute(statement)
