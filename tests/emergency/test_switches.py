"""Operators switch pharmacists' access and the tabs that a profession sees, without a deployment (A8)."""

from collections.abc import Callable

import pytest
from django.conf import settings as django_settings
from django.test import Client

from apps.access.models import Membership, Proposal
from apps.emergency.models import TabSwitch
from tests.emergency.conftest import TSENG
from tests.support.cards import refusal_code
from tests.support.emergency import EmergencyRoom
from tests.support.institution import operator_browser
from tests.support.world import grant, make_member

pytestmark = pytest.mark.django_db
Load = Callable[[str], None]


@pytest.fixture
def pharmacist(load: Load) -> EmergencyRoom:
    room = EmergencyRoom(profession="D")
    load(TSENG)
    room.open_tabs(TSENG)
    return room


def draft(path: str, **changes: object) -> Proposal:
    maker: Client = operator_browser()
    form = maker.get(path).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    filled = {k: v for k, v in shown.items() if v is not None and v is not False}
    answer = maker.post(path, filled | changes)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    return Proposal.objects.waiting().get()


def switch(path: str, **changes: object) -> None:
    """One operator drafts, another publishes."""
    waiting = draft(path, **changes)
    page = f"/backoffice/access/proposal/{waiting.pk}/publish-change/"
    assert operator_browser("周大同").post(page).status_code == 302
    assert not Proposal.objects.waiting().exists()


def test_a_tab_is_opened_to_pharmacists(pharmacist: EmergencyRoom) -> None:
    assert refusal_code(pharmacist.tab("discharges")) == "IMQ-TAB"
    switch("/backoffice/emergency/tabswitch/discharges/change/", professions=["A", "D"])
    assert pharmacist.tab("discharges").status_code == 200


def test_pharmacists_are_switched_off_and_on_again(pharmacist: EmergencyRoom) -> None:
    path = "/backoffice/access/service/IMQ/change/"
    switch(path, professions=["A"])
    assert refusal_code(pharmacist.tab("allergies")) == "ACC-403"
    switch(path, professions=["A", "D"])
    assert pharmacist.tab("allergies").status_code == 200


@pytest.mark.parametrize(
    ("changes", "people", "sessions"),
    [
        ({"professions": ["A", "D"]}, (1, 2), (0, 1)),
        ({"professions": []}, (1, 2), (0, 1)),
        ({"professions": ["F"]}, (1, 0), (0, 0)),
        ({"enabled": ""}, (1, 0), (0, 0)),
    ],
)
def test_the_draft_says_who_would_see_the_tab(
    pharmacist: EmergencyRoom,
    changes: dict[str, object],
    people: tuple[int, int],
    sessions: tuple[int, int],
) -> None:
    """A pharmacist is logged in, a physician is authorized too and is not."""
    physician = make_member(pharmacist.institution)
    for person, profession in ((pharmacist.person, "D"), (physician, "A")):
        Membership.objects.filter(person=person).update(profession=profession)
    grant(physician, pharmacist.grant.content_object)
    made = draft("/backoffice/emergency/tabswitch/discharges/change/", **changes)
    page = operator_browser("王小明").get(f"/backoffice/access/proposal/{made.pk}/change/")
    assert {effect.name: effect.count for effect in page.context["effects"]} == {
        "entitled": 1,
        "granted": 2,
        "people_before": people[0],
        "people_after": people[1],
        "sessions_before": sessions[0],
        "sessions_after": sessions[1],
    }


@pytest.mark.parametrize(
    ("language", "name"), [("zh-hant", "出院病歷摘要"), ("en", "Discharge summaries")]
)
def test_a_draft_is_called_by_the_tabs_name_in_the_readers_language(
    db: None, language: str, name: str
) -> None:
    """Whoever drafted it, in whatever language."""
    made = draft("/backoffice/emergency/tabswitch/discharges/change/", enabled="")
    browser = operator_browser("王小明")
    browser.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    for path in ("", f"{made.pk}/change/"):
        page = browser.get(f"/backoffice/access/proposal/{path}").content.decode()
        assert name in page
        assert ">discharges<" not in page
    assert name in browser.get("/backoffice/emergency/tabswitch/").content.decode()


def test_a_draft_about_a_tab_that_is_gone_keeps_its_code(db: None) -> None:
    assert TabSwitch(tab="tab_of_last_year").title_of("tab_of_last_year") == "tab_of_last_year"
