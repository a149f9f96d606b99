"""decide() as a truth table.

One change to a world in which the pharmacist may book, and the reason that follows.
"""

import uuid
from collections.abc import Callable
from datetime import timedelta

import pytest
from django.contrib.auth import get_backends

from apps.access.models import Entitlement, Grant, Membership, Service
from apps.access.policies import CONDITIONS, decide, services_here
from apps.access.services import close_grant
from apps.access.terms import (
    EntitlementSource,
    EntitlementState,
    MembershipRole,
    MembershipState,
    ProofRecency,
    Reason,
)
from apps.accounts.models import Credential, Person, Session
from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.audit.actors import Actor
from apps.core import clock
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionKind, InstitutionStatus
from tests.support.world import (
    BY,
    Pharmacy,
    entitle,
    grant,
    in_days,
    make_institution,
    make_member,
    open_session,
)

pytestmark = pytest.mark.django_db

Change = Callable[[Pharmacy, Session], object]


def _update(model: type, **fields: object) -> Change:
    return lambda world, session: model.objects.update(**fields)


def _rules(**fields: object) -> Change:
    return lambda world, session: Service.objects.filter(pk="VBK").update(**fields)


def _session(**fields: object) -> Change:
    return lambda world, session: Session.objects.filter(pk=session.pk).update(**fields)


def _block_card(world: Pharmacy, session: Session) -> None:
    Credential.objects.create(
        person=world.pharmacist,
        card_kind=CardKind.HPC,
        issuer=session.card_issuer,
        serial=session.card_serial,
        state=CredentialState.BLOCKED,
    )


CHANGES = [
    # the person and the card
    ("a person who left", _update(Person, is_active=False), Reason.PERSON_INACTIVE),
    ("a blocked card", _block_card, Reason.CARD_BLOCKED),
    ("a representative's session", _session(role=SessionRole.REPRESENTATIVE), Reason.NOT_STAFF),
    ("an operator's session", _session(role=SessionRole.OPERATOR), Reason.NOT_STAFF),
    # the institution and belonging to it
    ("no institution", _session(institution_id=None), Reason.INSTITUTION_INACTIVE),
    (
        "a suspended institution",
        _update(Institution, status=InstitutionStatus.SUSPENDED),
        Reason.INSTITUTION_INACTIVE,
    ),
    (
        "a closed institution",
        _update(Institution, status=InstitutionStatus.CLOSED),
        Reason.INSTITUTION_INACTIVE,
    ),
    (
        "no membership",
        lambda world, session: Membership.objects.all().delete(),
        Reason.NO_MEMBERSHIP,
    ),
    (
        "a dismissed user",
        _update(Membership, state=MembershipState.ENDED),
        Reason.MEMBERSHIP_ENDED,
    ),
    (
        "a membership until yesterday",
        lambda world, session: Membership.objects.update(valid_until=in_days(-1)),
        Reason.MEMBERSHIP_ENDED,
    ),
    (
        "a membership from tomorrow on",
        lambda world, session: Membership.objects.update(valid_from=in_days(1)),
        Reason.MEMBERSHIP_ENDED,
    ),
    # the service and the entitlement
    ("a service switched off", _rules(enabled=False), Reason.SERVICE_OFF),
    ("a service for hospitals", _rules(audience_kinds=["HOSPITAL"]), Reason.WRONG_AUDIENCE),
    (
        "a service for emergency departments",
        _rules(facilities=["EMERGENCY", "VIDEO"]),
        Reason.WRONG_FACILITY,
    ),
    (
        "no entitlement",
        lambda world, session: (Grant.objects.all().delete(), Entitlement.objects.all().delete()),
        Reason.NOT_ENTITLED,
    ),
    (
        "a suspended entitlement",
        _update(Entitlement, state=EntitlementState.SUSPENDED),
        Reason.ENTITLEMENT_ENDED,
    ),
    (
        "an entitlement until yesterday",
        lambda world, session: Entitlement.objects.update(valid_until=in_days(-1)),
        Reason.ENTITLEMENT_ENDED,
    ),
    # the grant
    (
        "a closed grant",
        lambda world, session: close_grant(grant=world.grant.pk, reason="離職", by=BY),
        Reason.NOT_GRANTED,
    ),
    (
        "an expired grant",
        lambda world, session: Grant.objects.update(valid_until=clock.now()),
        Reason.GRANT_EXPIRED,
    ),
    (
        "a grant of the office after the office changed",
        _update(Grant, of_office=True),
        Reason.OFFICE_LEFT,
    ),
    # the moment
    ("a service for physicians", _rules(professions=["A"]), Reason.WRONG_PROFESSION),
    ("a card that names no profession", _session(profession=""), Reason.WRONG_PROFESSION),
    ("a login by citizen certificate", _session(card_kind="CITIZEN"), Reason.WRONG_CARD_KIND),
    (
        "a user with a card that only managers may use",
        lambda world, session: (
            _rules(manager_card_kinds=["NHI"])(world, session),
            _session(card_kind="NHI")(world, session),
        ),
        Reason.WRONG_CARD_KIND,
    ),
    (
        "a manager with a card that only users may use",
        lambda world, session: (
            _rules(card_kinds=[], manager_card_kinds=["CITIZEN"])(world, session),
            _update(Membership, role=MembershipRole.MANAGER)(world, session),
        ),
        Reason.WRONG_CARD_KIND,
    ),
    (
        "a manager without cards of managers' own",
        lambda world, session: (
            _update(Membership, role=MembershipRole.MANAGER)(world, session),
            _session(card_kind="NHI")(world, session),
        ),
        Reason.WRONG_CARD_KIND,
    ),
    ("a login at another agent", _session(workstation_id=None), Reason.NO_WORKSTATION),
    ("a network that nobody registered", _rules(needs_network=True), Reason.UNKNOWN_NETWORK),
    (
        "a card pulled, for a service that wants it to stay",
        lambda world, session: (
            _rules(leaves_on_removal=True)(world, session),
            _session(card_removed_at=clock.now())(world, session),
        ),
        Reason.CARD_REMOVED,
    ),
    ("no word of the agent's version", _rules(minimum_agent_version="0.1"), Reason.AGENT_TOO_OLD),
    (
        "an agent below the service's floor",
        lambda world, session: (
            _rules(minimum_agent_version="0.10.0")(world, session),
            _session(agent_version="0.9.12")(world, session),
        ),
        Reason.AGENT_TOO_OLD,
    ),
    (
        "a card proved half an hour ago for a service of 30 minutes",
        lambda world, session: (
            _rules(recency=ProofRecency.WITHIN, recency_seconds=1800)(world, session),
            _session(card_proof_at=clock.now() - timedelta(minutes=30))(world, session),
        ),
        Reason.PROOF_TOO_OLD,
    ),
]


@pytest.mark.parametrize(
    ("change", "reason"),
    [pytest.param(change, reason, id=name) for name, change, reason in CHANGES],
)
def test_refused_with_the_condition_that_failed(change: Change, reason: Reason) -> None:
    world = Pharmacy()
    session = world.session()
    change(world, session)

    decision = decide(session=session.id, service="VBK")

    assert (decision.permit, decision.reason) == (False, reason)


def test_every_condition_has_a_row() -> None:
    assert {reason for *_, reason in CHANGES} == {condition.reason for condition in CONDITIONS}


KEPT = [
    ("nothing changed", lambda world, session: None),
    ("a grant that ends tomorrow", _update(Grant, valid_until=clock.now() + timedelta(days=1))),
    ("a membership until today", lambda w, s: Membership.objects.update(valid_until=in_days(0))),
    ("a service without rules", _rules(professions=[], card_kinds=[], audience_kinds=[])),
    (
        "a fresh card for a service of 30 minutes",
        _rules(recency=ProofRecency.WITHIN, recency_seconds=1800),
    ),
    ("a card pulled, for a service that does not mind", _session(card_removed_at=clock.now())),
    ("a card that stays where it must", _rules(leaves_on_removal=True)),
    (
        "an agent of the service's lowest version",
        lambda world, session: (
            _rules(minimum_agent_version="0.10.0")(world, session),
            _session(agent_version="0.10.0")(world, session),
        ),
    ),
    (
        "a manager instead of a user",
        _update(Membership, role=MembershipRole.MANAGER),
    ),
    (
        "a manager with a card that only managers may use",
        lambda world, session: (
            _rules(manager_card_kinds=["NHI", "CITIZEN"])(world, session),
            _update(Membership, role=MembershipRole.MANAGER)(world, session),
            _session(card_kind="NHI")(world, session),
        ),
    ),
    (
        "a manager who is a user too, with a card of users",
        lambda world, session: (
            _rules(manager_card_kinds=["NHI"])(world, session),
            make_member(world.institution, world.pharmacist, role=MembershipRole.MANAGER),
        ),
    ),
    ("a service open for one purpose", _rules(purposes=["TRIAGE_1"])),
]


@pytest.mark.parametrize("change", [pytest.param(change, id=name) for name, change in KEPT])
def test_permitted_with_the_ids_that_allowed_it(change: Change) -> None:
    world = Pharmacy()
    session = world.session()
    change(world, session)

    decision = decide(session=session.id, service="VBK")

    assert decision.permit
    assert decision.reason == Reason.PERMITTED
    assert (decision.entitlement_id, decision.grant_id) == (world.entitlement.pk, world.grant.pk)


def test_one_statement(django_assert_num_queries) -> None:
    session = Pharmacy().session()
    with django_assert_num_queries(1):
        decide(session=session.id, service="VBK")


def test_a_deleted_session_is_refused() -> None:
    session = Pharmacy().session()
    session.delete()
    assert decide(session=session.id, service="VBK").reason == Reason.SESSION_ENDED
    assert decide(session=None, service="VBK").reason == Reason.SESSION_ENDED


def test_an_unknown_service_is_refused() -> None:
    assert decide(session=Pharmacy().session().id, service="XXX").reason == Reason.SERVICE_OFF


def test_a_grant_elsewhere_counts_nothing_here() -> None:
    """The same person is authorized at the other pharmacy only."""
    world, other = Pharmacy(), make_institution()
    make_member(other, world.pharmacist)
    session = open_session(world.pharmacist, other, workstation_id=uuid.uuid4())
    assert decide(session=session.id, service="VBK").reason == Reason.NOT_ENTITLED
    entitle(other)
    assert decide(session=session.id, service="VBK").reason == Reason.NOT_GRANTED


def test_the_way_that_got_furthest_gives_the_reason() -> None:
    """A suspended application beside a unified entitlement without a grant: the grant is what is missing."""
    world = Pharmacy()
    close_grant(grant=world.grant.pk, reason="改由統一授權", by=BY)
    Entitlement.objects.update(state=EntitlementState.SUSPENDED)
    unified = entitle(world.institution, source=EntitlementSource.UNIFIED)
    session = world.session()
    assert decide(session=session.id, service="VBK").reason == Reason.NOT_GRANTED
    given = grant(world.pharmacist, unified)
    assert decide(session=session.id, service="VBK").grant_id == given.pk


def test_two_memberships_and_one_ended_still_permit() -> None:
    world = Pharmacy()
    make_member(world.institution, world.pharmacist, role=MembershipRole.MANAGER)
    Membership.objects.filter(role=MembershipRole.USER).update(state=MembershipState.ENDED)
    assert decide(session=world.session().id, service="VBK").permit


def test_services_here_hides_what_is_not_granted_and_keeps_what_needs_another_card() -> None:
    world = Pharmacy()
    Service.objects.create(code="OFF", name="無", name_en="None", position=9)
    session = world.session(card_kind=CardKind.CITIZEN)
    by = Actor(person=world.pharmacist.pk, session=session.id)
    assert [service.code for service in services_here(by=by)] == ["VBK"]
    close_grant(grant=world.grant.pk, reason="離職", by=BY)
    assert services_here(by=by) == []
    assert services_here(by=Actor()) == []


def test_has_perm_answers_for_the_asking_session_only() -> None:
    world = Pharmacy()
    (backend,) = get_backends()
    assert not backend.has_perm(world.pharmacist, "access.use_service", world.entitlement)
    world.pharmacist.session_id = world.session().id
    assert world.pharmacist.has_perm("access.use_service", world.entitlement)
    assert not world.pharmacist.has_perm("access.use_service")
    assert not world.pharmacist.has_perm("access.delete_grant", world.entitlement)
    other = entitle(make_institution(kind=InstitutionKind.HOSPITAL))
    assert not world.pharmacist.has_perm("access.use_service", other)


@pytest.mark.parametrize(
    ("purposes", "purpose", "allowed"),
    [
        ([], "TRIAGE_1", True),
        ([], "", True),
        (["TRIAGE_1", "VIDEO"], "TRIAGE_1", True),
        (["TRIAGE_1", "VIDEO"], "TRIAGE_2", False),
        (["VIDEO"], "", False),
        (["VIDEO"], "video", False),
    ],
)
def test_the_decision_says_for_which_purposes(purposes, purpose, allowed) -> None:
    world = Pharmacy()
    Service.objects.filter(pk="VBK").update(purposes=purposes)
    assert decide(session=world.session().id, service="VBK").allows(purpose) == allowed
    excused = decide(session=world.session(card_kind="NHI").id, service="VBK")
    assert (excused.permit, excused.allows(purpose)) == (False, allowed)
