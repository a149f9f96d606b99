"""A pharmacy's counter with a browser: a logged-in pharmacist, an agent, and citizens' cards."""

import re
from typing import Any
from uuid import UUID

from django.http import HttpResponse
from django.test import Client

from apps.accounts.models import Person
from apps.accounts.terms import CardKind
from apps.booking.models import Slot
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from tests.support.booking import make_campaign, make_site, make_slot
from tests.support.cards import NHI_CARD, FakeAgent, issue, log_in, path_of, transaction_of, trust
from tests.support.world import entitle, grant, make_institution, make_member, years_ago

PHARMACIST = "A223456781"
PHONE = "0912345678"


class Counter:
    """健全藥局, authorized for booking, with one campaign, one site and slots on two days."""

    def __init__(self) -> None:
        self.institution = make_institution()
        self.agent = FakeAgent()
        self.agent.enrol(self.institution)
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=PHARMACIST)
        self.person = Person.objects.create(identity_id=identity, name="陳怡君")
        make_member(self.institution, self.person)
        self.grant = grant(self.person, entitle(self.institution))
        self.campaign = make_campaign()
        self.site = make_site(self.campaign)
        self.first = make_slot(self.site, days=1, hour=9, capacity=2)
        self.second = make_slot(self.site, days=2, hour=10, capacity=3)
        self.browser = Client()
        log_in(self.browser, self.agent, issue(trust(CardKind.HPC), PHARMACIST))

    def read_card(self, **changes: Any) -> HttpResponse:
        """讀卡 until the browser is back at the page of the reading, which is not opened yet."""
        transaction = transaction_of(self.browser.post("/booking/"))
        job = self.agent.claim(transaction).json()
        done = self.agent.result(job, reading=NHI_CARD | changes)
        return self.browser.get(path_of(done.json()["return_url"]))

    def open_form(self, **changes: Any) -> HttpResponse:
        """The page after the card was read."""
        return self.browser.get(self.read_card(**changes)["Location"])

    def fill(self, page: HttpResponse, **changes: Any) -> dict[str, Any]:
        """The form as it is shown, with phone and consent; None takes a field away."""
        form = page.context["form"]
        shown = {name: form[name].value() for name in form.fields}
        filled = shown | {"phone": PHONE, "consent": "on"} | changes
        return {name: value for name, value in filled.items() if value not in (None, False)}

    def book(self, page: HttpResponse, **changes: Any) -> HttpResponse:
        return self.browser.post(page.request["PATH_INFO"], self.fill(page, **changes))

    def left(self, slot: Slot) -> int:
        slot.refresh_from_db()
        return slot.left


def code_of(page: HttpResponse) -> str:
    """The refusal code that `<main>` carries."""
    found = re.search(r'<main[^>]* data-code="([^"]+)"', page.content.decode())
    return found[1] if found else ""


def page_of(page: HttpResponse) -> str:
    found = re.search(r'<main[^>]* data-page="([^"]*)"', page.content.decode())
    return found[1] if found else ""


def born(age: int) -> str:
    """The card's birth date of somebody of this age."""
    return years_ago(age).isoformat()


def reading_of(response: HttpResponse) -> UUID:
    """The reading's id in a redirect to its page."""
    return UUID(response["Location"].split("/")[2])
