"""A pharmacy with an enrolled agent and people with cards, to log in at."""

from typing import Any

from django.conf import settings
from django.test import Client

from apps.access.models import Membership
from apps.accounts.models import Person
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from tests.support.cards import NHI_CARD, FakeAgent, PkiCard, issue, trust
from tests.support.world import make_institution, make_member, session_columns

NATIONAL_ID = "A223456781"
OTHER_ID = "B121234562"


def make_person_with(national_id: str, name: str = "陳怡君") -> Person:
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
    return Person.objects.create(identity_id=identity, name=name)


def sit_down(browser: Client, person: Person, institution: Institution, **columns: Any) -> None:
    """Logs somebody in without a card: for what comes after."""
    store = SessionStore()
    store.open(
        **session_columns(
            person,
            institution_id=institution.pk,
            institution_code=institution.code,
            institution_name=institution.name,
            **columns,
        )
    )
    browser.cookies[settings.SESSION_COOKIE_NAME] = store.session_key


class Counter:
    """A counter of 健全藥局: browser, enrolled agent, and a pharmacist with an HPC."""

    def __init__(self) -> None:
        self.institution: Institution = make_institution()
        self.agent = FakeAgent()
        self.workstation = self.agent.enrol(self.institution)
        self.hpc_authority = trust(CardKind.HPC)
        self.hpc = issue(self.hpc_authority, NATIONAL_ID)
        self.person = make_person_with(NATIONAL_ID)
        make_member(self.institution, self.person)
        self.browser = Client()

    @property
    def membership(self) -> Membership:
        return Membership.objects.get(person=self.person)

    @property
    def nhi_card(self) -> dict[str, object]:
        """The reading of the pharmacist's own NHI card."""
        return NHI_CARD | {"national_id": NATIONAL_ID, "name": "陳怡君"}

    def institution_card(self, kind: CardKind = CardKind.INSTITUTION) -> PkiCard:
        return issue(trust(kind), self.institution.code, kind=kind, profession="")
