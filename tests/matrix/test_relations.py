"""Nine kinds of people × every route × six relations to the institution (security reference, b.6).

What is expected follows from the policy that a route declares and from nothing else; which policy a
route declares is pinned by rows.py. So a route that asks less than it declares fails here.
"""

from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import timedelta
from typing import Any

import pytest
from django.urls import URLPattern, URLResolver, get_resolver

from apps.access.guards import Appoints, Holds, Manages, Represents, SignedIn, Uses
from apps.access.models import Entitlement, Grant, Membership, NetworkApplication, Service
from apps.access.terms import EntitlementState, MembershipRole, ProofRecency
from apps.accounts.models import Credential, Session
from apps.accounts.terms import SessionRole
from apps.core import clock
from apps.core.checks import policy_of
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.services import apply_module
from tests.matrix.cells import Row
from tests.matrix.rows import ALL_ROWS
from tests.matrix.world import World, rolled_back
from tests.support.cards import refusal_code
from tests.support.world import BY, Pharmacy, grant, make_member

SERVICES = ("VBK", "VBS", "HIQS", "TCH", "VBX")
STAFF = ("manager", "granted", "ungranted", "responsible")
OF_PLACES = ("representative", *STAFF)
# Visitors, users, auditors and the first operator stand in rows.py, for every route and method.
NEW = ("representative", "manager", "responsible", "checker")
OF_INSTITUTIONS = (Represents, Manages, Appoints, Uses)

# Its routes share one guard, put on by config.backoffice; rows.py calls every one of them.
BACK_OFFICE = ("admin:index", "admin:access_service_change", "admin:publish_change")

# What takes rights away without ending the session, so that the next click is what refuses.
RELATIONS: dict[str, Callable[[Institution], object]] = {
    "own": lambda place: None,
    "suspended": lambda place: Institution.objects.update(status=InstitutionStatus.SUSPENDED),
    "ended": lambda place: Entitlement.objects.update(state=EntitlementState.ENDED),
    "revoked": lambda place: Grant.objects.all().delete(),
    "stale": lambda place: (
        Service.objects.update(recency=ProofRecency.WITHIN, recency_seconds=60),
        Session.objects.update(card_proof_at=clock.now() - timedelta(seconds=61)),
    ),
}


class Place(World):
    """The world of the matrix with the people that it lacks."""

    def __init__(self) -> None:
        super().__init__()
        self.clients["granted"] = self.clients["pharmacist"]
        self.staff("manager", self.pharmacy, role=MembershipRole.MANAGER)
        self.make_responsible(self.pharmacy)
        self.clients["checker"] = type(self.clients["visitor"])()
        self.open_platform("checker", SessionRole.OPERATOR)

    def staff(self, subject: str, place: Pharmacy, **fields: Any) -> Any:
        person = make_member(place.institution, **fields)
        self.clients[subject] = type(self.clients["visitor"])()
        self.open(subject, person, place)
        return person

    def make_responsible(self, place: Pharmacy) -> None:
        """By unified authorization: a grant of the office for every service that is entitled."""
        person = self.staff("responsible", place)
        Institution.objects.filter(pk=place.institution.pk).update(responsible=person.identity)
        for entitlement in Entitlement.objects.filter(institution=place.institution):
            grant(person, entitlement, of_office=True)


def expected(policy: Any, subject: str, relation: str) -> bool:
    """Whether somebody is let in, said a second time, in words."""
    if isinstance(policy, SignedIn):
        return subject != "visitor"
    if isinstance(policy, Holds):
        held = {"auditor": SessionRole.AUDITOR} | dict.fromkeys(
            ("operator", "checker"), SessionRole.OPERATOR
        )
        return held.get(subject) == policy.role
    active = relation != "suspended"
    if isinstance(policy, Represents):
        return active and subject == "representative"
    if isinstance(policy, Manages):
        return active and subject == "manager"
    if isinstance(policy, Appoints):
        return active and subject in ("representative", "manager")
    may = subject in ("granted", "responsible") and relation in ("own", "stale")
    return may and not (relation == "stale" and policy.fresh)


def _asking(policy: Any, relation: str) -> list[str]:
    """Whose answer can differ: elsewhere than at home, those who are let in there."""
    if relation == "own":
        return list(NEW)
    if not isinstance(policy, OF_INSTITUTIONS) or (
        relation != "suspended" and not isinstance(policy, Uses)
    ):
        return []  # the relation to an institution plays no part
    return [subject for subject in OF_PLACES if expected(policy, subject, "own")]


def routes() -> Iterator[tuple[Row, Any]]:
    """One row of each guarded route, with the policy that its view declares."""
    rows: dict[str, Row] = {}
    for row in ALL_ROWS:
        if not row.route.startswith("admin:") or row.route in BACK_OFFICE:
            rows.setdefault(row.route, row)
    policies = dict(_policies(get_resolver()))
    for route, row in rows.items():
        policy = policies[route]
        if isinstance(policy, SignedIn | Holds | Represents | Manages | Appoints | Uses):
            yield row, policy


def _policies(resolver: URLResolver, namespace: str = "") -> Iterator[tuple[str, Any]]:
    for pattern in resolver.url_patterns:
        if isinstance(pattern, URLPattern):
            yield f"{namespace}{pattern.name}", policy_of(pattern.callback)
        else:
            inner = f"{namespace}{pattern.namespace}:" if pattern.namespace else namespace
            yield from _policies(pattern, inner)


def let_in(answer: Any) -> bool:
    """Not sent to the login, and not refused by a policy: what came then was the view's own word."""
    if answer.status_code == 302:
        return not answer["Location"].startswith("/log-in/")
    return answer.status_code != 403 or refusal_code(answer)[:4] not in ("ACC-", "ANK-")


@pytest.fixture(scope="module")
def place(django_db_setup: None, django_db_blocker: Any) -> Iterator[Place]:
    with django_db_blocker.unblock(), rolled_back():
        yield Place()


@contextmanager
def as_before(place: Place) -> Iterator[None]:
    """Who came and what was made in between is gone afterwards, as its rows are."""
    clients, objects = dict(place.clients), dict(place.objects)
    try:
        yield
    finally:
        place.clients, place.objects = clients, objects


# Views behind SignedIn that refuse by themselves: their own tests say whom.
OWN_WORD = frozenset(
    row.route
    for row in ALL_ROWS
    if 403 in row.cells[1:] and len(set(row.cells)) > 1 and row.route.find(":") < 0
)


@pytest.mark.parametrize("relation", RELATIONS)
def test_nobody_gets_further_than_the_policy_says(place: Place, relation: str) -> None:
    wrong = []
    with rolled_back():
        RELATIONS[relation](place.pharmacy.institution)
        for row, policy in routes():
            for subject in _asking(policy, relation):
                was_let_in = let_in(place.call(subject, row))
                wanted = expected(policy, subject, relation)
                by_view = isinstance(policy, SignedIn) and row.route in OWN_WORD
                by_view = by_view or relation == "stale"  # a query's own page asks for the card
                if was_let_in != wanted and not (by_view and wanted):
                    wrong.append(f"{subject} {row.method} {row.route}: let in {was_let_in}")
    assert not wrong, "\n".join(wrong)


def test_what_belongs_to_another_institution_is_not_there(place: Place) -> None:
    """The sixth relation, for those who manage: every object that their pages name by id."""
    with rolled_back(), as_before(place):
        other = place.other
        place.staff("manager", other, role=MembershipRole.MANAGER)
        # In a browser of its own: the one of the module's representative is needed as it is.
        place.clients["representative"] = type(place.clients["visitor"])()
        place.open_representative(other)
        mine = place.pharmacy
        application = NetworkApplication.objects.create(
            institution=mine.institution, requested_by=mine.pharmacist
        )
        members = Membership.objects.filter(institution=mine.institution)
        place.objects |= {
            "their_user": members.get(person=mine.pharmacist).pk,
            "their_manager": members.get(role=MembershipRole.MANAGER).pk,
            "their_network": application.pk,
            "their_module": apply_module(institution=mine.institution, name="b", by=BY).pk,
            "their_workstation": mine.workstation.pk,
            "their_person": mine.pharmacist.pk,
            "their_card": Credential.objects.filter(person=mine.pharmacist).latest("pk").pk,
        }
        asked = [
            ("manager", "end_user", "their_user", {}),
            ("manager", "end_network", "their_network", {"reason": "x"}),
            ("representative", "end_manager", "their_manager", {}),
            ("representative", "download_module", "their_module", {}),
            ("representative", "revoke_module", "their_module", {}),
            ("representative", "revoke_workstation", "their_workstation", {}),
            ("representative", "issue_code", "their_person", {}),
            ("representative", "block_cards_of", "their_person", {}),
            ("manager", "issue_code", "their_person", {}),
            ("manager", "block_cards_of", "their_person", {}),
            ("manager", "block_my_card", "their_card", {}),
        ]
        found = {
            (subject, route): place.call(
                subject, Row(route, "post", (), args=(name,), data=data)
            ).status_code
            for subject, route, name, data in asked
        }
    assert found == dict.fromkeys(found, 404)
