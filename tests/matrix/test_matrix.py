"""Every route × every kind of person: works, not granted 403, other institution 404, wrong method
405.
"""

import uuid
from typing import Any

import pytest
from django.conf import settings
from django.test import Client
from django.urls import URLPattern, URLResolver, get_resolver, reverse

from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.booking.models import Booking
from apps.cards.models import CardTransaction, Reading
from apps.cards.readings import seal_reading
from apps.identities.models import Identity
from tests.matrix.rows import ALL_ROWS, SUBJECTS, UNNAMED, Row
from tests.support.booking import READING, make_campaign, make_site, make_slot
from tests.support.world import Pharmacy, make_member, make_operator, session_columns


def named_routes(resolver: URLResolver, namespace: str = "", prefix: str = "") -> set[str]:
    """Every route by its name, and those without a name by their pattern."""
    found = set()
    for pattern in resolver.url_patterns:
        route = prefix + str(pattern.pattern)
        if isinstance(pattern, URLPattern):
            found.add(f"{namespace}{pattern.name}" if pattern.name else route)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            found |= named_routes(pattern, inner, route)
    return found


def test_every_route_has_a_row() -> None:
    routes = named_routes(get_resolver())
    unnamed = {route for route in routes if not route.replace(":", "_").replace("_", "").isalnum()}
    assert {route.removesuffix("/") for route in routes - unnamed} == {
        row.route for row in ALL_ROWS
    }
    assert all(any(route.endswith(end[-15:]) for end in UNNAMED) for route in unnamed)


class World:
    """One of everything that a URL can name, belonging to the first pharmacy."""

    def __init__(self) -> None:
        self.pharmacy, self.other = Pharmacy(), Pharmacy()
        self.ungranted = make_member(self.pharmacy.institution)
        self.clients = {subject: Client() for subject in SUBJECTS}
        self.sessions = {
            "pharmacist": self.open("pharmacist", self.pharmacy.pharmacist, self.pharmacy),
            "ungranted": self.open("ungranted", self.ungranted, self.pharmacy),
            "stranger": self.open("stranger", self.other.pharmacist, self.other),
            "operator": self.open_platform("operator", SessionRole.OPERATOR),
            "auditor": self.open_platform("auditor", SessionRole.AUDITOR),
        }
        campaign = make_campaign()
        slot = make_slot(make_site(campaign))
        reading = Reading(
            patient=Identity.objects.create(),
            session_id=self.sessions["pharmacist"],
            workstation=self.pharmacy.workstation,
        )
        seal_reading(reading, READING).save()
        booking = Booking.objects.create(
            campaign=campaign,
            slot=slot,
            patient=Identity.objects.create(),
            name="王大明",
            masked_id="C121****09",
            phone="0912345678",
            booked_by=self.pharmacy.pharmacist,
            institution=self.pharmacy.institution,
            key=uuid.uuid4(),
        )
        booking.refresh_from_db()
        transaction = CardTransaction.objects.create(
            purpose="login",
            cards=[CardKind.HPC],
            return_route="my_home",
            start_path="/log-in/",
            language="en",
            cookie_digest="",
        )
        self.objects = {
            "reading": reading.pk,
            "booking": booking.pk,
            "transaction": transaction.pk,
            "grant": self.pharmacy.grant.pk,
            "app_label": "access",
            "unknown": uuid.uuid4(),
        }

    def open(self, subject: str, person: Any, place: Pharmacy) -> uuid.UUID:
        columns = session_columns(
            person,
            institution_id=place.institution.pk,
            institution_code=place.institution.code,
            institution_name=place.institution.name,
            workstation_id=place.workstation.pk,
        )
        return self._log_in(subject, columns)

    def open_platform(self, subject: str, role: SessionRole) -> uuid.UUID:
        person = make_operator(role)
        return self._log_in(subject, session_columns(person, role=role, card_kind=CardKind.CITIZEN))

    def _log_in(self, subject: str, columns: dict[str, Any]) -> uuid.UUID:
        store = SessionStore()
        record = store.open(**columns)
        self.clients[subject].cookies[settings.SESSION_COOKIE_NAME] = store.session_key
        return record.id

    def call(self, subject: str, row: Row) -> Any:
        path = reverse(row.route, args=[self.objects[name] for name in row.args])
        call = getattr(self.clients[subject], row.method)
        if row.route in {"claim_transaction", "accept_result"} and row.method == "post":
            return call(path, {"agent": "x", "version": "1"}, content_type="application/json")
        return call(path, row.data)


@pytest.mark.django_db
@pytest.mark.parametrize(
    "row", [pytest.param(row, id=f"{row.method} {row.route}") for row in ALL_ROWS]
)
def test_row(row: Row) -> None:
    world = World()
    got = {subject: world.call(subject, row).status_code for subject in SUBJECTS}
    assert got == row.expected()


@pytest.mark.django_db
def test_a_refused_route_leaves_a_refused_event(events: Any) -> None:
    world = World()
    world.call("ungranted", Row("start_booking", "get", ()))
    (event,) = [event for event in events() if event["outcome"] == "refused"]
    assert event["action"] == "read_card"
    assert (event["actor"], event["reason"]) == (world.ungranted.pk, "not_granted")
