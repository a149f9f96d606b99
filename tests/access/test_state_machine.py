"""decide() against a set model that fits on a screen.

Whatever is done in whatever order, both agree (security reference b.6).
"""

from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, settings
from hypothesis import strategies as st
from hypothesis.stateful import (
    RuleBasedStateMachine,
    invariant,
    rule,
    run_state_machine_as_test,
)

from apps.access.models import Entitlement, Grant, Membership, Service, UnifiedCampaign
from apps.access.policies import decide
from apps.access.services import close_grant, institutions, open_grant, unified
from apps.access.services.members import end_user, make_member
from apps.access.services.unified import Listed
from apps.access.terms import EntitlementState, GrantSource, MembershipRole
from apps.audit.actors import Actor
from apps.core.errors import Refusal
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from tests.support.world import entitle, make_institution, make_operator, make_person, open_session

PLACES = st.integers(0, 1)
PEOPLE = st.integers(0, 2)
Pair = tuple[int, int]


class Rights(RuleBasedStateMachine):
    """Two institutions and three people. The sets hold what the product was told to do."""

    def __init__(self) -> None:
        super().__init__()
        self.places = [make_institution() for _ in range(2)]
        self.people = [make_person(f"人{number}") for number in range(3)]
        self.maker = Actor(person=make_operator(name="甲").pk)
        self.checker = Actor(person=make_operator(name="乙").pk)
        self.active = {0, 1}
        self.enabled = True
        self.members: set[Pair] = set()  # (person, place)
        self.entitled: set[int] = set()  # places, by application
        self.unified: set[int] = set()  # places of the published campaign
        self.granted: set[tuple[int, int, str]] = set()  # (person, place, source)
        self.campaign: UnifiedCampaign | None = None

    def by(self, place: int) -> Actor:
        return Actor(person=self.maker.person, institution=self.places[place].pk)

    @rule(person=PEOPLE, place=PLACES)
    def add_user(self, person: int, place: int) -> None:
        if (person, place) not in self.members:
            make_member(
                person=self.people[person],
                institution=self.places[place].pk,
                role=MembershipRole.USER,
                by=self.by(place),
            )
            self.members.add((person, place))

    @rule(person=PEOPLE, place=PLACES)
    def end_user(self, person: int, place: int) -> None:
        found = (
            Membership.objects.filter(person=self.people[person], institution=self.places[place])
            .filter(state="ACTIVE")
            .first()
        )
        assert bool(found) == ((person, place) in self.members)
        if found:
            end_user(membership=found.pk, by=self.by(place))
            self.members.discard((person, place))
            self.granted = {each for each in self.granted if each[:2] != (person, place)}

    @rule(place=PLACES)
    def entitle(self, place: int) -> None:
        if place not in self.entitled:
            entitle(self.places[place])
            self.entitled.add(place)

    @rule(place=PLACES, source=st.sampled_from(["APPLICATION", "UNIFIED"]), person=PEOPLE)
    def grant(self, place: int, source: str, person: int) -> None:
        found = (
            Entitlement.objects.filter(institution=self.places[place], source=source)
            .exclude(state=EntitlementState.ENDED)
            .first()
        )
        if found and (person, place) in self.members:
            open_grant(
                person=self.people[person],
                entitlement=found,
                source=GrantSource.MANAGER,
                by=self.by(place),
            )
            self.granted.add((person, place, source))

    @rule(data=st.data())
    def revoke(self, data: Any) -> None:
        grants = list(Grant.objects.select_related("content_object").order_by("pk"))
        if not grants:
            return
        chosen = data.draw(st.sampled_from(grants))
        close_grant(grant=chosen.pk, reason="x", by=self.maker)
        person = [each.pk for each in self.people].index(chosen.user_id)
        place = [each.pk for each in self.places].index(chosen.content_object.institution_id)
        self.granted.discard((person, place, chosen.content_object.source))

    @rule(places=st.sets(PLACES, min_size=1))
    def unify(self, places: set[int]) -> None:
        if self.campaign is None:
            self.campaign = unified.draft_campaign(
                name="專案",
                service=Service.objects.get(pk="VBK"),
                listed=[Listed(self.places[place].code) for place in places],
                by=self.maker,
            )
            unified.publish_campaign(campaign=self.campaign.pk, by=self.checker)
            self.unified = places & self.active

    @rule()
    def withdraw(self) -> None:
        if self.campaign is not None:
            unified.withdraw_campaign(campaign=self.campaign.pk, reason="x", by=self.maker)
            self.campaign, self.unified = None, set()
            self.granted = {each for each in self.granted if each[2] != "UNIFIED"}

    @rule(place=PLACES, deed=st.sampled_from(["suspend", "resume"]))
    def turn(self, place: int, deed: str) -> None:
        service = getattr(institutions, f"{deed}_institution")
        try:
            service(institution=self.places[place].pk, reason="x", by=self.maker)
        except Refusal:
            return
        (self.active.discard if deed == "suspend" else self.active.add)(place)

    @rule(enabled=st.booleans())
    def switch(self, enabled: bool) -> None:
        Service.objects.filter(pk="VBK").update(enabled=enabled)
        self.enabled = enabled

    def may(self, person: int, place: int) -> bool:
        """The model: who may."""
        sources = {"APPLICATION"} if place in self.entitled else set()
        sources |= {"UNIFIED"} if place in self.unified else set()
        return (
            self.enabled
            and place in self.active
            and (person, place) in self.members
            and any((person, place, source) in self.granted for source in sources)
        )

    @invariant()
    def both_agree(self) -> None:
        for place, institution in enumerate(self.places):
            status = Institution.objects.values_list("status", flat=True).get(pk=institution.pk)
            assert (status == InstitutionStatus.ACTIVE) == (place in self.active)
            for person, human in enumerate(self.people):
                session = open_session(human, institution, workstation_id=institution.pk)
                decision = decide(session=session.id, service="VBK")
                assert decision.permit == self.may(person, place), (person, place, decision)
                session.delete()


@pytest.mark.django_db
def test_decide_agrees_with_the_set_model() -> None:
    class InTransaction(Rights):
        """Each example is rolled back, so that the next begins in an empty world."""

        def __init__(self) -> None:
            self.frame = transaction.atomic()
            self.frame.__enter__()
            super().__init__()

        def teardown(self) -> None:
            transaction.set_rollback(True)
            self.frame.__exit__(None, None, None)

    run_state_machine_as_test(
        InTransaction,
        settings=settings(
            max_examples=20,
            stateful_step_count=20,
            deadline=None,
            suppress_health_check=list(HealthCheck),
        ),
    )
