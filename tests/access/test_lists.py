"""A unified authorization takes an imported list (FEATURES A6)."""

import pytest

from apps.access import tasks
from apps.access.lists import fetch_lists
from apps.access.models import Entitlement, Grant, Service, UnifiedCampaign, UnifiedListEntry
from apps.access.services import unified
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from tests.support.institution import NUMBERS, operator_browser
from tests.support.world import in_days, make_institution, make_operator

pytestmark = pytest.mark.django_db

DRAFT = "/backoffice/access/unifiedcampaign/draft/"


def listed(service: str = "VBK", code: str = "2026-11", **fields: object) -> UnifiedListEntry:
    return UnifiedListEntry.objects.create(
        service_id=service, list_code=code, institution=make_institution(), **fields
    )


def form(**fields: object) -> dict[str, object]:
    values = {"name": "疫苗專案", "service": "VBK", "valid_from": in_days(0).isoformat()}
    return values | {"listed": "", "imported": "VBK:2026-11"} | fields


def test_lists_are_offered_with_service_and_length() -> None:
    for _ in range(2):
        listed()
    listed("VBS", "2026-10")
    page = operator_browser().get(DRAFT).content.decode()
    assert [(each.key, each.count) for each in fetch_lists()] == [
        ("VBK:2026-11", 2),
        ("VBS:2026-10", 1),
    ]
    assert "VBK · 2026-11 · 2 " in page


def test_an_imported_list_entitles_its_institutions_and_their_professionals() -> None:
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=NUMBERS[2])
    first, second = listed(responsible_id=identity, name="許美玲"), listed()
    listed(code="another")
    answer = operator_browser().post(DRAFT, form(to_responsible="on"))
    campaign = UnifiedCampaign.objects.get()
    assert answer["Location"].endswith(f"{campaign.pk}/change/")
    operator_browser("周大同").post(answer["Location"].replace("change/", "publish-campaign/"))
    entitled = set(Entitlement.objects.values_list("institution", flat=True))
    assert entitled == {first.institution_id, second.institution_id}
    assert Grant.objects.get().user == Person.objects.get(name="許美玲")


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"imported": ""}, "listed"),
        ({"listed": "5901012345"}, "listed"),
        ({"imported": "VBK:unknown"}, "imported"),
        ({"service": "VBS"}, "imported"),
        ({"valid_until": in_days(-1).isoformat()}, "valid_until"),
        (
            {"valid_from": in_days(9).isoformat(), "valid_until": in_days(8).isoformat()},
            "valid_until",
        ),
        ({"service": "XXX"}, "service"),
    ],
)
def test_what_does_not_fit_is_said_at_its_field(fields, wrong) -> None:
    listed()
    assert Service.objects.filter(pk="VBS").exists()
    page = operator_browser().post(DRAFT, form(**fields))
    assert page.status_code == 400
    assert wrong in page.context["form"].errors
    assert not UnifiedCampaign.objects.exists()


def test_a_long_list_gives_its_grants_institution_by_institution(monkeypatch) -> None:
    """Thousands in one transaction would run into its time limit; entitlements hold at once."""
    monkeypatch.setattr(unified, "FOLLOWED_AT_ONCE", 1)
    asked: list[bool] = []
    monkeypatch.setattr(tasks.follow_offices, "delay", lambda: asked.append(True))
    for number, name in zip(NUMBERS[2:4], ("許美玲", "李美美"), strict=True):
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=number)
        listed(responsible_id=identity, name=name)
    answer = operator_browser().post(DRAFT, form(to_responsible="on"))
    publish = answer["Location"].replace("change/", "publish-campaign/")
    operator_browser("周大同").post(publish)
    assert (Entitlement.objects.count(), Grant.objects.count(), asked) == (2, 0, [True])
    tasks.follow_offices()
    assert Grant.objects.filter(of_office=True).count() == 2


def test_publishing_takes_as_many_statements_for_many_as_for_few(round_trips, monkeypatch) -> None:
    monkeypatch.setattr(unified, "FOLLOWED_AT_ONCE", 1)
    for _ in range(40):
        listed()
    operator_browser().post(DRAFT, form(to_responsible="on"))
    checker = Actor(person=make_operator().pk)
    with round_trips(at_most=14):
        unified.publish_campaign(campaign=UnifiedCampaign.objects.get().pk, by=checker)
