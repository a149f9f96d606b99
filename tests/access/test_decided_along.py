"""The decision that comes with the session is the decision that is asked by itself."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import RequestFactory

from apps.access.guards import Uses
from apps.access.models import Entitlement, Grant, Membership, Service
from apps.access.policies import ALONG_WITH_SESSION, decide, decision_of
from apps.access.terms import EntitlementState, MembershipState, Reason
from apps.accounts.models import Session
from apps.accounts.sessions import SessionStore, digest
from apps.core import clock
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from tests.support.world import Pharmacy, in_days

pytestmark = pytest.mark.django_db
KEY = "k" * 32

CASES: dict[str, tuple[Any, Reason]] = {
    "permitted": (lambda: None, Reason.PERMITTED),
    "institution closed": (
        lambda: Institution.objects.update(status=InstitutionStatus.SUSPENDED),
        Reason.INSTITUTION_INACTIVE,
    ),
    "no membership": (lambda: Membership.objects.all().delete(), Reason.NO_MEMBERSHIP),
    "membership ended": (
        lambda: Membership.objects.update(state=MembershipState.ENDED),
        Reason.MEMBERSHIP_ENDED,
    ),
    "service off": (lambda: Service.objects.update(enabled=False), Reason.SERVICE_OFF),
    "entitlement ended": (
        lambda: Entitlement.objects.update(state=EntitlementState.SUSPENDED),
        Reason.ENTITLEMENT_ENDED,
    ),
    "entitlement over": (
        lambda: Entitlement.objects.update(valid_from=in_days(-9), valid_until=in_days(-1)),
        Reason.ENTITLEMENT_ENDED,
    ),
    "not granted": (lambda: Grant.objects.all().delete(), Reason.NOT_GRANTED),
    "grant expired": (
        lambda: Grant.objects.update(valid_until=clock.now() - timedelta(minutes=1)),
        Reason.GRANT_EXPIRED,
    ),
    "another card": (
        lambda: Service.objects.update(card_kinds=["CITIZEN"]),
        Reason.WRONG_CARD_KIND,
    ),
    "network": (lambda: Service.objects.update(needs_network=True), Reason.UNKNOWN_NETWORK),
}


def open_session() -> Session:
    session = Pharmacy().session()
    Session.objects.filter(id=session.id).update(session_key=digest(KEY))
    return session


def asked_along(service: str) -> SessionStore:
    request: Any = RequestFactory().get("/")
    request.session = SessionStore(KEY)
    Uses(service).ask_along(request)
    assert request.session.record is not None
    return request.session


@pytest.mark.parametrize("case", CASES)
def test_along_with_the_session_as_by_itself(case: str) -> None:
    session = open_session()
    change, reason = CASES[case]
    change()
    told = asked_along("VBK").told(ALONG_WITH_SESSION)
    assert told[0] == "VBK"
    assert decision_of(told) == decide(session=session.id, service="VBK", address="127.0.0.1")
    assert decision_of(told).reason == reason


def test_a_service_that_does_not_exist_is_told_by_nobody() -> None:
    open_session()
    assert asked_along("NONE").told(ALONG_WITH_SESSION)[0] is None


def test_a_session_that_ended_brings_no_decision() -> None:
    open_session()
    Session.objects.all().delete()
    request: Any = RequestFactory().get("/")
    request.session = SessionStore(KEY)
    Uses("VBK").ask_along(request)
    assert request.session.record is None
    assert request.session.told(ALONG_WITH_SESSION) == ()


def test_what_was_told_goes_with_the_session() -> None:
    open_session()
    store = asked_along("VBK")
    store.flush()
    assert store.told(ALONG_WITH_SESSION) == ()
