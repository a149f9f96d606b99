"""使用者授權管理: ticks, pages, summary, saving, and two managers at once."""

from datetime import timedelta

import pytest
from django.test import Client

from apps.access.models import Entitlement, Grant, GrantHistory, Membership
from apps.access.policies import decide
from apps.access.services import open_grant
from apps.access.terms import EntitlementState, GrantSource, MembershipRole, Reason
from apps.accounts.models import Person
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.identities.models import Identity
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from tests.support.counting import RoundTrips
from tests.support.institution import NUMBERS, Clinic, make_number, make_registered, save, tick
from tests.support.world import BY, entitle, grant, in_days, make_institution, make_member

pytestmark = pytest.mark.django_db

PATH = "/access/authorization/"


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
def browser(clinic) -> Client:
    return clinic.browser(clinic.manager)


def granted(clinic: Clinic) -> set[Person]:
    return {each.user for each in Grant.objects.filter(content_object=clinic.entitlement)}


def test_the_table_has_the_manuals_columns_and_masked_numbers(clinic, browser) -> None:
    html = browser.get(PATH).content.decode()
    for column in ("授權", "業務代號", "業務別", "機構使用者", "身分證號"):
        assert f">{column}</th>" in html
    assert "B121****62" in html
    assert NUMBERS[1] not in html
    assert "勾選者可讀取民眾健保卡" in html


def test_ticking_and_saving_authorizes_at_once(clinic, browser, events) -> None:
    session = clinic.browser(clinic.user).session_id
    summary = tick(browser, browser.get(PATH), ticked=[clinic.user])
    assert "新增授權：1 人" in summary.content.decode()
    assert not Grant.objects.exists()
    answer = save(browser, summary)
    assert answer.status_code == 302
    assert decide(session=session, service="VBK").permit
    (event,) = events()
    assert (event["action"], event["detail"]["person"]) == ("open_grant", str(clinic.user.pk))
    assert event["detail"]["note"] == "到職"
    assert "self_granted" not in event["detail"]


def test_unticking_ends_the_grant_at_the_next_click(clinic, browser, events) -> None:
    grant(clinic.user, clinic.entitlement)
    session = clinic.browser(clinic.user).session_id
    summary = tick(browser, browser.get(PATH), ticked=[])
    assert "取消授權：1 人" in summary.content.decode()
    save(browser, summary, reason="離職")
    assert decide(session=session, service="VBK").reason == Reason.NOT_GRANTED
    assert GrantHistory.objects.get().closed_reason == "離職"
    assert [event["action"] for event in events()] == ["open_grant", "close_grant"]


def test_a_last_day_ends_the_grant_by_itself(clinic, browser) -> None:
    summary = tick(browser, browser.get(PATH), ticked=[clinic.user])
    save(browser, summary, valid_until=in_days(1).isoformat())
    session = clinic.browser(clinic.user).session_id
    assert decide(session=session, service="VBK").permit
    later = decide(session=session, service="VBK", at=clock.now() + timedelta(days=2))
    assert later.reason == Reason.GRANT_EXPIRED


def test_a_last_day_in_the_past_is_refused_and_nothing_is_saved(clinic, browser) -> None:
    summary = tick(browser, browser.get(PATH), ticked=[clinic.user])
    page = save(browser, summary, valid_until=in_days(-1).isoformat())
    assert page.status_code == 400
    assert "最後一日已過" in page.content.decode()
    assert not Grant.objects.exists()


def test_a_self_grant_is_allowed_said_and_flagged(clinic, browser, events) -> None:
    summary = tick(browser, browser.get(PATH), ticked=[clinic.manager])
    assert 'data-code="ACC-SELF"' in summary.content.decode()
    save(browser, summary)
    assert events()[0]["detail"]["self_granted"] is True


def many(clinic: Clinic, count: int) -> list[Person]:
    """Users with real numbers, in the order of the table."""
    letters = "ABCDEFGHJKLMNPQRSTUVXYWZIO"
    people = []
    for index in range(count):
        number = make_number(letters[index % 26], 1000000 + index)
        identity = identify(kind=IdentifierKind.NATIONAL_ID, value=number)
        people.append(Person(identity_id=identity, name=f"使用者{index:05d}"))
    Person.objects.bulk_create(people)
    Membership.objects.bulk_create(
        Membership(person=person, institution=clinic.institution, role=MembershipRole.USER)
        for person in people
    )
    return people


def test_ticks_survive_paging_and_searching(clinic, browser) -> None:
    people = many(clinic, 120)
    first = browser.get(PATH)
    shown = [row.member.membership.person for row in first.context["rows"]]
    second = tick(browser, first, ticked=[shown[0]], page="2", go="")
    others = [row.member.membership.person for row in second.context["rows"]]
    assert not set(shown) & set(others)
    searched = tick(browser, second, ticked=[others[0]], search=people[110].name, page="1", go="")
    assert [row.member.membership.person for row in searched.context["rows"]] == [people[110]]
    summary = tick(browser, searched, ticked=[people[110]], search=people[110].name)
    save(browser, summary)
    assert granted(clinic) == {shown[0], others[0], people[110]}


def test_ticks_of_a_page_come_back_when_it_is_shown_again(clinic, browser) -> None:
    many(clinic, 60)
    first = browser.get(PATH)
    chosen = first.context["rows"][3].member.membership.person
    second = tick(browser, first, ticked=[chosen], page="2", go="")
    again = tick(browser, second, ticked=[], page="typed", typed_page="1", go="")
    assert [row.member.membership.person for row in again.context["rows"] if row.ticked] == [chosen]


def test_bulk_ticks_take_all_pages_of_the_search(clinic, browser) -> None:
    many(clinic, 70)
    page = tick(browser, browser.get(PATH), ticked=[], search="使用者", go="tick_all")
    assert page.context["ticked"] == 70
    everybody = [row.member.membership.person for row in page.context["rows"]]
    page = tick(browser, page, ticked=everybody, search="使用者0000", go="untick_all")
    assert page.context["ticked"] == 60
    summary = tick(
        browser, page, ticked=[r.member.membership.person for r in page.context["rows"] if r.ticked]
    )
    save(browser, summary)
    assert len(granted(clinic)) == 60


def test_a_page_of_5000_users_takes_at_most_8_queries(
    clinic, browser, round_trips: RoundTrips
) -> None:
    many(clinic, 100)
    make_plain(clinic, 4900)
    with round_trips(at_most=8):
        page = browser.get(PATH)
    assert page.context["shown"].paginator.count == 5002
    with round_trips(at_most=8):
        page = tick(browser, page, ticked=[], page="60", go="")
    with round_trips(at_most=9):  # one more to take every matching user
        page = tick(browser, page, ticked=[], go="tick_all")
    summary = tick(
        browser, page, ticked=[row.member.membership.person for row in page.context["rows"]]
    )
    with round_trips(at_most=24):
        save(browser, summary)
    assert Grant.objects.count() == 5002


def make_plain(clinic: Clinic, count: int) -> list[Person]:
    """Users without a number, quickly."""
    identities = Identity.objects.bulk_create(Identity() for _ in range(count))
    people = Person.objects.bulk_create(
        Person(identity=identity, name=f"甲{index:05d}")
        for index, identity in enumerate(identities)
    )
    Membership.objects.bulk_create(
        Membership(person=person, institution=clinic.institution, role=MembershipRole.USER)
        for person in people
    )
    return people


# --- two managers, and side doors ------------------------------------------------------------------


def test_the_second_of_two_saves_is_refused_and_its_ticks_are_kept(clinic, browser, events) -> None:
    second = make_registered(NUMBERS[2], "許美玲")
    make_member(clinic.institution, second, role=MembershipRole.MANAGER)
    other = clinic.browser(second)
    mine = tick(browser, browser.get(PATH), ticked=[clinic.user])
    theirs = tick(other, other.get(PATH), ticked=[clinic.manager])
    save(browser, mine)
    refused = save(other, theirs)
    assert refused.status_code == 409
    assert 'data-code="ACC-CHANGED"' in refused.content.decode()
    assert granted(clinic) == {clinic.user}
    ticked = {row.member.membership.person for row in refused.context["rows"] if row.ticked}
    assert ticked == {clinic.user, clinic.manager}
    save(other, tick(other, refused, ticked=[clinic.user, clinic.manager]))
    assert granted(clinic) == {clinic.user, clinic.manager}
    assert [e["reason"] for e in events() if e["outcome"] == "refused"] == ["version"]


@pytest.mark.parametrize("go", ["", "review", "tick_all"])
def test_a_stale_page_never_turns_anothers_grant_into_a_removal(clinic, browser, go) -> None:
    page = browser.get(PATH)
    grant(clinic.user, clinic.entitlement)
    refused = tick(browser, page, ticked=[], go=go)
    assert refused.status_code == 409
    assert not refused.context["draft"].removed


def test_saving_the_same_summary_twice_changes_nothing(clinic, browser, events) -> None:
    summary = tick(browser, browser.get(PATH), ticked=[clinic.user])
    save(browser, summary)
    assert save(browser, summary).status_code == 409
    assert [e["action"] for e in events() if e["outcome"] == "permitted"] == ["open_grant"]


def test_a_draft_of_another_session_is_refused(clinic, browser) -> None:
    summary = tick(browser, browser.get(PATH), ticked=[clinic.user])
    page = save(clinic.browser(clinic.manager), summary)
    assert (page.status_code, b"ACC-DRAFT" in page.content) == (400, True)
    assert not Grant.objects.exists()


@pytest.mark.parametrize("draft", ["", "x", "W10:1abc:xyz"])
def test_a_forged_draft_is_refused(browser, draft) -> None:
    assert browser.post(PATH, {"draft": draft, "go": "save"}).status_code == 400


@pytest.mark.parametrize("shown", ["x", "1' OR 1=1", ""])
def test_a_person_id_that_is_none_is_refused(browser, shown) -> None:
    page = browser.get(PATH)
    data = {"draft": page.context["sealed"], "shown": shown, "go": "review"}
    assert browser.post(PATH, data).status_code == 400


def test_nobody_of_elsewhere_is_authorized_through_a_changed_form(clinic, browser) -> None:
    """Keycloak CVE-2026-14614: attaching what one cannot see, by its id."""
    stranger = make_member(make_institution())
    page = browser.get(PATH)
    data = {
        "draft": page.context["sealed"],
        "shown": str(stranger.pk),
        "ticked": str(stranger.pk),
        "go": "review",
    }
    summary = browser.post(PATH, data)
    assert save(browser, summary).status_code == 404
    assert not Grant.objects.exists()


def test_a_manager_who_is_no_user_gets_no_grant(clinic, browser) -> None:
    plain = make_member(clinic.institution, role=MembershipRole.MANAGER)
    page = browser.get(PATH)
    data = {"draft": page.context["sealed"], "shown": str(plain.pk), "ticked": str(plain.pk)}
    summary = browser.post(PATH, data | {"go": "review"})
    assert save(browser, summary).status_code == 404


def test_another_institutions_entitlement_is_not_offered(clinic, browser) -> None:
    other = entitle(make_institution())
    page = browser.get(PATH, {"entitlement": str(other.pk)})
    assert [each.pk for each in page.context["entitlements"]] == [clinic.entitlement.pk]
    assert other.pk != clinic.entitlement.pk
    assert page.context["entitlement"].pk == clinic.entitlement.pk


def test_an_entitlement_that_ended_meanwhile_cannot_be_saved(clinic, browser) -> None:
    summary = tick(browser, browser.get(PATH), ticked=[clinic.user])
    Entitlement.objects.update(state=EntitlementState.ENDED)
    assert save(browser, summary).status_code == 404
    assert not Grant.objects.exists()


def test_a_grant_of_the_office_is_shown_and_stays(clinic, browser) -> None:
    open_grant(
        person=clinic.user,
        entitlement=clinic.entitlement,
        source=GrantSource.UNIFIED,
        of_office=True,
        by=BY,
    )
    page = browser.get(PATH)
    (row,) = [row for row in page.context["rows"] if row.fixed]
    assert row.member.membership.person == clinic.user
    data = {
        "draft": page.context["sealed"],
        "shown": str(clinic.user.pk),
        "held": str(clinic.user.pk),
    }
    save(browser, browser.post(PATH, data | {"go": "review"}))
    assert granted(clinic) == {clinic.user}


@pytest.mark.parametrize("step", ["review", "save"])
def test_a_user_dismissed_meanwhile_is_named_and_all_other_ticks_are_kept(
    clinic, browser, events, step
) -> None:
    page = browser.get(PATH)
    everybody = [clinic.user, clinic.manager]
    summary = tick(browser, page, ticked=everybody) if step == "save" else None
    browser.post(f"/access/users/{clinic.membership(clinic.user).pk}/end/")
    again = save(browser, summary) if summary else tick(browser, page, ticked=everybody)
    assert again.status_code == (409 if summary else 200)
    assert 'data-code="ACC-USERS-GONE"' in again.content.decode()
    assert again.context["gone"] == ["張志豪"]
    assert [each.membership.person for each in again.context["added"]] == [clinic.manager]
    assert not Grant.objects.exists()
    if summary:
        assert again.context["form"]["reason"].value() == "到職"
        assert events()[-1]["reason"] == "not_a_user_here_any_more"
    save(browser, again)
    assert granted(clinic) == {clinic.manager}


# --- review ------------------------------------------------------------------------------------------


def reviewed(browser: Client) -> dict[str, list[Grant]]:
    """The lists of the review page by their names."""
    page = browser.get("/access/authorization/review/")
    return {each.name: each.grants for each in page.context["reviews"]}


def test_the_review_lists_what_expires_and_what_nobody_used(clinic, browser) -> None:
    soon = grant(clinic.user, clinic.entitlement, valid_until=clock.now() + timedelta(days=10))
    old = grant(clinic.manager, clinic.entitlement)
    assert reviewed(browser) == {"expiring": [soon], "unused": []}
    Grant.objects.filter(pk=old.pk).update(granted_at=clock.now() - timedelta(days=91))
    assert reviewed(browser)["unused"] == [old]


def test_a_grant_that_was_used_is_not_listed_as_unused(clinic, browser) -> None:
    used = grant(clinic.user, clinic.entitlement)
    Grant.objects.filter(pk=used.pk).update(granted_at=clock.now() - timedelta(days=91))
    record_change(
        event(Action.READ_CARD, by=clinic.actor(clinic.user), service="VBK", grant_id=used.pk)
    )
    assert reviewed(browser)["unused"] == []
