"""The login card is pulled: what asked for it to stay refuses from then on (protocol, section 7)."""

import pytest
from django.test import Client

from apps.access.models import Service
from apps.accounts.models import Session
from apps.cards.fetches import fetch_transaction
from apps.cards.models import CardTransaction
from tests.support.cards import (
    FakeAgent,
    latest,
    path_of,
    refusal_code,
    show,
    start_log_in,
    transaction_of,
)
from tests.support.logins import Counter
from tests.support.world import entitle, grant

pytestmark = pytest.mark.django_db


class StayingCounter(Counter):
    """At a service whose users leave their card in the reader."""

    def __init__(self) -> None:
        super().__init__()
        grant(self.person, entitle(self.institution))
        Service.objects.filter(pk="VBK").update(leaves_on_removal=True)
        self.login = start_log_in(self.browser, "HPC")
        show(self.browser, self.agent, self.login, card=self.hpc)


@pytest.fixture
def counter() -> StayingCounter:
    return StayingCounter()


def test_18_pulling_the_card_closes_what_needs_it_to_stay(counter, events) -> None:
    assert counter.browser.get("/booking/").status_code == 200
    assert counter.agent.remove(counter.login).status_code == 204
    page = counter.browser.get("/booking/")
    assert (page.status_code, refusal_code(page)) == (403, "ACC-CARD")
    assert b'data-action="step_up"' in page.content
    assert counter.browser.get("/my/").status_code == 200
    (event,) = [event for event in events() if event["action"] == "remove_card"]
    assert event["actor"] == counter.person.pk


def test_a_service_that_does_not_mind_goes_on(counter) -> None:
    Service.objects.filter(pk="VBK").update(leaves_on_removal=False)
    counter.agent.remove(counter.login)
    assert counter.browser.get("/booking/").status_code == 200


def test_repeats_are_harmless(counter, events) -> None:
    counter.agent.remove(counter.login)
    removed_at = Session.objects.get().card_removed_at
    assert counter.agent.remove(counter.login).status_code == 204
    assert Session.objects.get().card_removed_at == removed_at
    assert [event["action"] for event in events()].count("remove_card") == 1


def test_the_card_back_in_the_reader_opens_the_service_again(counter) -> None:
    counter.agent.remove(counter.login)
    again = transaction_of(
        counter.browser.post("/step-up/", {"next": "/booking/", "service": "VBK"})
    )
    show(counter.browser, counter.agent, again, card=counter.hpc)
    assert counter.browser.get("/booking/").status_code == 200
    counter.agent.remove(again)
    assert refusal_code(counter.browser.get("/booking/")) == "ACC-CARD"


def test_a_card_pulled_while_the_browser_is_on_its_way_back_counts(counter) -> None:
    browser = Client()
    login = start_log_in(browser, "HPC")
    job = counter.agent.claim(login).json()
    url = counter.agent.result(job, card=counter.hpc).json()["return_url"]
    counter.agent.remove(login)
    browser.get(path_of(url))
    assert refusal_code(browser.get("/booking/")) == "ACC-CARD"


def test_only_the_agent_of_the_login_can_say_so(counter) -> None:
    answer = FakeAgent().remove(counter.login)
    assert (answer.status_code, refusal_code(answer)) == (410, "CARD-EXPIRED")
    assert Session.objects.get().card_removed_at is None


@pytest.mark.parametrize(
    "changes", [{"origin": "https://evil.test"}, {"step": "claim"}, {"step": "result"}]
)
def test_the_news_must_be_signed_as_such(counter, changes) -> None:
    answer = counter.agent.remove(counter.login, **changes)
    assert (answer.status_code, refusal_code(answer)) == (403, "AGENT-PROOF")


def test_a_removal_ends_no_other_session(counter) -> None:
    other = Client()
    show(other, counter.agent, start_log_in(other, "HPC"), card=counter.hpc)
    assert counter.agent.remove(latest().id).status_code == 204
    assert counter.browser.get("/booking/").status_code == 200


def test_a_removal_that_comes_between_fetching_and_opening_is_not_lost(
    counter, monkeypatch
) -> None:
    """The agent's news arrives after the browser's transaction was read, before its session exists."""
    browser = Client()
    login = start_log_in(browser, "HPC")
    job = counter.agent.claim(login).json()
    url = counter.agent.result(job, card=counter.hpc).json()["return_url"]

    def fetch_then_pull(transaction_id: str) -> CardTransaction:
        fetched = fetch_transaction(transaction_id)
        counter.agent.remove(login)
        return fetched

    monkeypatch.setattr("apps.cards.views.returning.fetch_transaction", fetch_then_pull)
    browser.get(path_of(url))
    assert refusal_code(browser.get("/booking/")) == "ACC-CARD"
