"""Two at once, on connections of their own: both never win, and nothing is half done."""

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from datetime import date
from threading import Barrier
from typing import Any

import pytest
from django.db import connection, transaction

from apps.access.models import Entitlement, Grant, Membership, UnifiedCampaign
from apps.access.policies import decide
from apps.access.services import close_grant, unified
from apps.access.services.authorizing import SavedMeanwhile, Ticks, authorize_users
from apps.access.services.members import (
    AlreadyMember,
    RolesExclude,
    add_user,
    end_manager,
    end_user,
    give_platform_role,
    make_member,
)
from apps.access.services.people import PersonDetails
from apps.access.services.unified import Listed
from apps.access.terms import MembershipRole, MembershipState
from apps.accounts.models import PlatformRole
from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.core.errors import NotFound, Refusal
from tests.support.institution import Clinic
from tests.support.world import BY, grant, make_operator, make_person

pytestmark = pytest.mark.django_db(transaction=True)


def at_once(*deeds: Callable[[], Any]) -> list[Any]:
    """What each deed returned, or the refusal that it raised."""
    together = Barrier(len(deeds))

    def run(deed: Callable[[], Any]) -> Any:
        together.wait(timeout=10)
        try:
            return deed()
        except Refusal as refusal:
            return refusal
        finally:
            connection.close()

    with ThreadPoolExecutor(len(deeds)) as pool:
        return list(pool.map(run, deeds))


def test_the_last_manager_is_dismissed_once(events) -> None:
    clinic = Clinic()
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    by = clinic.actor(clinic.card)
    results = at_once(*[lambda: end_manager(membership=membership.pk, by=by)] * 2)
    assert sorted(isinstance(each, NotFound) for each in results) == [False, True]
    assert [event["action"] for event in events()] == ["end_manager"]


def test_two_saves_of_one_page_let_one_through() -> None:
    clinic = Clinic()
    version = clinic.entitlement.version

    def save(person: Any) -> Callable[[], None]:
        return lambda: authorize_users(
            entitlement=clinic.entitlement.pk,
            version=version,
            ticks=Ticks(added={person.pk}),
            by=clinic.actor(),
        )

    results = at_once(save(clinic.user), save(clinic.manager))
    assert sorted(isinstance(each, SavedMeanwhile) for each in results) == [False, True]
    assert Grant.objects.count() == 1


def test_a_dismissal_beside_a_save_leaves_no_grant_behind() -> None:
    clinic = Clinic()
    membership = clinic.membership(clinic.user)
    version = clinic.entitlement.version
    at_once(
        lambda: end_user(membership=membership.pk, by=clinic.actor()),
        lambda: authorize_users(
            entitlement=clinic.entitlement.pk,
            version=version,
            ticks=Ticks(added={clinic.user.pk}),
            by=clinic.actor(),
        ),
    )
    assert not Grant.objects.filter(user=clinic.user).exists()
    assert Membership.objects.get(pk=membership.pk).state == MembershipState.ENDED


def test_a_grant_is_closed_once(events) -> None:
    clinic = Clinic()
    given = grant(clinic.user, clinic.entitlement)
    results = at_once(*[lambda: close_grant(grant=given.pk, reason="離職", by=BY)] * 2)
    assert sum(isinstance(each, NotFound) for each in results) == 1
    assert [event["action"] for event in events()].count("close_grant") == 1


def test_a_query_beside_a_revocation_is_permitted_before_and_refused_after() -> None:
    clinic = Clinic()
    given = grant(clinic.user, clinic.entitlement)
    session = clinic.browser(clinic.user).session_id
    queries = [lambda: decide(session=session, service="VBK")] * 5
    at_once(lambda: close_grant(grant=given.pk, reason="離職", by=BY), *queries)
    assert not decide(session=session, service="VBK").permit


def test_auditor_and_member_at_once_is_only_one_of_them() -> None:
    clinic, person = Clinic(), make_person("許美玲")
    by = clinic.actor()

    def join() -> Membership:
        with transaction.atomic():
            return make_member(
                person=person,
                institution=clinic.institution.pk,
                role=MembershipRole.USER,
                by=by,
            )

    results = at_once(
        join, lambda: give_platform_role(person=person, role=SessionRole.AUDITOR, by=BY)
    )
    assert sum(isinstance(each, RolesExclude) for each in results) == 1
    member = Membership.objects.filter(person=person).exists()
    assert member != PlatformRole.objects.filter(person=person).exists()


def test_the_same_user_added_twice_at_once_is_one_membership() -> None:
    clinic = Clinic()
    details = PersonDetails(national_id="F226789013", birth_date=date(1986, 1, 31), name="許美玲")
    results = at_once(
        *[lambda: add_user(details=details, institution=clinic.institution.pk, by=BY)] * 2
    )
    assert sum(isinstance(each, AlreadyMember) for each in results) == 1


def test_a_campaign_is_published_once() -> None:
    clinic = Clinic()
    maker, checker = make_operator(name="甲"), make_operator(name="乙")
    campaign = unified.draft_campaign(
        name="專案",
        service=clinic.entitlement.service,
        listed=[Listed(clinic.institution.code)],
        by=Actor(person=maker.pk),
    )
    by = Actor(person=checker.pk)
    results = at_once(*[lambda: unified.publish_campaign(campaign=campaign.pk, by=by)] * 2)
    assert sum(isinstance(each, NotFound) for each in results) == 1
    assert Entitlement.objects.filter(campaign=campaign).count() == 1
    assert UnifiedCampaign.objects.get().published_by == checker
