"""Ways around the rules that delegated administration elsewhere left open (security reference b.5).

| no. | class | there | here |
|---|---|---|---|
| K1 | an indirect way gives more than the direct one | CVE-2026-94000 | `TestIndirectWays` |
| K2 | moving something under another parent | CVE-2026-9099 | `TestMoving` |
| K3 | a second list, a count or an error text tells of elsewhere | CVE-2026-14613 | `TestLists` |
| K4 | attaching by id what one cannot see | CVE-2026-14614, CVE-2026-9795 | `TestAttaching` |
| K5 | removing is checked less than giving | CVE-2026-16106 | `TestRemoving` |
| K6 | a switch makes old rows count | CVE-2026-3121 | `TestSwitches` |
| K7 | 403, 404 and an empty list mixed up | fine-grained permissions v2 | `TestForeignIsUnknown` |
"""

import uuid
from datetime import timedelta
from typing import Any

import pytest
from django.core.files.uploadedfile import SimpleUploadedFile
from django.test import Client

from apps.access.models import (
    Entitlement,
    Grant,
    GrantHistory,
    Membership,
    Service,
    ServiceApplication,
)
from apps.access.policies import decide
from apps.access.services import close_grant, unified
from apps.access.services.applications import end_entitlement
from apps.access.services.members import end_user
from apps.access.services.unified import Listed
from apps.access.terms import EntitlementState, MembershipRole, Reason
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.core import clock
from apps.imports.services import process_import, start_import
from apps.institutions.models import Institution
from tests.support.institution import NUMBERS, Clinic, operator_browser, save, tick
from tests.support.world import BY, entitle, grant, make_institution, make_member, make_operator

pytestmark = pytest.mark.django_db

AUTHORIZE = "/access/authorization/"
OTHERS = ("F226789013", "E221112226")
NEW = {"national_id": "D120203047", "name": "許美玲", "birth_date": "1986-01-31"}


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
def other() -> Clinic:
    return Clinic(numbers=OTHERS)


@pytest.fixture
def browser(clinic: Clinic) -> Client:
    return clinic.browser(clinic.manager)


def draft_for(browser: Client) -> str:
    sealed: str = browser.get(AUTHORIZE).context["sealed"]
    return sealed


def managers() -> set[Person]:
    found = Membership.objects.filter(role=MembershipRole.MANAGER).select_related("person")
    return {each.person for each in found}


class TestIndirectWays:
    """K1: a manager makes nobody a manager, by no route; and nobody gives rights to themselves."""

    @pytest.mark.parametrize("path", ["/access/managers/appoint/", "/access/managers/"])
    def test_the_representatives_pages(self, clinic, browser, path) -> None:
        assert browser.post(path, NEW).status_code == 403
        assert managers() == {clinic.manager}

    def test_a_column_of_the_file(self, clinic, browser) -> None:
        heading = "national_id,name,birth_date,role,institution"
        text = f"{heading}\n{NEW['national_id']},許美玲,0750131,MANAGER,x\n"
        file = SimpleUploadedFile("u.csv", text.encode())
        assert browser.post("/access/users/file/", {"people-file": file}).status_code == 302
        assert managers() == {clinic.manager}

    def test_hidden_fields_of_every_form(self, clinic, browser) -> None:
        extra = {"role": "MANAGER", "state": "ACTIVE", "appointed_by": str(clinic.card.pk)}
        browser.post("/access/users/add/", NEW | extra)
        browser.post(AUTHORIZE, {"draft": draft_for(browser), "go": "save"} | extra)
        assert managers() == {clinic.manager}

    @pytest.mark.parametrize("model", ["membership", "entitlement", "grant"])
    @pytest.mark.parametrize("page", ["add/", "{pk}/change/", "{pk}/delete/"])
    def test_the_back_office_edits_no_rights_not_even_for_operators(
        self, clinic, browser, model, page
    ) -> None:
        rows: dict[str, Any] = {
            "membership": clinic.membership(clinic.user),
            "entitlement": clinic.entitlement,
            "grant": grant(clinic.user, clinic.entitlement),
        }
        before = Membership.objects.values(), Entitlement.objects.values(), Grant.objects.values()
        stored = [list(each) for each in before]
        data = {"role": "MANAGER", "state": "ACTIVE", "institution": "x", "post": "yes"}
        path = f"/backoffice/access/{model}/{page.format(pk=rows[model].pk)}"
        for somebody in (browser, operator_browser()):
            assert somebody.post(path, data).status_code == 403
        assert [list(each.all()) for each in before] == stored

    def test_bulk_actions_of_the_back_office(self, clinic) -> None:
        ids = [str(clinic.membership(clinic.user).pk)]
        data = {"action": "delete_selected", "_selected_action": ids, "post": "yes"}
        operator_browser().post("/backoffice/access/membership/", data)
        assert Membership.objects.filter(pk__in=ids).exists()

    @pytest.mark.parametrize("kind", ["practices", "institutions", "unified-list"])
    def test_files_of_the_agencies_name_people_and_authorize_nobody(
        self, clinic, settings, tmp_path, kind
    ) -> None:
        settings.VAR_DIR = tmp_path
        code, number = clinic.institution.code, NUMBERS[1]
        texts = {
            "practices": f"institution_code,national_id,profession\n{code},{number},D\n",
            "institutions": f"code,name,responsible\n{code},健全藥局,{number}\n",
            "unified-list": f"list,service,institution_code,national_id\nA,IMQ,{code},{number}\n",
        }
        run = start_import(
            kind=kind, file_name="x.csv", pieces=[texts[kind].encode()], publish_at_once=True, by=BY
        )
        process_import(run.pk)
        run.refresh_from_db()
        assert run.state == "PUBLISHED"
        assert (managers(), Grant.objects.count()) == ({clinic.manager}, 0)
        assert set(Entitlement.objects.all()) == {clinic.entitlement}

    def test_a_manager_gets_near_no_import(self, browser) -> None:
        for path in ("", "upload/"):
            assert browser.get(f"/backoffice/imports/importrun/{path}").status_code == 403

    def test_a_user_uses_no_page_of_managers(self, clinic) -> None:
        plain = clinic.browser(clinic.user)
        data = {"draft": draft_for(clinic.browser(clinic.manager)), "go": "save"}
        assert plain.post(AUTHORIZE, data).status_code == 403
        assert plain.post("/access/users/add/", NEW).status_code == 403
        assert plain.post("/access/services/", {"service": "TCH"}).status_code == 403

    def test_a_representative_is_given_no_grant_and_uses_no_service(self, clinic) -> None:
        make_member(clinic.institution, clinic.card)
        grant(clinic.card, clinic.entitlement)
        session = clinic.representative.session_id
        assert decide(session=session, service="VBK").reason == Reason.NOT_STAFF


class TestMoving:
    """K2: what belongs to an institution stays there."""

    def test_a_hidden_institution_moves_nobody(self, clinic, other, browser) -> None:
        aim = {"institution": str(other.institution.pk), "institution_id": other.institution.code}
        browser.post("/access/users/add/", NEW | aim)
        made = Membership.objects.get(person__name="許美玲")
        assert made.institution == clinic.institution
        browser.post("/access/services/", {"service": "TCH"} | aim)
        assert ServiceApplication.objects.get().institution == clinic.institution

    def test_an_entitlement_in_the_form_moves_no_ticks(self, clinic, other, browser) -> None:
        summary = tick(browser, browser.get(AUTHORIZE), ticked=[clinic.user])
        aim = {
            "entitlement": str(other.entitlement.pk),
            "content_object": str(other.entitlement.pk),
        }
        save(browser, summary, **aim)
        assert {each.content_object for each in Grant.objects.all()} == {clinic.entitlement}

    def test_another_managers_draft_moves_nothing(self, clinic, other, browser) -> None:
        theirs = draft_for(other.browser(other.manager))
        page = browser.post(AUTHORIZE, {"draft": theirs, "go": "save"})
        assert (page.status_code, b"ACC-DRAFT" in page.content) == (400, True)

    def test_a_prolonged_grant_stays_under_its_entitlement(self, clinic, other, browser) -> None:
        made = grant(clinic.user, clinic.entitlement)
        data = {
            "list": "expiring",
            "go": "prolong_grants",
            "grants": [str(made.pk)],
            "valid_until": "2099-12-31",
            "entitlement": str(other.entitlement.pk),
        }
        browser.post(f"{AUTHORIZE}review/", data)
        assert {each.content_object for each in Grant.objects.all()} == {clinic.entitlement}

    def test_the_same_person_elsewhere_keeps_two_sets_of_rights(self, clinic, other) -> None:
        make_member(other.institution, clinic.user)
        grant(clinic.user, clinic.entitlement)
        session = other.browser(clinic.user).session_id
        assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED


class TestLists:
    """K3: no list, count, search or error text tells of another institution."""

    def test_searches_by_a_number_of_elsewhere_find_nobody(self, other, browser) -> None:
        Person.objects.filter(pk=other.user.pk).update(name="歐陽不凡")
        page = browser.post("/access/users/", {"search": OTHERS[1]})
        assert page.context["lines"] == []
        page = browser.post(AUTHORIZE, {"draft": draft_for(browser), "search": OTHERS[1]})
        assert page.context["rows"] == []
        assert "歐陽不凡" not in page.content.decode()

    def test_the_tables_count_and_show_own_people_only(self, clinic, other, browser) -> None:
        grant(other.user, other.entitlement)
        page = browser.get(AUTHORIZE)
        shown = {row.member.membership.person for row in page.context["rows"]}
        assert (shown, page.context["ticked"]) == ({clinic.manager, clinic.user}, 0)

    def test_reviews_list_own_grants_only(self, other, browser) -> None:
        soon = clock.now() + timedelta(days=9)
        grant(other.user, other.entitlement, valid_until=soon)
        page = browser.get(f"{AUTHORIZE}review/")
        assert [each.grants for each in page.context["reviews"]] == [[], []]

    def test_a_known_number_with_wrong_details_tells_nothing(self, other, browser) -> None:
        """A manager cannot find out whose number it is, nor whether the platform knows it as whom."""
        Person.objects.filter(pk=other.user.pk).update(name="歐陽不凡")
        guess = {"national_id": OTHERS[1], "name": "猜測", "birth_date": "1986-01-31"}
        page = browser.post("/access/users/add/", guess)
        assert page.status_code == 400
        assert "歐陽不凡" not in page.content.decode()


class TestAttaching:
    """K4: what one cannot see cannot be given by its id."""

    def test_somebody_of_elsewhere(self, clinic, other, browser) -> None:
        Person.objects.filter(pk=other.user.pk).update(name="歐陽不凡")
        stranger = str(other.user.pk)
        data = {"draft": draft_for(browser), "shown": stranger, "ticked": stranger}
        summary = browser.post(AUTHORIZE, data | {"go": "review"})
        assert "歐陽不凡" not in summary.content.decode()
        refused = save(browser, summary)
        assert refused.status_code == 404
        assert "歐陽不凡" not in refused.content.decode()
        assert not Grant.objects.exists()

    def test_somebody_of_elsewhere_among_many_saves_none(self, clinic, other, browser) -> None:
        people = [str(other.user.pk), str(clinic.user.pk)]
        data = {"draft": draft_for(browser), "shown": people, "ticked": people, "go": "review"}
        assert save(browser, browser.post(AUTHORIZE, data)).status_code == 404
        assert not Grant.objects.exists()

    def test_an_ended_campaigns_entitlement(self, clinic, browser) -> None:
        maker, checker = (Actor(person=make_operator(name=name).pk) for name in "甲乙")
        campaign = unified.draft_campaign(
            name="專案",
            service=Service.objects.get(pk="TCH"),
            listed=[Listed(clinic.institution.code)],
            by=maker,
        )
        unified.publish_campaign(campaign=campaign.pk, by=checker)
        entitlement = Entitlement.objects.get(campaign=campaign)
        page = browser.get(AUTHORIZE, {"entitlement": str(entitlement.pk)})
        summary = tick(browser, page, ticked=[clinic.user])
        unified.withdraw_campaign(campaign=campaign.pk, reason="期滿", by=maker)
        assert save(browser, summary).status_code == 404
        page = browser.get(AUTHORIZE, {"entitlement": str(entitlement.pk)})
        assert page.context["entitlement"] == clinic.entitlement
        assert not Grant.objects.exists()

    def test_a_service_for_other_kinds_of_institutions(self, clinic, browser) -> None:
        Service.objects.filter(pk="TCH").update(audience_kinds=["HOSPITAL"])
        assert browser.post("/access/services/", {"service": "TCH"}).status_code != 302
        assert not ServiceApplication.objects.exists()


class TestRemoving:
    """K5: taking away is checked as giving is."""

    def test_another_institutions_members(self, clinic, other, browser) -> None:
        theirs = other.membership(other.user)
        assert browser.post(f"/access/users/{theirs.pk}/end/").status_code == 404
        managing = other.membership(other.manager, MembershipRole.MANAGER)
        path = f"/access/managers/{managing.pk}/end/"
        assert clinic.representative.post(path).status_code == 404
        assert Membership.objects.filter(state="ACTIVE").count() == 6

    def test_a_manager_ends_no_manager(self, clinic, browser) -> None:
        mine = clinic.membership(clinic.manager, MembershipRole.MANAGER)
        assert browser.post(f"/access/managers/{mine.pk}/end/").status_code == 403
        assert browser.post(f"/access/users/{mine.pk}/end/").status_code == 404
        assert managers() == {clinic.manager}

    @pytest.mark.parametrize("go", ["close_grants", "prolong_grants"])
    def test_another_institutions_grants(self, other, browser, go) -> None:
        theirs = grant(other.user, other.entitlement)
        data = {"list": "unused", "go": go, "reason": "x", "valid_until": "2099-01-01"}
        page = browser.post(f"{AUTHORIZE}review/", data | {"grants": [str(theirs.pk)]})
        assert page.status_code == 400
        assert Grant.objects.get() == theirs

    def test_unticking_somebody_of_elsewhere(self, other, browser) -> None:
        Person.objects.filter(pk=other.user.pk).update(name="歐陽不凡")
        theirs = grant(other.user, other.entitlement)
        person = str(other.user.pk)
        data = {"draft": draft_for(browser), "shown": person, "held": person, "go": "review"}
        summary = browser.post(AUTHORIZE, data)
        assert "歐陽不凡" not in summary.content.decode()
        save(browser, summary)
        assert Grant.objects.get() == theirs

    def test_a_manager_closes_no_grant_through_the_back_office(self, clinic, browser) -> None:
        made = grant(clinic.user, clinic.entitlement)
        path = f"/backoffice/access/grant/{made.pk}/close/"
        assert browser.post(path, {"reason": "x"}).status_code == 403
        assert Grant.objects.exists()


class TestSwitches:
    """K6: what had ended stays ended, whatever is switched on, extended or filed again."""

    def close(self, clinic: Clinic) -> Any:
        made = grant(clinic.user, clinic.entitlement)
        close_grant(grant=made.pk, reason="離職", by=BY)
        return clinic.browser(clinic.user).session_id

    def test_a_service_that_is_switched_on_again(self, clinic) -> None:
        session = self.close(clinic)
        for enabled in (False, True):
            Service.objects.filter(pk="VBK").update(enabled=enabled)
        assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED

    def test_an_entitlement_that_is_given_again(self, clinic) -> None:
        grant(clinic.user, clinic.entitlement)
        session = clinic.browser(clinic.user).session_id
        end_entitlement(entitlement=clinic.entitlement.pk, reason="期滿", by=BY)
        entitle(clinic.institution)
        assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED

    def test_a_user_who_comes_back(self, clinic, browser) -> None:
        grant(clinic.user, clinic.entitlement)
        session = clinic.browser(clinic.user).session_id
        end_user(membership=clinic.membership(clinic.user).pk, by=clinic.actor())
        make_member(clinic.institution, clinic.user)
        assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED

    def test_the_history_is_no_grant(self, clinic) -> None:
        session = self.close(clinic)
        assert GrantHistory.objects.exists()
        assert not decide(session=session, service="VBK").permit

    def test_an_institution_that_a_file_calls_open(self, clinic, settings, tmp_path) -> None:
        settings.VAR_DIR = tmp_path
        Institution.objects.filter(pk=clinic.institution.pk).update(status="CLOSED")
        text = f"code,name,status\n{clinic.institution.code},健全藥局,開業\n"
        run = start_import(
            kind="institutions",
            file_name="x.csv",
            pieces=[text.encode()],
            publish_at_once=True,
            by=BY,
        )
        process_import(run.pk)
        assert Institution.objects.get(pk=clinic.institution.pk).status == "CLOSED"


class TestForeignIsUnknown:
    """K7: what is elsewhere answers as what does not exist: same status, same body."""

    @pytest.mark.parametrize("method", ["get", "post"])
    def test_the_same_page_for_both(self, clinic, other, browser, method) -> None:
        foreign = other.membership(other.user).pk
        answers = [
            getattr(browser, method)(f"/access/users/{each}/end/")
            for each in (foreign, uuid.uuid4())
        ]
        assert [each.status_code for each in answers] == [404, 404]
        bodies = [_without_what_differs(each, foreign) for each in answers]
        assert bodies[0] == bodies[1]

    def test_an_empty_institution_has_empty_lists_and_no_refusal(self) -> None:
        place = make_institution()
        lonely = make_member(place, role=MembershipRole.MANAGER)
        clinic = Clinic(numbers=OTHERS)
        clinic.institution = place
        page = clinic.browser(lonely).get(AUTHORIZE)
        assert (page.status_code, page.context["entitlements"]) == (200, [])

    @pytest.mark.parametrize("state", [EntitlementState.SUSPENDED, EntitlementState.ENDED])
    def test_what_is_out_of_force_is_not_offered(self, clinic, browser, state) -> None:
        Entitlement.objects.update(state=state)
        page = browser.get(AUTHORIZE, {"entitlement": str(clinic.entitlement.pk)})
        assert page.context["entitlements"] == []


def _without_what_differs(answer: Any, foreign: Any) -> str:
    """Without the request's own id, the form token and its own address."""
    text: str = answer.content.decode()
    address = answer.wsgi_request.path
    for each in (answer["X-Request-Id"], answer["X-Request-Id"][:8], address, str(foreign)):
        text = text.replace(each, "")
    return "\n".join(
        line for line in text.splitlines() if "csrf" not in line and "nonce" not in line
    )
