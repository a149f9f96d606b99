"""A hospital's desk with a browser: somebody with an HPC and a grant for a query service."""

from datetime import timedelta
from typing import Any
from uuid import UUID

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from apps.access.models import ServiceUse
from apps.access.policies import Decision, decide
from apps.accounts.models import Person, Session
from apps.accounts.terms import CardKind
from apps.audit.actors import Actor
from apps.core import clock
from apps.identities.models import Identity
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.queries.models import Query
from tests.support.cards import NHI_CARD, FakeAgent, issue, log_in, show, transaction_of, trust
from tests.support.world import entitle, grant, make_institution, make_member

PHYSICIAN = "A223456781"
PATIENT = str(NHI_CARD["national_id"])


class Bedside:
    """培靈醫院 with an enrolled agent and a physician who is logged in and may use `service`."""

    def __init__(self, service: str, profession: str = "A", physician: str = PHYSICIAN) -> None:
        self.service = service
        self.institution = make_institution(name="培靈醫院", kind="HOSPITAL")
        self.agent = FakeAgent()
        self.workstation = self.agent.enrol(self.institution)
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=physician)
        self.person = Person.objects.create(identity_id=identity, name="林志明")
        make_member(self.institution, self.person)
        self.grant = grant(self.person, entitle(self.institution, service))
        self.hpc = issue(trust(CardKind.HPC), physician, profession=profession)
        self.browser = Client()
        log_in(self.browser, self.agent, self.hpc)

    @property
    def session(self) -> Session:
        return Session.objects.get(person=self.person)

    @property
    def by(self) -> Actor:
        session = self.session
        return Actor(
            person=self.person.pk,
            role=session.role,
            institution=self.institution.pk,
            session=session.id,
            workstation=self.workstation.pk,
            card_kind=session.card_kind,
            card_serial=session.card_serial,
            card_proof_at=session.card_proof_at,
        )

    @property
    def decision(self) -> Decision:
        return decide(session=self.session.id, service=self.service)

    def patient(self, number: str = PATIENT) -> UUID:
        return identify(kind=IdentifierKind.NATIONAL_ID, value=number)

    def age_proof(self, **ago: int) -> None:
        """The HPC was last shown, and a sliding proof last used, so long ago."""
        Session.objects.update(card_proof_at=clock.now() - timedelta(**ago))
        ServiceUse.objects.update(used_at=clock.now() - timedelta(**ago))

    def read_card(self, path: str, data: dict[str, Any] | None = None, **card: Any) -> HttpResponse:
        """Posts to `path`, shows an NHI card at the agent, and opens the page that comes back."""
        transaction = transaction_of(self.browser.post(path, data or {}))
        back = show(self.browser, self.agent, transaction, reading=NHI_CARD | card)
        page: HttpResponse = self.browser.get(back["Location"])
        return page

    def show_hpc(self, asked: HttpResponse) -> HttpResponse:
        """Answers a page that sent the browser to the reader with the HPC, and opens what follows."""
        back = show(self.browser, self.agent, transaction_of(asked), card=self.hpc)
        page: HttpResponse = self.browser.get(back["Location"])
        return page


def ask_many(bedside: Bedside, number: int, **fields: object) -> None:
    """So many other people were just looked up at this desk."""
    people = Identity.objects.bulk_create(Identity() for _ in range(number))
    values = {
        "service_id": "HIQS",
        "session_id": bedside.session.id,
        "person": bedside.person,
        "institution": bedside.institution,
    }
    Query.objects.bulk_create(Query(patient=each, **values | fields) for each in people)


def asks_for_card(answer: HttpResponse) -> bool:
    return answer.status_code == 303 and answer["Location"].startswith(settings.AGENT_ORIGIN)
