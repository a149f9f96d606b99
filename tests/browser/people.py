"""People of one test only: a pharmacist with a card and a grant, citizens with NHI cards.

Numbers are made up, pass the checksum, and no two tests get the same.
"""

import itertools
import json
import random
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from tests.browser.stack import Stack

PIN = "123456"
PHARMACY = "5901012345"
OPERATOR, AUDITOR = "citizen-lee", "citizen-wang"

# The database lives for one run, so the order of making decides and no seed can make two equal.
_running = itertools.count(random.SystemRandom().randrange(5_000_000))


def national_id(sex: str = "F") -> str:
    """A number that nobody else in this run has."""
    from apps.identities.numbers import InvalidNumber, check_national_id

    stem = f"{random.choice('ABCDEFGHJK')}{'1' if sex == 'M' else '2'}{next(_running) % 10**7:07d}"
    for digit in range(10):
        try:
            return check_national_id(f"{stem}{digit}")
        except InvalidNumber:
            continue
    raise AssertionError(f"no check digit fits {stem}")


@dataclass(frozen=True)
class Pharmacist:
    """Somebody with an HPC and a PIN who works at the demo's pharmacy."""

    card: str
    name: str
    person: UUID
    grant: UUID | None


@dataclass(frozen=True)
class Citizen:
    """Somebody with an NHI card in the virtual folder."""

    card: str
    name: str
    national_id: str

    @property
    def masked_id(self) -> str:
        from apps.identities.masking import mask_national_id

        return mask_national_id(self.national_id)


def make_pharmacist(stack: Stack, *, authorized: bool = True) -> Pharmacist:
    from apps.access.models import Entitlement
    from apps.accounts.models import Person
    from apps.accounts.terms import CardKind
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind
    from apps.institutions.models import Institution
    from apps.portal.demo.cards import write_pki_card
    from tests.support.world import grant, make_member

    number = national_id()
    card, name = f"hpc-{number.lower()}", f"藥師{number[-4:]}"
    write_pki_card(
        stack.cards,
        stack.authorities,
        card_id=card,
        card_kind=CardKind.HPC,
        holder=name,
        national_id=number,
        profession="D",
        pin=PIN,
    )
    with stack.database():
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=number)
        pharmacy = Institution.objects.get(code=PHARMACY)
        person = make_member(pharmacy, Person.objects.create(identity_id=identity, name=name))
        opened = (
            grant(person, Entitlement.objects.get(institution=pharmacy, service_id="VBK"))
            if authorized
            else None
        )
        return Pharmacist(card, name, person.pk, opened.pk if opened else None)


def make_citizen(
    stack: Stack, name: str = "周育民", *, born: str = "1980-05-05", **card: Any
) -> Citizen:
    """An NHI card that may book, as `docs/reference/virtual-cards.md` describes it."""
    number = national_id("M")
    body = {
        "kind": "NHI",
        "holder": "民眾",
        "profile": {
            "card_number": f"{next(_running):012d}",
            "name": name,
            "national_id": number,
            "birth_date": born,
            "sex": "M",
            "issued_on": "2019-08-03",
        },
        "cancelled": False,
        "emergency_phone": "",
    }
    card_id = f"nhi-{number.lower()}"
    (stack.cards / f"{card_id}.json").write_text(json.dumps(body | card, ensure_ascii=False))
    return Citizen(card_id, name, number)
