"""What an outsider's scripts do again and again."""

from typing import Any

from django.test import Client

from tests.support.cards import PkiCard, issue, path_of, transaction_of
from tests.support.logins import OTHER_ID, Counter, make_person_with
from tests.support.world import entitle, grant, make_member


def make_counter() -> Counter:
    """A pharmacy's counter whose pharmacist may book."""
    counter = Counter()
    grant(counter.person, entitle(counter.institution))
    return counter


def make_colleague(counter: Counter) -> PkiCard:
    """The card of somebody else who works here and may do the same."""
    person = make_person_with(OTHER_ID, "張志豪")
    make_member(counter.institution, person)
    grant(person, counter.person.grant_set.get().content_object)
    return issue(counter.hpc_authority, OTHER_ID)


def start_reading(browser: Client) -> str:
    return transaction_of(browser.post("/booking/"))


def answer(counter: Counter, transaction: str, **shown: Any) -> str:
    """The way back after the counter's agent answered."""
    done = counter.agent.result(counter.agent.claim(transaction).json(), **shown)
    assert done.status_code == 200, done.json()
    return path_of(done.json()["return_url"])


def code_in(path: str) -> str:
    return path.partition("code=")[2]
