"""People of one test only: a pharmacist with a card and a grant, citizens with NHI cards.

Numbers are made up, pass the checksum, and no two tests get the same.
"""

import itertools
import json
import random
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from tests.browser.stack import Stack

PIN = "123456"
PHARMACY, HOSPITAL = "5901012345", "1101010021"
CHILD = date(2019, 6, 1)  # too young for the demo's campaign, on no list
OPERATOR, SECOND_OPERATOR, AUDITOR = "citizen-lee", "citizen-chou", "citizen-wang"
REPRESENTATIVE = "institution-chien"

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


def enlarge_slots(stack: Stack) -> None:
    """The demo's slots fill up within one run, since most tests take the first that is offered."""
    from apps.booking.models import Slot

    with stack.database():
        Slot.objects.update(capacity=99)


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


def make_pharmacist(stack: Stack, *, authorized: bool = True, name: str = "") -> Pharmacist:
    """Works at the demo's pharmacy and may book for citizens, unless not `authorized`."""
    from apps.access.models import Entitlement
    from apps.accounts.models import Person
    from apps.accounts.terms import CardKind
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind
    from apps.institutions.models import Institution
    from apps.portal.demo.cards import write_pki_card
    from tests.support.world import grant, make_member

    number = national_id()
    card, name = f"hpc-{number.lower()}", name or f"藥師{number[-4:]}"
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
    stack: Stack,
    name: str = "周育民",
    *,
    born: date = date(1980, 5, 5),
    raw_name: bytes = b"",
    **card: Any,
) -> Citizen:
    """An NHI card that may book, as `docs/reference/virtual-cards.md` describes it.

    `raw_name` are the name's bytes where they are no text of any code page.
    """
    number = national_id("M")
    profile = {
        "card_number": f"{next(_running):012d}",
        "name": name,
        "national_id": number,
        "birth_date": born.isoformat(),
        "sex": "M",
        "issued_on": "2019-08-03",
    }
    bytes_57 = (
        f"{profile['card_number']}".encode()
        + raw_name.ljust(20, b"\x00")
        + f"{number}{born.year - 1911:03d}{born:%m%d}M1080803".encode()
    )
    body = {
        "kind": "NHI",
        "holder": "民眾",
        **({"profile_hex": bytes_57.hex()} if raw_name else {"profile": profile}),
        "cancelled": False,
        "emergency_phone": "",
    }
    card_id = f"nhi-{number.lower()}"
    (stack.cards / f"{card_id}.json").write_text(json.dumps(body | card, ensure_ascii=False))
    return Citizen(card_id, name, number)


def make_own_nhi_card(stack: Stack, pharmacist: Pharmacist) -> str:
    """The NHI card of somebody who works here, for a login by it; the card's id."""
    number = pharmacist.card.removeprefix("hpc-").upper()
    card_id = f"nhi-{number.lower()}"
    profile = {
        "card_number": f"{next(_running):012d}",
        "name": pharmacist.name,
        "national_id": number,
        "birth_date": "1985-01-31",
        "sex": "F",
        "issued_on": "2019-08-03",
    }
    card = {"kind": "NHI", "holder": pharmacist.name, "profile": profile}
    (stack.cards / f"{card_id}.json").write_text(json.dumps(card, ensure_ascii=False))
    return card_id


def registration_code(stack: Stack, pharmacist: Pharmacist) -> str:
    """The one-time code with which the password of an NHI card is registered."""
    from apps.accounts.models import Person
    from apps.accounts.passwords import issue_registration_code
    from tests.support.world import BY

    with stack.database():
        person = Person.objects.get(pk=pharmacist.person)
        return issue_registration_code(person=person, by=BY)


def join_another_institution(stack: Stack, pharmacist: Pharmacist) -> None:
    from apps.accounts.models import Person
    from apps.institutions.models import Institution
    from tests.support.world import make_member

    with stack.database():
        other = Institution.objects.exclude(code=PHARMACY).order_by("code")[0]
        make_member(other, Person.objects.get(pk=pharmacist.person))


def make_manager(stack: Stack, name: str = "") -> Pharmacist:
    """Manages the demo's pharmacy and is a user there; may use nothing yet."""
    from apps.access.terms import MembershipRole
    from apps.accounts.models import Person
    from apps.institutions.models import Institution
    from tests.support.world import make_member

    made = make_pharmacist(stack, authorized=False, name=name)
    with stack.database():
        pharmacy = Institution.objects.get(code=PHARMACY)
        make_member(pharmacy, Person.objects.get(pk=made.person), role=MembershipRole.MANAGER)
    return made


def make_users(stack: Stack, stem: str, count: int) -> list[str]:
    """So many users of the demo's pharmacy, named by the stem and a number; their names in order."""
    from apps.institutions.models import Institution
    from tests.support.world import make_member, make_person

    names = [f"{stem}{number:02d}" for number in range(1, count + 1)]
    with stack.database():
        pharmacy = Institution.objects.get(code=PHARMACY)
        for name in names:
            make_member(pharmacy, make_person(name))
    return names


def granted_among(stack: Stack, stem: str) -> list[str]:
    """Who of `make_users` may use anything at the demo's pharmacy now."""
    from apps.access.models import Grant

    with stack.database():
        found = Grant.objects.filter(
            user__name__startswith=stem, content_object__institution__code=PHARMACY
        )
        return sorted(found.values_list("user__name", flat=True))


@contextmanager
def unenrolled_agent(stack: Stack) -> Iterator[None]:
    """The server knows the stack's agent as no workstation, as any computer at home."""
    from apps.workstations.models import Workstation

    with stack.database():
        keys = dict(Workstation.objects.values_list("pk", "public_key"))
        for pk in keys:
            Workstation.objects.filter(pk=pk).update(public_key=f"away-{pk.hex}")
    try:
        yield
    finally:
        with stack.database():
            for pk, key in keys.items():
                Workstation.objects.filter(pk=pk).update(public_key=key)
