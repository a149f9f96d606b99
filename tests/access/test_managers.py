"""機構管理者維護作業: the representative appoints, lists and ends managers."""

from datetime import date

import pytest

from apps.access.models import Grant, Membership
from apps.access.services.members import RolesExclude, appoint_manager, give_platform_role
from apps.access.services.people import PersonDetails
from apps.access.terms import MembershipRole, MembershipState
from apps.accounts.models import Person
from apps.accounts.terms import SessionRole
from apps.identities.services import find
from apps.identities.terms import IdentifierKind
from apps.institutions.terms import InstitutionStatus
from tests.support.institution import NUMBERS, Clinic, make_registered
from tests.support.world import BY, grant, make_institution, make_member

pytestmark = pytest.mark.django_db

NEW = {"national_id": NUMBERS[2], "name": "許美玲", "birth_date": "075/01/31"}


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def test_a_stranger_to_the_platform_is_appointed_by_number_name_and_birth_date(
    clinic, events
) -> None:
    answer = clinic.representative.post("/access/managers/appoint/", NEW)
    assert (answer.status_code, answer["Location"]) == (302, "/access/managers/")
    person = Person.objects.get(name="許美玲")
    assert person.identity_id == find(kind=IdentifierKind.NATIONAL_ID, value=NUMBERS[2])
    assert person.birth_date == date(1986, 1, 31)
    made = clinic.membership(person, MembershipRole.MANAGER)
    assert made.appointed_by == clinic.card
    (event,) = events()
    assert (event["action"], event["actor"]) == ("appoint_manager", clinic.card.pk)
    assert event["detail"]["person"] == str(person.pk)


def test_the_list_shows_managers_with_masked_numbers_only(clinic) -> None:
    html = clinic.representative.get("/access/managers/").content.decode()
    assert "陳怡君" in html
    assert "A223****81" in html
    assert NUMBERS[0] not in html
    assert "張志豪" not in html


WRONG = [
    ("a wrong check digit", {"national_id": "A223456780"}, "檢查碼"),
    ("full-width digits", {"national_id": "Ａ２２３４５６７８１"}, "半形"),
    ("no number", {"national_id": ""}, "請輸入身分證號"),
    ("a day that is none", {"birth_date": "075/02/30"}, "出生日期"),
    ("a birth date to come", {"birth_date": "2090-01-01"}, "出生"),
    ("no name", {"name": " "}, "請輸入姓名"),
]


@pytest.mark.parametrize(
    ("change", "says"), [pytest.param(change, says, id=name) for name, change, says in WRONG]
)
def test_what_is_wrong_is_said_and_nobody_is_appointed(clinic, change, says) -> None:
    page = clinic.representative.post("/access/managers/appoint/", NEW | change)
    assert page.status_code == 400
    assert says in page.content.decode()
    assert Membership.objects.filter(role=MembershipRole.MANAGER).count() == 1


@pytest.mark.parametrize("change", [{"name": "許大同"}, {"birth_date": "075/01/30"}])
def test_details_of_somebody_else_are_refused_in_one_sentence(clinic, change, events) -> None:
    make_registered(NUMBERS[2], "許美玲", birth_date=date(1986, 1, 31))
    page = clinic.representative.post("/access/managers/appoint/", NEW | change)
    assert "ACC-PERSON" in page.content.decode()
    assert Person.objects.get(name="許美玲").birth_date == date(1986, 1, 31)
    (event,) = events()
    assert (event["outcome"], event["detail"]["code"]) == ("refused", "ACC-PERSON")


def test_twice_the_same_manager_is_refused(clinic) -> None:
    clinic.representative.post("/access/managers/appoint/", NEW)
    page = clinic.representative.post("/access/managers/appoint/", NEW)
    assert "ACC-MEMBER" in page.content.decode()


def test_the_last_manager_may_end_after_a_warning(clinic, events) -> None:
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    path = f"/access/managers/{membership.pk}/end/"
    assert 'data-code="ACC-LAST"' in clinic.representative.get(path).content.decode()
    browser = clinic.representative
    browser.post(path)
    assert "尚無機構管理者" in browser.get("/access/managers/").content.decode()
    assert Membership.objects.get(pk=membership.pk).state == MembershipState.ENDED
    assert [event["action"] for event in events()] == ["end_manager"]


def test_with_two_managers_nothing_warns(clinic) -> None:
    clinic.representative.post("/access/managers/appoint/", NEW)
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    page = clinic.representative.get(f"/access/managers/{membership.pk}/end/")
    assert "ACC-LAST" not in page.content.decode()


def test_ended_twice_is_not_found_and_leaves_one_change(clinic, events) -> None:
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    first = clinic.representative.post(f"/access/managers/{membership.pk}/end/")
    second = clinic.representative.post(f"/access/managers/{membership.pk}/end/")
    assert (first.status_code, second.status_code) == (302, 404)
    outcomes = [(event["action"], event["outcome"]) for event in events()]
    assert outcomes == [("end_manager", "permitted"), ("end_manager", "refused")]


def test_a_manager_who_remains_a_user_keeps_the_grants(clinic) -> None:
    grant(clinic.manager, clinic.entitlement)
    membership = clinic.membership(clinic.manager, MembershipRole.MANAGER)
    clinic.representative.post(f"/access/managers/{membership.pk}/end/")
    assert Grant.objects.filter(user=clinic.manager).exists()


def test_another_institutions_manager_is_not_found(clinic, events) -> None:
    other = manager_elsewhere()
    path = f"/access/managers/{other.pk}/end/"
    assert clinic.representative.get(path).status_code == 404
    assert clinic.representative.post(path).status_code == 404
    assert Membership.objects.get(pk=other.pk).state == MembershipState.ACTIVE


def manager_elsewhere() -> Membership:
    place = make_institution()
    person = make_member(place, role=MembershipRole.MANAGER)
    return Membership.objects.get(person=person, institution=place)


def test_a_users_membership_cannot_be_ended_as_a_managers(clinic) -> None:
    membership = clinic.membership(clinic.user)
    answer = clinic.representative.post(f"/access/managers/{membership.pk}/end/")
    assert answer.status_code == 404
    assert Membership.objects.get(pk=membership.pk).state == MembershipState.ACTIVE


def test_a_representative_of_a_suspended_institution_is_refused(clinic, events) -> None:
    browser = clinic.representative
    clinic.institution.status = InstitutionStatus.SUSPENDED
    clinic.institution.save()
    assert browser.get("/access/managers/").status_code == 403
    assert events()[-1]["reason"] == "institution_inactive"


def test_an_auditor_cannot_be_appointed(clinic) -> None:
    auditor = make_registered(NUMBERS[2], "許美玲")
    give_platform_role(person=auditor, role=SessionRole.AUDITOR, by=BY)
    page = clinic.representative.post("/access/managers/appoint/", NEW)
    assert "ACC-EXCLUDED" in page.content.decode()
    assert not Membership.objects.filter(person=auditor).exists()


def test_somebody_of_an_institution_cannot_become_an_auditor(clinic) -> None:
    with pytest.raises(RolesExclude):
        give_platform_role(person=clinic.user, role=SessionRole.AUDITOR, by=BY)


def test_a_person_of_before_gets_the_missing_birth_date(clinic) -> None:
    known = make_registered(NUMBERS[2], "許　美玲")
    details = PersonDetails(national_id=NUMBERS[2], birth_date=date(1986, 1, 31), name="許美玲")
    appoint_manager(details=details, institution=clinic.institution.pk, by=BY)
    known.refresh_from_db()
    assert (known.name, known.birth_date) == ("許　美玲", date(1986, 1, 31))


def test_the_number_is_in_no_representation_of_the_details() -> None:
    details = PersonDetails(national_id=NUMBERS[2], birth_date=date(1986, 1, 31), name="許美玲")
    assert NUMBERS[2] not in repr(details)
