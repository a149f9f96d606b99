"""培靈醫院 as a vaccination site: a nurse who may manage it, with a browser, an agent and cards."""

from typing import Any

from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import Person
from apps.accounts.terms import CardKind
from apps.booking.models import Campaign, Site
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.terms import InstitutionKind
from tests.support.booking import make_campaign, make_site
from tests.support.cards import NHI_CARD, FakeAgent, issue, log_in, path_of, transaction_of, trust
from tests.support.world import entitle, grant, make_institution, make_member

NURSE = "B223456782"


class SiteDesk:
    """One site in one campaign, without slots."""

    def __init__(self, campaign: Campaign | None = None) -> None:
        self.institution = make_institution(name="培靈醫院", kind=InstitutionKind.HOSPITAL)
        self.agent = FakeAgent()
        self.agent.enrol(self.institution)
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=NURSE)
        self.nurse = Person.objects.create(identity_id=identity, name="吳雅婷")
        make_member(self.institution, self.nurse)
        self.grant = grant(self.nurse, entitle(self.institution, "VBS"))
        self.campaign = campaign or make_campaign()
        self.site: Site = make_site(self.campaign, institution=self.institution)
        self.browser = Client()
        log_in(self.browser, self.agent, issue(trust(CardKind.HPC), NURSE, holder="吳雅婷"))

    def path(self, *parts: object) -> str:
        """Below the site's own address."""
        return "/".join(["/booking/sites", str(self.site.pk), *map(str, parts), ""])

    def get(self, *parts: object, **query: Any) -> HttpResponse:
        return self.browser.get(self.path(*parts), query)

    def post(self, *parts: object, **data: Any) -> HttpResponse:
        return self.browser.post(self.path(*parts), data)

    def read_card(self, start: str, **changes: Any) -> HttpResponse:
        """讀卡 from the page `start` to the page of the reading."""
        transaction = transaction_of(self.browser.post(start))
        job = self.agent.claim(transaction).json()
        done = self.agent.result(job, reading=NHI_CARD | changes)
        return self.browser.get(path_of(done.json()["return_url"]))
