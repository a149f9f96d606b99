"""The world of the matrix: one of everything that a URL can name, and a browser per kind of person."""

import uuid
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from typing import Any

from django.conf import settings
from django.db import transaction
from django.test import Client
from django.urls import reverse

from apps.accounts.models import Credential, Session
from apps.accounts.services import service_account
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Booking
from apps.cards.models import CardTransaction, Reading
from apps.cards.readings import seal_reading
from apps.core import clock
from apps.emergency.models import EmergencyCase
from apps.identities.models import Identity
from apps.institutions.models import Institution
from apps.oversight.models import LogSearch, ReviewCase, SavedSearch
from apps.queries.models import Query
from apps.workstations.services import apply_module
from tests.matrix.cells import SUBJECTS, Row
from tests.matrix.program_rows import HIS_CALLS
from tests.support.booking import READING, make_campaign, make_site, make_slot
from tests.support.world import (
    BY,
    Pharmacy,
    entitle,
    grant,
    make_member,
    make_operator,
    session_columns,
)

AGENT_ROUTES = {
    "claim_transaction",
    "accept_result",
    "note_removal",
    "enrol_by_module",
    "authenticate_workstation",
    *HIS_CALLS,
    "issue_token",
}


@contextmanager
def rolled_back() -> Iterator[None]:
    """A transaction that never was, as Django's test cases make them: durable blocks may stand in it."""
    block = transaction.atomic()
    block._from_testcase = True  # type: ignore[attr-defined]
    with block:
        yield
        transaction.set_rollback(True)


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
        self.clients["representative"] = Client()
        self.open_representative(self.pharmacy)
        campaign = make_campaign()
        site = make_site(campaign, institution=self.pharmacy.institution)
        slot = make_slot(site)
        for each in (self.pharmacy, self.other):
            Institution.objects.filter(pk=each.institution.pk).update(has_emergency_department=True)
            for service in ("VBS", "HIQS", "TCH", "IMQ", "VBX"):
                grant(each.pharmacist, entitle(each.institution, service))
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
        by = Actor(person=self.pharmacy.pharmacist.pk, institution=self.pharmacy.institution.pk)
        wanted = {"since": clock.today().isoformat(), "until": clock.today().isoformat()}
        auditor = Session.objects.get(id=self.sessions["auditor"])
        self.objects = {
            "event": record_change(event(Action.READ_CARD, by=by)),
            "search": LogSearch.objects.create(
                session_id=auditor.id, made_by=auditor.person, criteria=wanted, purpose="ROUTINE"
            ).pk,
            "case": ReviewCase.objects.create(rule="no_card", key="k", occurred_at=clock.now()).pk,
            "saved": SavedSearch.objects.create(owner=auditor.person, name="n", criteria=wanted).pk,
            "reading": reading.pk,
            "booking": booking.pk,
            "site": site.pk,
            "slot": slot.pk,
            "transaction": transaction.pk,
            "grant": self.pharmacy.grant.pk,
            "credential": Credential.objects.create(
                person=self.pharmacy.pharmacist, card_kind=CardKind.HPC, issuer="i", serial="s"
            ).pk,
            "person": self.pharmacy.pharmacist.pk,
            "module": apply_module(institution=self.pharmacy.institution, name="櫃檯", by=BY).pk,
            "query": self.ask("HIQS").pk,
            "travel_query": self.ask("TCH").pk,
            "tab": "influenza",
            "emergency": self.ask_in_emergency(),
            "emergency_tab": "allergies",
            "chronic": "valid",
            "app_label": "access",
            "unknown": uuid.uuid4(),
        }

    def ask(self, service: str) -> Query:
        """A query of the pharmacist's about somebody."""
        return Query.objects.create(
            service_id=service,
            patient=Identity.objects.create(),
            masked_number="C121****09",
            session_id=self.sessions["pharmacist"],
            person=self.pharmacy.pharmacist,
            institution=self.pharmacy.institution,
        )

    def ask_in_emergency(self) -> uuid.UUID:
        """An emergency query that was proved, with its alert closed."""
        query = self.ask("IMQ")
        now = clock.now()
        Query.objects.filter(pk=query.pk).update(purpose="TRIAGE_1", proved_at=now)
        EmergencyCase.objects.create(query=query, alert_shown_at=now, alert_closed_at=now)
        return query.pk

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

    def open_representative(self, place: Pharmacy) -> uuid.UUID:
        account = service_account(institution=place.institution.pk, name=place.institution.name)
        columns = session_columns(
            account,
            role=SessionRole.REPRESENTATIVE,
            institution_id=place.institution.pk,
            card_kind=CardKind.INSTITUTION,
        )
        return self._log_in("representative", columns)

    def _log_in(self, subject: str, columns: dict[str, Any]) -> uuid.UUID:
        store = SessionStore()
        record = store.open(**columns)
        self.clients[subject].cookies[settings.SESSION_COOKIE_NAME] = store.session_key
        return record.id

    def call(self, subject: str, row: Row, inside: Callable[[Any], Any] | None = None) -> Any:
        """The answer; whatever the call changed in the database or the browser is taken back.

        With `inside`, which looks at the database before that: the answer and what it saw.
        """
        path = reverse(row.route, args=[self.objects[name] for name in row.args])
        client = self.clients[subject]
        cookies = client.cookies.output()
        with rolled_back():
            answer = self._send(getattr(client, row.method), path, row)
            seen = inside(answer) if inside else None
        client.cookies.clear()
        client.cookies.load(cookies.replace("Set-Cookie: ", "").replace("\r\n", "; "))
        return (answer, seen) if inside else answer

    def _send(self, call: Any, path: str, row: Row) -> Any:
        if row.route in AGENT_ROUTES and row.method == "post":
            return call(path, {"agent": "x", "version": "1"}, content_type="application/json")
        return call(path, row.data)
