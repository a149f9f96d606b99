"""The operator: applications of institutions, and what becomes of them."""

import pytest

from apps.access.audiences import without_facility
from apps.access.models import (
    Entitlement,
    Grant,
    Membership,
    Service,
    ServiceApplication,
)
from apps.access.policies import decide
from apps.access.services import institutions
from apps.access.services.applications import AppliedAlready, apply_for_service
from apps.access.terms import (
    ApplicationState,
    EntitlementSource,
    MembershipRole,
    Reason,
)
from apps.accounts.models import Person, Session
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionKind, InstitutionStatus
from apps.workstations.models import Workstation
from apps.workstations.terms import WorkstationState
from tests.support.institution import NUMBERS, Clinic, operator, operator_browser
from tests.support.world import (
    grant,
    make_institution,
    make_workstation,
    open_session,
)

pytestmark = pytest.mark.django_db


# --- applications ------------------------------------------------------------------------------------


@pytest.fixture
def applied() -> tuple[Clinic, ServiceApplication]:
    clinic = Clinic()
    clinic.entitlement.delete()
    browser = clinic.browser(clinic.manager)
    browser.post("/access/services/", {"service": "VBK", "note": "新設藥局"})
    return clinic, ServiceApplication.objects.get()


def test_a_manager_applies_and_sees_the_state(applied) -> None:
    clinic, application = applied
    assert (application.institution, application.note) == (clinic.institution, "新設藥局")
    html = clinic.browser(clinic.manager).get("/access/services/").content.decode()
    assert "審核中" in html
    assert "申請公費疫苗接種預約" not in html


def test_applying_twice_is_refused(applied) -> None:
    clinic, _application = applied
    page = clinic.browser(clinic.manager).post("/access/services/", {"service": "VBK"})
    assert page.status_code == 409
    assert 'data-code="ACC-APPLIED"' in page.content.decode()
    assert ServiceApplication.objects.count() == 1


def test_what_is_entitled_cannot_be_applied_for() -> None:
    clinic = Clinic()
    with pytest.raises(AppliedAlready):
        apply_for_service(service="VBK", institution=clinic.institution.pk, by=clinic.actor())


def test_a_service_for_other_kinds_is_refused() -> None:
    clinic = Clinic()
    clinic.entitlement.delete()
    Service.objects.filter(pk="VBK").update(audience_kinds=[InstitutionKind.HOSPITAL])
    browser = clinic.browser(clinic.manager)
    assert browser.post("/access/services/", {"service": "VBK"}).status_code == 409
    assert 'data-service="VBK"' not in browser.get("/access/services/").content.decode()


FACILITIES = [
    ([], False, False, True),
    (["EMERGENCY"], True, False, True),
    (["EMERGENCY"], False, True, False),
    (["VIDEO"], False, True, True),
    (["EMERGENCY", "VIDEO"], False, True, True),
    (["EMERGENCY", "VIDEO"], False, False, False),
]


@pytest.mark.parametrize(("asked", "emergency", "video", "offered"), FACILITIES)
def test_a_service_that_asks_for_a_facility_is_offered_where_the_register_knows_one(
    asked, emergency, video, offered
) -> None:
    clinic = Clinic()
    clinic.entitlement.delete()
    Service.objects.filter(pk="VBK").update(facilities=asked)
    Institution.objects.filter(pk=clinic.institution.pk).update(
        has_emergency_department=emergency, offers_video_consultation=video
    )
    browser = clinic.browser(clinic.manager)
    offers = {each.service.pk: each for each in browser.get("/access/services/").context["offers"]}
    assert offers["VBK"].can_apply == offered
    answer = browser.post("/access/services/", {"service": "VBK"})
    assert answer.status_code == (302 if offered else 409)
    assert ("ACC-FACILITY" in answer.content.decode()) != offered
    lacking = without_facility(Service.objects.get(pk="VBK"), prefix="")
    found = Institution.objects.filter(lacking, pk=clinic.institution.pk) if lacking else ()
    assert bool(found) != offered


def test_an_unknown_service_is_not_found() -> None:
    clinic = Clinic()
    answer = clinic.browser(clinic.manager).post("/access/services/", {"service": "XXX"})
    assert answer.status_code == 404


def test_approval_entitles_and_a_grant_is_still_needed(applied, events) -> None:
    clinic, application = applied
    path = f"/backoffice/access/serviceapplication/{application.pk}/approve-application/"
    operator_browser().post(path)
    session = clinic.browser(clinic.user).session_id
    assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED
    assert Entitlement.objects.get().source == EntitlementSource.APPLICATION
    changes = [event["action"] for event in events() if event["action"] != "use_backoffice"]
    assert changes[-2:] == ["decide_application", "open_entitlement"]


def test_a_rejection_needs_a_reason_which_the_manager_reads(applied) -> None:
    clinic, application = applied
    path = f"/backoffice/access/serviceapplication/{application.pk}/reject-application/"
    browser = operator_browser()
    browser.post(path)
    application.refresh_from_db()
    assert application.state == ApplicationState.REQUESTED
    browser.post(path, {"reject_application-reason": "資料不全"})
    application.refresh_from_db()
    assert application.state == ApplicationState.REJECTED
    html = clinic.browser(clinic.manager).get("/access/services/").content.decode()
    assert "資料不全" in html
    assert "申請公費疫苗接種預約" in html


def test_an_application_is_decided_once(applied) -> None:
    _clinic, application = applied
    base = f"/backoffice/access/serviceapplication/{application.pk}"
    first, second = operator_browser(), operator_browser("周大同")
    first.post(f"{base}/reject-application/", {"reject_application-reason": "資料不全"})
    second.post(f"{base}/approve-application/")
    assert not Entitlement.objects.exists()
    assert "ACC-DECIDED" in second.get(f"{base}/change/").content.decode()


def test_the_pages_of_the_back_office_show_their_forms(applied) -> None:
    clinic, application = applied
    browser = operator_browser()
    html = browser.get(f"/backoffice/access/serviceapplication/{application.pk}/change/")
    assert 'data-action="approve_application"' in html.content.decode()
    html = browser.get(f"/backoffice/institutions/institution/{clinic.institution.pk}/change/")
    assert 'data-action="suspend_institution"' in html.content.decode()
    assert 'data-action="appoint_responsible"' not in html.content.decode()
    assert browser.get("/backoffice/access/unifiedcampaign/").status_code == 200
    assert browser.get("/backoffice/access/unifiedcampaign/draft/").status_code == 200


# --- institutions ------------------------------------------------------------------------------------

CHEN = {"national_id": NUMBERS[2], "name": "許美玲", "birth_date": "075/01/31"}


def _prefixed(name: str) -> dict[str, str]:
    return {f"{name}-{key}": value for key, value in CHEN.items()}


def test_the_responsible_person_of_a_non_contracted_institution_is_manager_and_user_in_one_step(
    events,
) -> None:
    place = make_institution(contracted=False)
    path = f"/backoffice/institutions/institution/{place.pk}/appoint-responsible/"
    operator_browser().post(path, _prefixed("appoint_responsible"))
    person = Person.objects.get(name="許美玲")
    roles = set(Membership.objects.filter(person=person).values_list("role", flat=True))
    assert roles == {MembershipRole.MANAGER, MembershipRole.USER}
    place.refresh_from_db()
    assert place.responsible_id == person.identity_id
    actions = {event["action"] for event in events()}
    assert {"appoint_manager", "add_user", "change_responsible"} <= actions


def test_a_contracted_institution_appoints_by_itself() -> None:
    place = make_institution()
    browser = operator_browser()
    base = f"/backoffice/institutions/institution/{place.pk}"
    browser.post(f"{base}/appoint-responsible/", _prefixed("appoint_responsible"))
    assert not Membership.objects.exists()
    assert "ACC-CONTRACTED" in browser.get(f"{base}/change/").content.decode()


def test_closing_ends_entitlements_grants_modules_and_sessions(events) -> None:
    clinic = Clinic()
    grant(clinic.user, clinic.entitlement)
    session = open_session(clinic.user, clinic.institution)
    elsewhere = make_workstation(make_institution())
    institutions.close_institution(institution=clinic.institution.pk, reason="歇業", by=operator())
    assert not Session.objects.filter(id=session.id).exists()
    assert not Grant.objects.exists()
    assert Entitlement.objects.get().state == "ENDED"
    clinic.workstation.refresh_from_db()
    assert clinic.workstation.state == WorkstationState.REVOKED
    assert Workstation.objects.get(pk=elsewhere.pk).state == WorkstationState.ACTIVE
    actions = {event["action"] for event in events()}
    assert {"change_institution", "close_grant", "revoke_workstation"} <= actions


def test_a_suspension_ends_sessions_and_is_taken_back_whole() -> None:
    clinic, by = Clinic(), operator()
    grant(clinic.user, clinic.entitlement)
    session = open_session(clinic.user, clinic.institution)
    institutions.suspend_institution(institution=clinic.institution.pk, reason="停約", by=by)
    assert not Session.objects.filter(id=session.id).exists()
    assert Entitlement.objects.get().state == "SUSPENDED"
    institutions.resume_institution(institution=clinic.institution.pk, reason="復約", by=by)
    again = clinic.browser(clinic.user).session_id
    assert decide(session=again, service="VBK").permit


@pytest.mark.parametrize("deed", ["suspend_institution", "resume_institution", "close_institution"])
def test_what_is_closed_stays_closed(deed) -> None:
    clinic, by = Clinic(), operator()
    institutions.close_institution(institution=clinic.institution.pk, reason="歇業", by=by)
    with pytest.raises(institutions.AlreadyThere):
        getattr(institutions, deed)(institution=clinic.institution.pk, reason="again", by=by)
    assert Institution.objects.get(pk=clinic.institution.pk).status == InstitutionStatus.CLOSED
