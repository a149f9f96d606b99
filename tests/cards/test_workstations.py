"""The demo has two computers, each at an institution of its own; the login page asks which it is."""

import pytest
from django.test import Client

from apps.cards.handoff import WORKSTATION
from tests.support.world import make_institution

COUNTER, HOSPITAL = "http://127.0.0.1:24777", "http://127.0.0.1:24782"
CHOSEN = {"card_kind": "HPC", "reader_kind": "NHI_READER"}

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def computers(settings) -> None:
    settings.AGENT_ORIGIN = COUNTER
    settings.DEMO_AGENTS = {"5901012345": COUNTER, "1101010021": HOSPITAL}
    make_institution(code="5901012345")
    make_institution(code="1101010021", name="培靈醫院")


def starts_at(browser: Client, **chosen: str) -> str:
    answer = browser.post("/log-in/", CHOSEN | chosen)
    assert answer.status_code == 303
    return answer["Location"].split("/card?")[0]


def test_the_login_goes_to_the_computer_that_was_chosen_and_stays_there() -> None:
    browser = Client()
    assert starts_at(browser) == COUNTER
    assert starts_at(browser, workstation="1101010021") == HOSPITAL
    assert starts_at(browser) == HOSPITAL
    form = browser.get("/log-in/").context["form"]
    assert form["workstation"].initial == "1101010021"
    assert browser.get("/card-component/").context["agent_origin"] == HOSPITAL
    assert starts_at(browser, workstation="5901012345") == COUNTER


def test_another_computer_than_the_demos_is_refused() -> None:
    browser = Client()
    answer = browser.post("/log-in/", CHOSEN | {"workstation": "http://evil.example"})
    assert answer.status_code == 400
    assert "workstation" in answer.context["form"].errors
    browser.cookies[WORKSTATION] = "http://evil.example"
    assert starts_at(browser) == COUNTER


def test_outside_the_demo_nobody_is_asked_and_no_cookie_counts(settings) -> None:
    settings.DEMO_AGENTS = {}
    browser = Client()
    browser.cookies[WORKSTATION] = "1101010021"
    assert "workstation" not in browser.get("/log-in/").context["form"].fields
    assert starts_at(browser, workstation="1101010021") == COUNTER
