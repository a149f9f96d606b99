"""What an outsider's scripts do again and again."""

from typing import Any

from django.test import Client

from tests.support.cards import (
    path_of,
    transaction_of,
)
from tests.support.logins import Counter


def start_reading(browser: Client) -> str:
    return transaction_of(browser.post("/booking/"))


def answer(counter: Counter, transaction: str, **shown: Any) -> str:
    """The way back after the counter's agent answered."""
    done = counter.agent.result(counter.agent.claim(transaction).json(), **shown)
    assert done.status_code == 200, done.json()
    return path_of(done.json()["return_url"])


def code_in(path: str) -> str:
    return path.partition("code=")[2]
