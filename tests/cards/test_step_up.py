"""Showing the card again for a service that wants a fresh proof."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.access.models import Grant, Membership, Service
from apps.access.registers import Practice
from apps.access.terms import ProofRecency
from apps.accounts.models import Session
from apps.accounts.terms import CardKind
from apps.core import clock
from tests.support.cards import (
    FakeAgent,
    issue,
    latest,
    log_in,
    path_of,
    refusal_code,
    show,
    transaction_of,
    trust,
)
from tests.support.logins import NATIONAL_ID, OTHER_ID, Counter, make_person_with, sit_down
from tests.support.world import entitle, grant, make_member

pytestmark = pytest.mark.django_db

FORM = {"next": "/booking/", "service": "VBK"}
HALF_AN_HOUR = 1800


class StaleCounter(Counter):
    """Somebody who logged in long ago, at a service that wants a proof of the last half hour."""

    def __init__(self) -> None:
        super().__init__()
        grant(self.person, entitle(self.institution))
        Service.objects.filter(pk="VBK").update(
            recency=ProofRecency.WITHIN, recency_seconds=HALF_AN_HOUR
        )
        log_in(self.browser, self.agent, self.hpc)
        Session.objects.update(card_proof_at=clock.now() - timedelta(hours=1))

    @property
    def key(self) -> str:
        return self.browser.cookies["ankang_session"].value

    def start(self, **changes: str) -> str:
        return transaction_of(self.browser.post("/step-up/", FORM | changes))

    def step_up(self, card: Any = None, **changes: str) -> Any:
        return show(self.browser, self.agent, self.start(**changes), card=card or self.hpc)


@pytest.fixture
def counter() -> StaleCounter:
    return StaleCounter()


def test_a_stale_proof_offers_to_show_the_card_again(counter) -> None:
    page = counter.browser.get("/booking/")
    html = page.content.decode()
    assert (page.status_code, refusal_code(page)) == (403, "ACC-PROOF")
    assert 'data-action="step_up"' in html
    assert 'name="next" value="/booking/"' in html
    assert 'name="service" value="VBK"' in html


def test_a_step_up_leads_back_with_a_new_key_and_a_new_proof(counter, events) -> None:
    before, session = counter.key, Session.objects.get()
    back = counter.step_up()
    assert (back.status_code, back["Location"]) == (303, "/booking/")
    after = Session.objects.get()
    assert counter.key != before
    assert after.session_key != session.session_key
    assert after.id == session.id  # readings of this session stay its own
    assert after.card_proof_at > clock.now() - timedelta(minutes=1)
    assert counter.browser.get("/booking/").status_code == 200
    (event,) = [event for event in events() if event["action"] == "step_up"]
    assert (event["outcome"], event["service"]) == ("permitted", "VBK")


def test_the_old_key_is_worth_nothing_after_a_step_up(counter) -> None:
    old = Client()
    old.cookies["ankang_session"] = counter.key
    assert old.get("/my/").status_code == 200
    counter.step_up()
    assert old.get("/my/").status_code == 302


def test_the_agent_is_told_who_must_show_the_card(counter) -> None:
    job = counter.agent.claim(counter.start()).json()
    assert (job["purpose"], job["person"]) == ("step_up", "陳怡君")
    assert (job["cards"], job["reading"], job["pin"]) == (["HPC"], False, "always")


def test_the_card_of_another_person_is_refused(counter) -> None:
    """Threat 18: the next person cannot go on in the session of the last."""
    make_member(counter.institution, make_person_with(OTHER_ID, "張志豪"))
    before = Session.objects.get().card_proof_at
    job = counter.agent.claim(counter.start()).json()
    answer = counter.agent.result(job, card=issue(counter.hpc_authority, OTHER_ID))
    assert (answer.status_code, refusal_code(answer)) == (403, "CARD-OTHER-PERSON")
    assert Session.objects.get().card_proof_at == before


def test_an_unknown_card_is_told_the_same(counter) -> None:
    job = counter.agent.claim(counter.start()).json()
    answer = counter.agent.result(job, card=issue(counter.hpc_authority, "F226789013"))
    assert refusal_code(answer) == "CARD-OTHER-PERSON"


def test_another_card_of_the_same_person_serves(counter) -> None:
    """The service takes HPC or citizen certificate: the session then has what that card says."""
    Service.objects.filter(pk="VBK").update(card_kinds=[], professions=[])
    citizen = issue(trust(CardKind.CITIZEN), NATIONAL_ID, kind=CardKind.CITIZEN, profession="")
    counter.step_up(citizen)
    session = Session.objects.get()
    assert (session.card_kind, session.profession) == (CardKind.CITIZEN, "")


@pytest.mark.parametrize("agent", ["unenrolled", "elsewhere"])
def test_the_workstation_must_be_the_sessions(counter, agent) -> None:
    other = FakeAgent()
    if agent == "elsewhere":
        other.enrol(counter.institution)
    answer = other.claim(counter.start())
    assert refusal_code(answer) == "CARD-WORKSTATION"


def test_20_a_login_proof_is_no_step_up_and_the_other_way_round(counter) -> None:
    """Threat 20: the purpose is part of what card and agent sign."""
    job = counter.agent.claim(counter.start()).json()
    for changed in ("agent_changes", "card_changes"):
        answer = counter.agent.result(job, card=counter.hpc, **{changed: {"purpose": "login"}})
        assert answer.status_code == 403
    login = counter.agent.claim(
        transaction_of(counter.browser.post("/log-in/", {"card_kind": "HPC"}))
    ).json()
    answer = counter.agent.result(login, card=counter.hpc, card_changes={"purpose": "step_up"})
    assert refusal_code(answer) == "CARD-PROOF"


def test_a_step_up_ends_in_the_session_that_asked(counter) -> None:
    """Logged in anew meanwhile, in the same browser: the old step-up renews nothing."""
    job = counter.agent.claim(counter.start()).json()
    url = counter.agent.result(job, card=counter.hpc).json()["return_url"]
    log_in(counter.browser, counter.agent, counter.hpc)
    key = counter.key
    answer = counter.browser.get(path_of(url))
    assert (answer.status_code, refusal_code(answer)) == (403, "CARD-OTHER-BROWSER")
    assert counter.key == key


def test_reload_after_a_step_up_is_harmless(counter) -> None:
    job = counter.agent.claim(counter.start()).json()
    url = path_of(counter.agent.result(job, card=counter.hpc).json()["return_url"])
    counter.browser.get(url)
    key = counter.key
    assert counter.browser.get(url)["Location"] == "/booking/"
    assert counter.key == key


@pytest.mark.parametrize(
    ("next_page", "lands"),
    [
        ("/booking/", "/booking/"),
        ("/booking/?x=1", "/booking/"),
        ("https://evil.test/", "/my/"),
        ("//evil.test/booking/", "/my/"),
        ("/no/such/page", "/my/"),
        ("javascript:alert(1)", "/my/"),
    ],
)
def test_a_step_up_returns_to_pages_of_this_site_only(counter, next_page, lands) -> None:
    counter.start(next=next_page)
    assert latest().start_path == lands


def test_representatives_have_no_step_up(counter) -> None:
    browser = Client()
    log_in(browser, counter.agent, counter.institution_card())
    answer = browser.post("/step-up/", FORM)
    assert (answer.status_code, refusal_code(answer)) == (403, "CARD-NO-STEP-UP")


def test_a_service_for_nhi_cards_only_has_no_step_up(counter) -> None:
    Service.objects.filter(pk="VBK").update(card_kinds=[CardKind.NHI])
    assert refusal_code(counter.browser.post("/step-up/", FORM)) == "CARD-NO-STEP-UP"


# Roles of the person here, the rules of the service, and the cards that are then offered.
BOTH = [CardKind.HPC, CardKind.CITIZEN]
OFFERS = {
    "a user: not the managers' card": (
        ["USER"],
        {"card_kinds": ["HPC"], "manager_card_kinds": ["CITIZEN"], "professions": []},
        [CardKind.HPC],
    ),
    "a manager: not the users' card": (
        ["MANAGER"],
        {"card_kinds": ["HPC"], "manager_card_kinds": ["CITIZEN"], "professions": []},
        [CardKind.CITIZEN],
    ),
    "manager and user: either role's": (
        ["MANAGER", "USER"],
        {"card_kinds": ["HPC"], "manager_card_kinds": ["CITIZEN"], "professions": []},
        BOTH,
    ),
    "a manager where managers have no rule of their own": (
        ["MANAGER"],
        {"card_kinds": ["HPC"], "manager_card_kinds": [], "professions": []},
        [CardKind.HPC],
    ),
    "a user where every card will do": (
        ["USER"],
        {"card_kinds": [], "manager_card_kinds": ["CITIZEN"], "professions": []},
        BOTH,
    ),
    "a manager where every card will do for users": (
        ["MANAGER"],
        {"card_kinds": [], "manager_card_kinds": ["CITIZEN"], "professions": []},
        [CardKind.CITIZEN],
    ),
    "only an HPC proves the profession that is asked for": (
        ["USER"],
        {"card_kinds": ["HPC", "CITIZEN"], "professions": ["D"]},
        [CardKind.HPC],
    ),
    "only NHI cards for managers": (
        ["MANAGER"],
        {"card_kinds": ["HPC"], "manager_card_kinds": ["NHI"], "professions": []},
        [],
    ),
}


@pytest.mark.parametrize(("roles", "rules", "cards"), OFFERS.values(), ids=OFFERS.keys())
def test_only_cards_are_offered_that_count_for_this_person_here(
    counter, roles, rules, cards
) -> None:
    Membership.objects.filter(person=counter.person).delete()
    for role in roles:
        make_member(counter.institution, counter.person, role=role)
    Service.objects.filter(pk="VBK").update(**rules)
    answer = counter.browser.post("/step-up/", FORM)
    if not cards:
        assert refusal_code(answer) == "CARD-NO-STEP-UP"
        return
    assert counter.agent.claim(transaction_of(answer)).json()["cards"] == cards
    for card in BOTH:
        Session.objects.update(card_kind=card, card_proof_at=clock.now())
        if card == CardKind.CITIZEN:
            Session.objects.update(profession="")
        assert counter.browser.get("/booking/").status_code == (200 if card in cards else 403)


def test_the_practice_register_proves_it_for_a_citizen_certificate(counter) -> None:
    Service.objects.filter(pk="VBK").update(card_kinds=["HPC", "CITIZEN"], professions=["D"])
    Practice.objects.create(
        practitioner=counter.person.identity, institution=counter.institution, profession="D"
    )
    assert counter.agent.claim(counter.start()).json()["cards"] == BOTH


def test_an_hpc_that_proved_another_profession_is_not_asked_for_again(counter) -> None:
    Service.objects.filter(pk="VBK").update(card_kinds=[], professions=["A"])
    answer = counter.browser.post("/step-up/", FORM)
    assert refusal_code(answer) == "CARD-NO-STEP-UP"


def test_who_logged_in_with_a_citizen_certificate_may_show_the_hpc(counter) -> None:
    """Which profession it names is seen when it is read."""
    Service.objects.filter(pk="VBK").update(card_kinds=[], professions=["D"])
    Session.objects.update(card_kind=CardKind.CITIZEN, profession="")
    assert counter.agent.claim(counter.start()).json()["cards"] == [CardKind.HPC]


def test_a_right_that_was_withdrawn_meanwhile_asks_for_no_card(counter, events) -> None:
    Grant.objects.all().delete()
    answer = counter.browser.post("/step-up/", FORM)
    assert (answer.status_code, refusal_code(answer)) == (403, "ACC-403")
    assert events()[-1]["reason"] == "not_granted"


def test_cancelling_leads_back_to_the_page(counter) -> None:
    transaction = counter.start()
    counter.agent.claim(transaction)
    back = counter.browser.get(f"/cards/{transaction}/return?cancelled=1")
    assert back["Location"] == "/booking/"


def test_somebody_who_is_not_staff_gets_no_offer(counter) -> None:
    browser = Client()
    sit_down(browser, make_person_with(OTHER_ID), counter.institution)
    assert b'data-action="step_up"' not in browser.get("/booking/").content
