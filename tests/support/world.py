"""A small world to test in: one pharmacy with one authorized pharmacist, and builders for
everything beside it.

Builders take only what a test is about; the rest is plain and valid.
"""

import itertools
import uuid
from datetime import date, datetime, timedelta
from typing import Any

from apps.access.models import Entitlement, Grant, Membership, Service
from apps.access.services import open_grant
from apps.access.terms import EntitlementSource, GrantSource, MembershipRole
from apps.accounts.models import Person, PlatformRole, Session
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.core import clock
from apps.identities.models import Identity
from apps.institutions.models import District, Institution
from apps.institutions.terms import InstitutionKind
from apps.workstations.models import Workstation

BY = Actor.system("test")
_numbers = itertools.count(1)


def make_institution(**fields: Any) -> Institution:
    values = {
        "code": f"59{next(_numbers):08d}",
        "name": "健全藥局",
        "kind": InstitutionKind.PHARMACY,
        "district": District.objects.get(pk="105"),
        "address": "八德路四段100號",
    }
    return Institution.objects.create(**values | fields)


def make_person(name: str = "陳怡君", **fields: Any) -> Person:
    return Person.objects.create(identity=Identity.objects.create(), name=name, **fields)


def make_workstation(institution: Institution, **fields: Any) -> Workstation:
    number = next(_numbers)
    values = {"module_code": f"{number:012d}", "public_key": f"{number:043d}"}
    return Workstation.objects.create(institution=institution, **values | fields)


def make_member(institution: Institution, person: Person | None = None, **fields: Any) -> Person:
    member = person or make_person()
    values = {"role": MembershipRole.USER} | fields
    Membership.objects.create(person=member, institution=institution, **values)
    return member


def entitle(institution: Institution, service: str = "VBK", **fields: Any) -> Entitlement:
    values = {"source": EntitlementSource.APPLICATION} | fields
    return Entitlement.objects.create(institution=institution, service_id=service, **values)


def grant(person: Person, entitlement: Entitlement, **fields: Any) -> Grant:
    return open_grant(
        person=person, entitlement=entitlement, source=GrantSource.MANAGER, by=BY, **fields
    )


def make_operator(role: SessionRole = SessionRole.OPERATOR, name: str = "李淑芬") -> Person:
    person = make_person(name)
    PlatformRole.objects.create(person=person, role=role)
    return person


def session_columns(person: Person, **fields: Any) -> dict[str, Any]:
    """The columns of a session, as a card login fills them."""
    values = {
        "person": person,
        "role": SessionRole.STAFF,
        "institution_id": None,
        "workstation_id": None,
        "card_kind": CardKind.HPC,
        "card_issuer": "issuer",
        "card_serial": f"serial-{person.pk}",
        "profession": "D",
        "card_proof_at": clock.now(),
    }
    return values | fields


def open_session(person: Person, institution: Institution | None = None, **fields: Any) -> Session:
    """A live session without a browser."""
    now = clock.now()
    place = (
        {
            "institution_id": institution.pk,
            "institution_code": institution.code,
            "institution_name": institution.name,
        }
        if institution
        else {}
    )
    return Session.objects.create(
        session_key=uuid.uuid4().hex,
        session_data="",
        expire_date=now + timedelta(hours=8),
        created_at=now,
        last_seen_at=now,
        **session_columns(person, **place | fields),
    )


class Pharmacy:
    """健全藥局 with an enrolled workstation, an entitlement to VBK and an authorized pharmacist."""

    def __init__(self, service: str = "VBK") -> None:
        self.institution = make_institution()
        self.workstation = make_workstation(self.institution)
        self.pharmacist = make_member(self.institution)
        self.entitlement = entitle(self.institution, service)
        self.grant = grant(self.pharmacist, self.entitlement)
        self.service = Service.objects.get(pk=service)

    def session(self, **fields: Any) -> Session:
        values = {"workstation_id": self.workstation.pk} | fields
        return open_session(self.pharmacist, self.institution, **values)


def years_ago(years: int) -> date:
    """A birth date: somebody who had the birthday earlier this year and is `years` old."""
    today = clock.today()
    return date(today.year - years, 1, 1)


def in_days(days: int) -> date:
    return clock.today() + timedelta(days=days)


def at_hour(day: date, hour: int) -> datetime:
    from datetime import time

    from django.utils import timezone

    return timezone.make_aware(datetime.combine(day, time(hour)))
