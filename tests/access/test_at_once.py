"""Whatever takes a right away.

The next click of the open session is refused, and the event says why (FEATURES A10, A13).
"""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.access.models import Entitlement, Grant, Service
from apps.access.services import close_grant, institutions, unified
from apps.access.services.applications import end_entitlement
from apps.access.services.members import end_manager, end_user
from apps.access.services.unified import Listed
from apps.access.terms import MembershipRole, Reason
from apps.accounts.models import Credential, Person, Session
from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.audit.actors import Actor
from apps.core import clock
from apps.institutions.models import Institution
from tests.support.institution import Clinic
from tests.support.world import BY, grant, make_operator

pytestmark = pytest.mark.django_db


class Open:
    """A clinic whose user works in an open browser."""

    def __init__(self) -> None:
        self.clinic = Clinic()
        self.grant = grant(self.clinic.user, self.clinic.entitlement)
        self.browser: Client = self.clinic.browser(self.clinic.user)


def _close_grant(world: Open) -> None:
    close_grant(grant=world.grant.pk, reason="離職", by=BY)


def _dismiss(world: Open) -> None:
    end_user(membership=world.clinic.membership(world.clinic.user).pk, by=world.clinic.actor())


def _end_entitlement(world: Open) -> None:
    end_entitlement(entitlement=world.clinic.entitlement.pk, reason="期滿", by=BY)


def _block_card(world: Open) -> None:
    session = Session.objects.get(person=world.clinic.user)
    Credential.objects.create(
        person=world.clinic.user,
        card_kind=CardKind.HPC,
        issuer=session.card_issuer,
        serial=session.card_serial,
        state=CredentialState.BLOCKED,
    )


def _expire(world: Open) -> None:
    Grant.objects.update(valid_until=clock.now())


def _leave_office(world: Open) -> None:
    Grant.objects.update(of_office=True)
    Institution.objects.update(responsible=world.clinic.manager.identity)


def _end_campaign(world: Open) -> None:
    """The grant hangs on a campaign's entitlement; only the campaign ends."""
    maker, checker = make_operator(name="甲"), make_operator(name="乙")
    campaign = unified.draft_campaign(
        name="專案",
        service=Service.objects.get(pk="VBK"),
        listed=[Listed(world.clinic.institution.code)],
        by=Actor(person=maker.pk),
    )
    unified.publish_campaign(campaign=campaign.pk, by=Actor(person=checker.pk))
    close_grant(grant=world.grant.pk, reason="改由統一授權", by=BY)
    end_entitlement(entitlement=world.clinic.entitlement.pk, reason="改由統一授權", by=BY)
    grant(world.clinic.user, Entitlement.objects.get(campaign=campaign))
    assert world.browser.get("/booking/").status_code == 200
    unified.withdraw_campaign(campaign=campaign.pk, reason="期滿", by=Actor(person=maker.pk))


WAYS = [
    ("the grant is withdrawn", _close_grant, Reason.NOT_GRANTED),
    ("the user is dismissed", _dismiss, Reason.MEMBERSHIP_ENDED),
    ("the entitlement ends", _end_entitlement, Reason.ENTITLEMENT_ENDED),
    ("the card is blocked", _block_card, Reason.CARD_BLOCKED),
    ("the grant expires", _expire, Reason.GRANT_EXPIRED),
    ("the office changes", _leave_office, Reason.OFFICE_LEFT),
    ("the campaign is withdrawn", _end_campaign, Reason.ENTITLEMENT_ENDED),
    (
        "the service is switched off",
        lambda world: Service.objects.filter(pk="VBK").update(enabled=False),
        Reason.SERVICE_OFF,
    ),
]


@pytest.mark.parametrize(
    ("take_away", "reason"), [pytest.param(way, reason, id=name) for name, way, reason in WAYS]
)
def test_the_next_click_is_refused_and_the_event_names_the_condition(
    take_away: Callable[[Open], object], reason: Reason, events
) -> None:
    world = Open()
    assert world.browser.get("/booking/").status_code == 200
    take_away(world)
    page = world.browser.get("/booking/")
    assert page.status_code == 403
    assert str(reason.value) not in page.content.decode()
    last = events()[-1]
    assert (last["outcome"], last["reason"]) == ("refused", reason.value)


@pytest.mark.parametrize("end", [institutions.suspend_institution, institutions.close_institution])
def test_suspending_and_closing_end_the_session_itself(end, events) -> None:
    world = Open()
    by = Actor(person=make_operator().pk, role=SessionRole.OPERATOR)
    end(institution=world.clinic.institution.pk, reason="稽查", by=by)
    answer = world.browser.get("/booking/")
    assert answer.status_code == 302
    assert answer["Location"].startswith("/log-in/")
    assert "change_institution" in {event["action"] for event in events()}


def test_a_dismissed_manager_is_refused_at_the_next_click(events) -> None:
    clinic = Clinic()
    browser = clinic.browser(clinic.manager)
    assert browser.get("/access/users/").status_code == 200
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    end_manager(membership=membership.pk, by=clinic.actor(clinic.card))
    assert browser.get("/access/users/").status_code == 403
    assert events()[-1]["reason"] == Reason.MEMBERSHIP_ENDED.value


def test_a_person_who_left_the_platform_is_sent_to_the_login() -> None:
    world = Open()
    Person.objects.filter(pk=world.clinic.user.pk).update(is_active=False)
    assert world.browser.get("/booking/").status_code == 302


def test_switching_a_service_on_again_widens_nothing() -> None:
    """Keycloak CVE-2026-3121: a feature switch must not make old rows count that had ended."""
    world = Open()
    close_grant(grant=world.grant.pk, reason="離職", by=BY)
    Service.objects.filter(pk="VBK").update(enabled=False)
    Service.objects.filter(pk="VBK").update(enabled=True)
    assert world.browser.get("/booking/").status_code == 403
