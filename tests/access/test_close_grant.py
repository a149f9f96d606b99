"""Closing a grant: at once, with a reason, into the history under the same id (A10)."""

import pytest
from django.conf import settings
from django.db import transaction
from django.test import Client

from apps.access.models import Grant, GrantHistory
from apps.access.services import close_grant, open_grant
from apps.access.terms import GrantSource
from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.core.errors import Invalid, NotFound
from tests.support.world import BY, Pharmacy, make_operator, session_columns

pytestmark = pytest.mark.django_db


def client_of(**columns) -> Client:
    store = SessionStore()
    store.open(**columns)
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture
def operator() -> Client:
    person = make_operator()
    return client_of(
        **session_columns(person, role=SessionRole.OPERATOR, card_kind=CardKind.CITIZEN)
    )


def test_moves_the_row_to_the_history_under_its_id(world, events) -> None:
    closed = close_grant(grant=world.grant.pk, reason=" 離職 ", by=BY)

    assert not Grant.objects.exists()
    assert closed.pk == world.grant.pk
    assert (closed.person, closed.entitlement) == (world.pharmacist, world.entitlement)
    assert closed.granted_at == world.grant.granted_at
    assert closed.closed_reason == "離職"
    (event,) = [event for event in events() if event["action"] == "close_grant"]
    assert event["grant_id"] == world.grant.pk
    assert event["detail"]["person"] == str(world.pharmacist.pk)


@pytest.mark.parametrize("reason", ["", "   "])
def test_needs_a_reason(world, reason) -> None:
    with pytest.raises(Invalid):
        close_grant(grant=world.grant.pk, reason=reason, by=BY)
    assert Grant.objects.exists()


def test_a_second_close_is_refused_and_changes_nothing(world) -> None:
    close_grant(grant=world.grant.pk, reason="離職", by=BY)
    with pytest.raises(NotFound):
        close_grant(grant=world.grant.pk, reason="again", by=BY)
    assert GrantHistory.objects.get().closed_reason == "離職"


def test_without_its_event_the_grant_stays_open(world, monkeypatch) -> None:
    def fail(event):
        raise RuntimeError

    monkeypatch.setattr("apps.access.services.grants.record_changes", fail)
    with pytest.raises(RuntimeError), transaction.atomic():
        close_grant(grant=world.grant.pk, reason="離職", by=BY)
    assert Grant.objects.exists()


def test_opening_an_open_grant_again_changes_nothing(world, events) -> None:
    again = open_grant(
        person=world.pharmacist, entitlement=world.entitlement, source=GrantSource.MANAGER, by=BY
    )
    assert again == world.grant
    assert events() == []


def test_the_next_click_of_an_open_session_is_refused(world, operator, events) -> None:
    """The thread's last scene: the operator closes, the pharmacist clicks."""
    pharmacist = client_of(
        **session_columns(
            world.pharmacist,
            institution_id=world.institution.pk,
            workstation_id=world.workstation.pk,
        )
    )
    assert pharmacist.get("/booking/").status_code == 200

    operator.post(f"/backoffice/access/grant/{world.grant.pk}/close/", {"reason": "離職"})

    refused = pharmacist.get("/booking/")
    assert refused.status_code == 403
    assert 'data-code="ACC-403"' in refused.content.decode()
    assert "not_granted" not in refused.content.decode()
    event = events()[-1]
    assert (event["outcome"], event["reason"]) == ("refused", "not_granted")


def test_the_page_asks_for_the_reason(world, operator) -> None:
    path = f"/backoffice/access/grant/{world.grant.pk}/"
    assert 'data-action="close_grant"' in operator.get(f"{path}change/").content.decode()
    response = operator.post(f"{path}close/", {"reason": ""}, follow=True)
    assert 'class="error"' in response.content.decode()
    assert Grant.objects.exists()


def test_a_grant_that_somebody_else_closed_is_told(world, operator) -> None:
    close_grant(grant=world.grant.pk, reason="離職", by=BY)
    path = f"/backoffice/access/grant/{world.grant.pk}/close/"
    response = operator.post(path, {"reason": "again"}, follow=True)
    assert "ACC-GRANT-CLOSED" in response.content.decode()
