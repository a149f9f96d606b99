"""Grants that were changed past the application contradict the sealed log."""

import pytest
from django.core.management import CommandError, call_command

from apps.access.models import Grant, GrantHistory
from apps.access.services.grants import close_grant, open_grant
from apps.access.terms import GrantSource
from apps.oversight.services.replaying import compare_grants
from tests.support.world import BY, Pharmacy, entitle, make_member, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture
def given(world) -> Grant:
    """Opened by the service, so with its event."""
    member = make_member(world.institution, make_person("林小華"))
    entitlement = entitle(world.institution, "HIQS")
    return open_grant(person=member, entitlement=entitlement, source=GrantSource.MANAGER, by=BY)


def said_of(grant) -> list[str]:
    pk = getattr(grant, "pk", grant)
    return [each.what for each in compare_grants() if each.grant == pk]


def test_what_the_services_did_agrees(given) -> None:
    assert said_of(given) == []
    closed = close_grant(grant=given.pk, reason="離職", by=BY)
    assert said_of(closed) == []


def test_a_grant_put_in_by_hand(given) -> None:
    other = make_person("王小明")
    forged = Grant.objects.create(
        user=other,
        permission=given.permission,
        content_object=given.content_object,
        source=GrantSource.MANAGER,
    )
    assert said_of(forged) == ["stands in the table and no event opened it"]
    with pytest.raises(CommandError, match=str(forged.pk)):
        call_command("compare_grants")


def test_a_grant_taken_out_by_hand(given) -> None:
    pk = given.pk
    given.delete()
    (what,) = said_of(pk)
    assert what.startswith("is in the log")


def test_a_grant_given_to_somebody_else_by_hand(given) -> None:
    Grant.objects.filter(pk=given.pk).update(user=make_person("王小明"))
    (what,) = said_of(given)
    assert what.startswith("is of another person")


def test_a_history_in_which_the_person_was_changed(given) -> None:
    closed = close_grant(grant=given.pk, reason="離職", by=BY)
    GrantHistory.objects.filter(pk=closed.pk).update(person=make_person("王小明"))
    (what,) = said_of(closed)
    assert what.startswith("is of another person")


def test_a_closed_grant_opened_again_by_hand(given) -> None:
    row = Grant.objects.filter(pk=given.pk).values().get()
    close_grant(grant=given.pk, reason="離職", by=BY)
    GrantHistory.objects.filter(pk=given.pk).delete()
    Grant.objects.create(**row)
    assert said_of(given) == ["is open although an event closed it"]


def test_a_grant_closed_by_hand(given) -> None:
    GrantHistory.objects.create(
        id=given.pk,
        person=given.user,
        entitlement=given.content_object,
        source=given.source,
        granted_at=given.granted_at,
        closed_at=given.granted_at,
        closed_reason="by hand",
    )
    pk = given.pk
    given.delete()
    assert said_of(pk) == ["is closed and no event closed it"]
