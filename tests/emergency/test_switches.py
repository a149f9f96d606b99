"""Operators switch pharmacists' access and the tabs that a profession sees, without a deployment (A8)."""

from collections.abc import Callable

import pytest
from django.test import Client

from apps.access.models import Proposal
from tests.emergency.conftest import TSENG
from tests.support.cards import refusal_code
from tests.support.emergency import EmergencyRoom
from tests.support.institution import operator_browser

pytestmark = pytest.mark.django_db
Load = Callable[[str], None]


@pytest.fixture
def pharmacist(load: Load) -> EmergencyRoom:
    room = EmergencyRoom(profession="D")
    load(TSENG)
    room.open_tabs(TSENG)
    return room


def switch(path: str, **changes: object) -> None:
    """One operator drafts, another publishes."""
    maker: Client = operator_browser()
    form = maker.get(path).context["adminform"].form
    shown = {name: form[name].value() for name in form.fields}
    filled = {k: v for k, v in shown.items() if v is not None and v is not False}
    answer = maker.post(path, filled | changes)
    assert answer.status_code == 302, answer.context["adminform"].form.errors
    waiting = Proposal.objects.waiting().get()
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
