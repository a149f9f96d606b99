"""Expiring and unused authorizations, closed or prolonged together (FEATURES A11)."""

import uuid
from datetime import timedelta

import pytest

from apps.access.models import Grant, GrantHistory
from apps.access.policies import decide
from apps.access.services import close_grant
from apps.access.services.authorizing import Vanished, close_grants, prolong_grants
from apps.core import clock
from tests.support.institution import Clinic
from tests.support.world import BY, grant, in_days, make_member

pytestmark = pytest.mark.django_db

PAGE = "/access/authorization/review/"


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


def expiring(clinic: Clinic, person=None, **fields) -> Grant:
    until = clock.now() + timedelta(days=9)
    return grant(person or clinic.user, clinic.entitlement, valid_until=until, **fields)


def unused(clinic: Clinic, person=None) -> Grant:
    made = grant(person or clinic.user, clinic.entitlement)
    Grant.objects.filter(pk=made.pk).update(granted_at=clock.now() - timedelta(days=91))
    return made


def test_ticked_ones_are_closed_and_the_next_click_is_refused(clinic, events) -> None:
    ended, kept = unused(clinic), unused(clinic, clinic.manager)
    worker = clinic.browser(clinic.user)
    manager = clinic.browser(clinic.manager)
    assert {each.pk for each in manager.get(PAGE).context["reviews"][1].grants} == {
        ended.pk,
        kept.pk,
    }
    data = {"list": "unused", "go": "close_grants", "reason": "久未使用"}
    answer = manager.post(PAGE, data | {"grants": [str(ended.pk)]})
    assert answer.status_code == 302
    assert [each.pk for each in Grant.objects.all()] == [kept.pk]
    assert GrantHistory.objects.get(pk=ended.pk).closed_reason == "久未使用"
    assert "close_grant" in {event["action"] for event in events()}
    assert worker.get("/booking/").status_code == 403


def test_all_of_a_list_are_prolonged_with_new_grants(clinic, events) -> None:
    people = [make_member(clinic.institution) for _ in range(3)]
    old = {expiring(clinic, person).pk for person in people}
    office = expiring(clinic, of_office=True)
    until = in_days(200)
    data = {"list": "expiring", "go": "prolong_grants", "every": "on"}
    answer = clinic.browser(clinic.manager).post(PAGE, data | {"valid_until": until.isoformat()})
    assert answer.status_code == 302
    fresh = Grant.objects.filter(user__in=people)
    assert {clock.day_of(each.valid_until) for each in fresh} == {until}
    assert not old & set(fresh.values_list("pk", flat=True))
    assert set(GrantHistory.objects.values_list("pk", flat=True)) == old
    assert Grant.objects.filter(pk=office.pk).exists()
    session = clinic.browser(people[0]).session_id
    assert decide(session=session, service="VBK").permit


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"go": "close_grants", "reason": ""}, "reason"),
        ({"go": "prolong_grants", "valid_until": ""}, "valid_until"),
        ({"go": "prolong_grants", "valid_until": "2020-01-01"}, "valid_until"),
        ({"go": "prolong_grants", "valid_until": "next year"}, "valid_until"),
        ({"go": "close_grants", "reason": "x", "grants": []}, "grants"),
        ({"go": "close_grants", "reason": "x", "grants": [str(uuid.uuid4())]}, "grants"),
        ({"go": "close_grants", "reason": "x", "grants": ["1' OR 1=1"]}, "grants"),
        ({"go": "delete"}, "go"),
    ],
)
def test_what_is_missing_is_said_at_its_field_and_nothing_happens(clinic, fields, wrong) -> None:
    made = expiring(clinic)
    data = {"list": "expiring", "grants": [str(made.pk)], "reason": "", "valid_until": ""}
    page = clinic.browser(clinic.manager).post(PAGE, data | fields)
    assert page.status_code == 400
    assert wrong in page.context["form"].errors
    assert Grant.objects.get().pk == made.pk


def ticked(page, name: str) -> set:
    (review,) = [each for each in page.context["reviews"] if each.name == name]
    return review.ticked


def test_ticks_survive_what_is_wrong_elsewhere_in_the_form(clinic) -> None:
    mine, other = expiring(clinic), expiring(clinic, clinic.manager)
    data = {"list": "expiring", "go": "close_grants", "reason": "", "grants": [str(mine.pk)]}
    page = clinic.browser(clinic.manager).post(PAGE, data)
    assert ticked(page, "expiring") == {mine.pk}
    assert f'value="{mine.pk}" checked' in page.content.decode()
    assert f'value="{other.pk}" checked' not in page.content.decode()


def test_one_that_vanished_is_named_and_the_other_ticks_are_kept(clinic) -> None:
    gone, kept = expiring(clinic), expiring(clinic, clinic.manager)
    close_grant(grant=gone.pk, reason="離職", by=BY)
    data = {"list": "expiring", "go": "close_grants", "reason": "久未使用"}
    manager = clinic.browser(clinic.manager)
    page = manager.post(PAGE, data | {"grants": [str(gone.pk), str(kept.pk)]})
    assert page.status_code == 400
    assert page.context["gone"] == ["張志豪"]
    assert ticked(page, "expiring") == {kept.pk}
    assert Grant.objects.get().pk == kept.pk
    assert manager.post(PAGE, data | {"grants": [str(kept.pk)]}).status_code == 302
    assert not Grant.objects.exists()


def test_one_that_vanishes_in_the_last_moment_is_the_same(clinic, monkeypatch, events) -> None:
    """Between the check of the form and the deed."""
    gone, kept = expiring(clinic), expiring(clinic, clinic.manager)

    def too_late(**chosen):
        monkeypatch.undo()
        close_grant(grant=gone.pk, reason="離職", by=BY)
        return close_grants(**chosen)

    monkeypatch.setattr("apps.access.views.reviews.close_grants", too_late)
    data = {"list": "expiring", "go": "close_grants", "reason": "x"}
    both = {"grants": [str(gone.pk), str(kept.pk)]}
    page = clinic.browser(clinic.manager).post(PAGE, data | both)
    assert (page.status_code, page.context["gone"]) == (400, ["張志豪"])
    assert ticked(page, "expiring") == {kept.pk}
    assert Grant.objects.filter(pk=kept.pk).exists()
    assert events()[-1]["reason"] == "grant_not_here"


def test_what_belongs_elsewhere_is_not_named(clinic) -> None:
    other = Clinic(numbers=("D120203047", "C121103509"))
    foreign = expiring(other)
    close_grant(grant=foreign.pk, reason="離職", by=BY)
    data = {"list": "expiring", "go": "close_grants", "reason": "x", "grants": [str(foreign.pk)]}
    page = clinic.browser(clinic.manager).post(PAGE, data)
    assert (page.status_code, page.context["gone"]) == (400, [])


def test_nobody_closes_or_prolongs_what_is_elsewhere_or_the_operators(clinic) -> None:
    other = Clinic(numbers=("D120203047", "C121103509"))
    foreign, office = expiring(other), expiring(clinic, of_office=True)
    mine = expiring(clinic, clinic.manager)
    by = clinic.actor()
    for wrong in (foreign, office):
        with pytest.raises(Vanished):
            close_grants(grants=[mine.pk, wrong.pk], reason="x", by=by)
        with pytest.raises(Vanished):
            prolong_grants(grants=[wrong.pk], valid_until=clock.now(), by=by)
    assert Grant.objects.count() == 3
    page = clinic.browser(clinic.manager).post(
        PAGE, {"list": "expiring", "go": "close_grants", "reason": "x", "grants": [foreign.pk]}
    )
    assert page.status_code == 400
    assert Grant.objects.count() == 3


def test_thousands_at_once_cost_a_few_statements(clinic, round_trips) -> None:
    for _ in range(30):
        expiring(clinic, make_member(clinic.institution))
    browser = clinic.browser(clinic.manager)
    with round_trips(at_most=10):
        browser.get(PAGE)
    data = {"list": "expiring", "go": "close_grants", "every": "on", "reason": "x"}
    with round_trips(at_most=16):
        browser.post(PAGE, data)
    assert not Grant.objects.exists()
