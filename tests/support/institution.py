"""An institution that authorizes its own people.

A representative, a manager and users, each with a browser that is logged in.
"""

import contextlib
from collections.abc import Sequence
from typing import Any

from django.conf import settings
from django.http import HttpResponse
from django.test import Client

from apps.access.models import Membership
from apps.access.terms import MembershipRole
from apps.accounts.models import Person
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.identities.numbers import InvalidNumber, check_national_id
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from tests.support.world import (
    entitle,
    make_institution,
    make_member,
    make_operator,
    make_person,
    make_workstation,
    session_columns,
)

# Made-up numbers whose check digit is right.
NUMBERS = ("A223456781", "B121234562", "F226789013", "E221112226", "D120203047", "C121103509")


def make_number(letter: str, serial: int) -> str:
    """A national ID with the check digit that fits, by trying."""
    stem = f"{letter}1{serial:07d}"
    for digit in "0123456789":
        with contextlib.suppress(InvalidNumber):
            return check_national_id(stem + digit)
    raise AssertionError("one of ten digits fits")


def make_registered(number: str, name: str, **fields: Any) -> Person:
    """Somebody whose national ID the platform knows."""
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=number)
    return Person.objects.create(identity_id=identity, name=name, **fields)


def browser_of(person: Person, institution: Institution | None = None, **fields: Any) -> Client:
    """A browser in which this person is logged in."""
    place = (
        {
            "institution_id": institution.pk,
            "institution_code": institution.code,
            "institution_name": institution.name,
        }
        if institution
        else {}
    )
    store = SessionStore()
    record = store.open(**session_columns(person, **place | fields))
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    client.session_id = record.id  # type: ignore[attr-defined]
    return client


class Clinic:
    """健全藥局 with one manager, who is a user too, one other user, and an entitlement to VBK."""

    def __init__(self, numbers: Sequence[str] = NUMBERS) -> None:
        self.institution = make_institution()
        self.workstation = make_workstation(self.institution)
        self.entitlement = entitle(self.institution)
        self.card = make_person("健全藥局")
        self.manager = make_registered(numbers[0], "陳怡君")
        make_member(self.institution, self.manager, role=MembershipRole.MANAGER)
        make_member(self.institution, self.manager)
        self.user = make_registered(numbers[1], "張志豪")
        make_member(self.institution, self.user)

    @property
    def representative(self) -> Client:
        return browser_of(
            self.card,
            self.institution,
            role=SessionRole.REPRESENTATIVE,
            card_kind=CardKind.INSTITUTION,
            profession="",
        )

    def browser(self, person: Person) -> Client:
        return browser_of(person, self.institution, workstation_id=self.workstation.pk)

    def membership(self, person: Person, role: MembershipRole = MembershipRole.USER) -> Membership:
        return Membership.objects.get(person=person, institution=self.institution, role=role)

    def actor(self, person: Person | None = None) -> Actor:
        """Who acts here, for services without a browser."""
        return Actor(
            person=(person or self.manager).pk,
            role=SessionRole.STAFF,
            institution=self.institution.pk,
        )


def operator(name: str = "李淑芬") -> Actor:
    return Actor(person=make_operator(name=name).pk, role=SessionRole.OPERATOR)


def operator_browser(name: str = "李淑芬") -> Client:
    return browser_of(make_operator(name=name), role=SessionRole.OPERATOR, card_kind="CITIZEN")


def tick(
    browser: Client,
    shown: HttpResponse,
    /,
    *,
    ticked: list[Person],
    go: str = "review",
    **more: Any,
) -> HttpResponse:
    """Posts the authorization page with exactly these people of the page ticked."""
    rows = shown.context["rows"]
    data = {
        "draft": shown.context["sealed"],
        "shown": [str(row.member.membership.person_id) for row in rows if not row.fixed],
        "held": [str(row.member.membership.person_id) for row in rows if row.held],
        "ticked": [str(person.pk) for person in ticked],
        "go": go,
    }
    return browser.post("/access/authorization/", data | more)


def save(browser: Client, summary: HttpResponse, **more: Any) -> HttpResponse:
    """Presses Save on the summary."""
    data = {"draft": summary.context["sealed"], "go": "save", "reason": "到職"}
    return browser.post("/access/authorization/", data | more)
