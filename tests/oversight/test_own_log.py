"""Managers see the log of their own institution, and no other (FEATURES H5)."""

import pytest

from apps.audit.services import event, record_change
from apps.audit.terms import Action
from tests.support.institution import Clinic

pytestmark = pytest.mark.django_db

PATH = "/oversight/own-log/"


def test_a_manager_sees_what_was_done_at_the_own_institution_only(events) -> None:
    mine, other = Clinic(), Clinic(numbers=("F226789013", "E221112226"))
    for clinic in (mine, other):
        record_change(event(Action.READ_CARD, by=clinic.actor(clinic.user)))
    page = mine.browser(mine.manager).get(PATH)
    places = {line.event.institution for line in page.context["found"].lines}
    assert places == {mine.institution.pk}


def test_no_parameter_opens_another_institutions_log() -> None:
    mine, other = Clinic(), Clinic(numbers=("F226789013", "E221112226"))
    record_change(event(Action.READ_CARD, by=other.actor(other.user)))
    page = mine.browser(mine.manager).get(PATH, {"institution": other.institution.code})
    assert page.context["found"].lines == []


def test_looking_is_an_event_itself(events) -> None:
    clinic = Clinic()
    clinic.browser(clinic.manager).get(PATH, {"action": "read_card"})
    (looked,) = events()
    assert looked["action"] == "search_log"
    assert f"institution={clinic.institution.pk}" in looked["detail"]["query"]


def test_a_user_who_is_no_manager_is_refused() -> None:
    clinic = Clinic()
    assert clinic.browser(clinic.user).get(PATH).status_code == 403
