"""The operator authorizes many places at once, and the responsible professional of each (FEATURES A6, A7)."""

import uuid
from datetime import date

import pytest
from django.db import IntegrityError, transaction

from apps.access.models import (
    Entitlement,
    Grant,
    Service,
    UnifiedCampaign,
)
from apps.access.policies import decide
from apps.access.services import institutions, sweeping, unified
from apps.access.services.people import PersonDetails
from apps.access.services.unified import Listed, OwnDraft, UnknownCodes
from apps.access.terms import (
    CampaignState,
    Reason,
)
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.core.errors import NotFound
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from tests.support.institution import NUMBERS, Clinic, make_registered, operator, operator_browser
from tests.support.world import (
    grant,
    make_institution,
)

pytestmark = pytest.mark.django_db


def identity_of(number: str) -> uuid.UUID:
    return identify(kind=IdentifierKind.NATIONAL_ID, value=number)


def draft(*places: Institution, by: Actor | None = None, **fields: object) -> UnifiedCampaign:
    return unified.draft_campaign(
        name="疫苗預約",
        service=Service.objects.get(pk="VBK"),
        listed=fields.pop("listed", None) or [Listed(place.code) for place in places],
        by=by or operator(),
        **fields,
    )


def test_a_draft_permits_nothing_and_a_second_operator_publishes() -> None:
    clinic, maker = Clinic(), operator()
    clinic.entitlement.delete()
    campaign = draft(clinic.institution, by=maker)
    assert not Entitlement.objects.exists()
    with pytest.raises(OwnDraft):
        unified.publish_campaign(campaign=campaign.pk, by=maker)
    assert unified.publish_campaign(campaign=campaign.pk, by=operator("周大同")) == 1
    session = clinic.browser(clinic.user).session_id
    assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED


def test_the_database_too_refuses_the_same_operator_twice() -> None:
    campaign = draft(make_institution())
    with pytest.raises(IntegrityError), transaction.atomic():
        UnifiedCampaign.objects.filter(pk=campaign.pk).update(published_by=campaign.made_by)


def test_publishing_twice_is_refused() -> None:
    campaign, checker = draft(make_institution()), operator("周大同")
    unified.publish_campaign(campaign=campaign.pk, by=checker)
    with pytest.raises(NotFound):
        unified.publish_campaign(campaign=campaign.pk, by=checker)
    assert Entitlement.objects.count() == 1


def test_unknown_codes_are_named() -> None:
    with pytest.raises(UnknownCodes) as refused:
        draft(listed=[Listed("0000000001")])
    assert refused.value.detail == {"codes": ["0000000001"]}


def test_inactive_institutions_are_left_out() -> None:
    place = make_institution(status=InstitutionStatus.SUSPENDED)
    campaign = draft(place, make_institution())
    assert unified.publish_campaign(campaign=campaign.pk, by=operator("周大同")) == 1


def test_withdrawing_ends_its_own_entitlements_and_leaves_others() -> None:
    clinic = Clinic()
    applied = grant(clinic.user, clinic.entitlement)
    campaign = draft(clinic.institution)
    unified.publish_campaign(campaign=campaign.pk, by=operator("周大同"))
    given = grant(clinic.manager, Entitlement.objects.get(campaign=campaign))
    assert unified.withdraw_campaign(campaign=campaign.pk, reason="期滿", by=operator()) == 1
    assert Grant.objects.filter(pk=applied.pk).exists()
    assert not Grant.objects.filter(pk=given.pk).exists()
    campaign.refresh_from_db()
    assert campaign.state == CampaignState.WITHDRAWN


def test_the_whole_way_through_the_pages(events) -> None:
    clinic = Clinic()
    maker, checker = operator_browser(), operator_browser("周大同")
    form = {
        "name": "藥師專案",
        "service": "VBK",
        "valid_from": "2026-01-01",
        "listed": f"{clinic.institution.code},{NUMBERS[2]},許美玲",
        "to_responsible": "on",
    }
    answer = maker.post("/backoffice/access/unifiedcampaign/draft/", form)
    assert answer.status_code == 302
    page = maker.get(answer["Location"]).content.decode()
    assert 'data-table="preview"' in page
    assert NUMBERS[2] not in page
    publish = answer["Location"].replace("change/", "publish-campaign/")
    maker.post(publish)
    assert "ACC-FOUR-EYES" in maker.get(answer["Location"]).content.decode()
    checker.post(publish)
    person = Person.objects.get(name="許美玲")
    assert Grant.objects.get(user=person).of_office
    refused = [event for event in events() if event["outcome"] == "refused"]
    assert [event["reason"] for event in refused] == ["maker_is_checker"]


@pytest.mark.parametrize(
    "listed", ["123", "5900000001,A223456780,x", "abc,def", ""], ids=["code", "id", "words", "none"]
)
def test_a_wrong_list_is_refused_with_its_line(listed) -> None:
    form = {"name": "x", "service": "VBK", "valid_from": "2026-01-01", "listed": listed}
    page = operator_browser().post("/backoffice/access/unifiedcampaign/draft/", form)
    assert page.status_code == 400
    assert not UnifiedCampaign.objects.exists()


# --- the responsible professional --------------------------------------------------------------------


@pytest.fixture
def office() -> tuple[Clinic, Person]:
    """A published campaign to the responsible pharmacist, who is known already."""
    clinic = Clinic()
    person = make_registered(NUMBERS[2], "許美玲")
    listed = [Listed(clinic.institution.code, person.identity_id, "許美玲")]
    campaign = draft(listed=listed, to_responsible=True)
    unified.publish_campaign(campaign=campaign.pk, by=operator("周大同"))
    return clinic, person


def test_the_responsible_professional_may_at_once(office) -> None:
    clinic, person = office
    session = clinic.browser(person).session_id
    assert decide(session=session, service="VBK").permit


def test_the_grant_dies_with_the_office_however_it_changed(office) -> None:
    """Also by an import, which knows nothing of grants."""
    clinic, person = office
    session = clinic.browser(person).session_id
    Institution.objects.filter(pk=clinic.institution.pk).update(responsible=clinic.user.identity)
    assert decide(session=session, service="VBK").reason == Reason.OFFICE_LEFT


def test_the_grant_follows_to_the_successor(office) -> None:
    clinic, person = office
    details = PersonDetails(
        national_id=NUMBERS[1], birth_date=date(1980, 1, 1), name=clinic.user.name
    )
    institutions.change_responsible(
        details=details, institution=clinic.institution.pk, by=operator()
    )
    assert not Grant.objects.filter(user=person).exists()
    session = clinic.browser(clinic.user).session_id
    assert decide(session=session, service="VBK").permit


def test_the_sweeper_follows_what_an_import_changed(office) -> None:
    clinic, _person = office
    Institution.objects.filter(pk=clinic.institution.pk).update(responsible=clinic.user.identity)
    assert sweeping.follow_offices(by=Actor.system("test")) == 1
    assert [each.user for each in Grant.objects.filter(of_office=True)] == [clinic.user]
    assert sweeping.follow_offices(by=Actor.system("test")) == 0


def test_where_the_register_names_somebody_else_nobody_is_given_anything() -> None:
    clinic = Clinic()
    Institution.objects.filter(pk=clinic.institution.pk).update(responsible=clinic.user.identity)
    listed = [Listed(clinic.institution.code, identity_of(NUMBERS[3]), "李淑芬")]
    campaign = draft(listed=listed, to_responsible=True)
    unified.publish_campaign(campaign=campaign.pk, by=operator("周大同"))
    assert not Person.objects.filter(identity=identity_of(NUMBERS[3])).exists()
    assert [each.user for each in Grant.objects.all()] == [clinic.user]


def test_whom_the_institution_dismissed_does_not_come_back_by_the_sweeper(office) -> None:
    clinic, person = office
    browser = clinic.browser(clinic.manager)
    browser.post(f"/access/users/{clinic.membership(person).pk}/end/")
    sweeping.follow_offices(by=Actor.system("test"))
    assert not Grant.objects.filter(user=person).exists()
    session = clinic.browser(person).session_id
    assert not decide(session=session, service="VBK").permit
