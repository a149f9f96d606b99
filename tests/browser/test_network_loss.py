"""The way to the server is lost in the middle of a HIS call and of a console test (issue 7).

Real programs: the web server is killed while it works on the call, and started again. Nobody touches
the agent, which answers the manual's code, makes nothing up, and goes on by itself.
"""

import base64
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import contextmanager
from typing import Any

import httpx
import pytest
from playwright.sync_api import expect

from tests.agent.waiting import wait_until
from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.stack import Stack
from tests.his.test_errors import ONLINE

NUMBER = "hisGetSeqNumber256N1"
CARD, PATIENT = "nhi-wang", "C121103509"
MANY = 50
NETWORK_DOWN = 4061
TIMEOUT = 10.0  # agent.server's, after which the agent does not wait any longer


class His:
    """A program on the workstation: the token's file and a connection for each call."""

    def __init__(self, stack: Stack) -> None:
        self._agent = stack.agent
        self._token = (stack.places.agent_home / "his.token").read_text().strip()

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        headers = {"Authorization": f"Bearer {self._token}"}
        answer = httpx.post(
            f"{self._agent}/his/{name}",
            json=arguments,
            headers=headers,
            trust_env=False,
            timeout=3 * TIMEOUT,
        )
        assert answer.status_code == httpx.codes.OK, answer.text
        told: dict[str, Any] = answer.json()
        return told

    def number(self) -> str:
        told = self.call(NUMBER, cTreatItem="01")
        assert told["code"] == 0, told
        assert len(base64.b64decode(told["buffer"])) == 316
        return str(told["fields"]["sequence"])


@pytest.fixture
def his(stack: Stack) -> His:
    """A patient's card is in the reader, with visits left for all tests."""
    with stack.database():
        insured().update(visits_left=MANY)
    stack.insert(CARD, reader=CITIZEN_READER)
    return His(stack)


@contextmanager
def held(stack: Stack) -> Iterator[None]:
    """The patient's row is ours, so whoever asks for a number waits in the middle of the server's work."""
    from django.db import transaction

    with stack.database(), transaction.atomic():
        insured().select_for_update().get()
        yield


def insured() -> Any:
    """The row of the patient, within `stack.database()`."""
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind
    from apps.visits.models import InsuranceStatus

    patient = identify(kind=IdentifierKind.NATIONAL_ID, value=PATIENT)
    return InsuranceStatus.objects.filter(patient_id=patient)


def somebody_waits() -> bool:
    """For the row that we hold."""
    from django.db import connection

    with connection.cursor() as cursor:
        cursor.execute("SELECT count(*) FROM pg_locks WHERE NOT granted")
        return bool(cursor.fetchone()[0])


def test_a_number_is_refused_as_the_server_dies_and_given_once_it_is_back(
    stack: Stack, his: His
) -> None:
    first = his.number()
    with ThreadPoolExecutor(1) as pool, held(stack):
        asked = pool.submit(his.call, NUMBER, cTreatItem="01")
        wait_until(somebody_waits, "the server works on the number")
        with stack.without_web():
            told = asked.result(timeout=TIMEOUT)
            assert (told["code"], told["word"]) == (NETWORK_DOWN, "network_down")
            assert not {"buffer", "pBuffer", "fields"} & set(told)
            for name, arguments in ONLINE:
                assert his.call(name, **arguments)["code"] == NETWORK_DOWN
            assert his.call("hisGetBasicData")["length"] == 72
    again = his.number()
    assert int(again) == int(first) + 1  # neither a gap nor one that nobody got
    assert his.call("hisGetLastSeqNum")["fields"]["last_sequence"] == again


def test_a_number_whose_answer_came_too_late_is_the_one_that_the_same_call_gets(
    stack: Stack, his: His
) -> None:
    """The server gave it all the same: a further one would cost the patient a visit for nothing."""
    first = his.number()
    with ThreadPoolExecutor(1) as pool, held(stack):
        told = pool.submit(his.call, NUMBER, cTreatItem="01").result(timeout=2 * TIMEOUT)
        assert told["code"] == NETWORK_DOWN
        assert "buffer" not in told
    given = f"{int(first) + 1:04d}"
    wait_until(lambda: last_number(his) == given, "the server has given it")
    assert his.number() == given
    assert his.number() == f"{int(first) + 2:04d}"  # the next patient's call is a new one


def last_number(his: His) -> str:
    return str(his.call("hisGetLastSeqNum")["fields"]["last_sequence"])


def test_the_reader_test_goes_on_without_the_server_and_the_console_says_what_is_lost(
    stack: Stack, desk: Desk
) -> None:
    page = desk.page
    page.goto(stack.agent + "/reader-test")
    page.locator('[data-action="start_reader_test"]').click()
    stack.insert(CARD, reader=STAFF_READER)
    expect(page.locator('[data-step="remove"]')).to_be_visible()
    with stack.without_web():
        for step in ("insert_again", "remove_again", "insert_last", "done"):
            if step in {"insert_again", "insert_last"}:
                stack.remove(reader=STAFF_READER)
            else:
                stack.insert(CARD, reader=STAFF_READER)
            expect(page.locator(f'[data-step="{step}"]')).to_be_visible()
        assert (
            His(stack).call("hisGetRegisterBasic2")["code"] == NETWORK_DOWN
        )  # the card's still in
        wait_until(lambda: not is_authenticated(stack), "the console says that the server is away")
        page.goto(stack.agent + "/diagnosis")
        expect(page.locator('[data-item="server"][data-state="fault"]')).to_contain_text(
            "server_unreachable"
        )
    wait_until(lambda: is_authenticated(stack), "the console says by itself that it is back")
    page.reload()
    expect(page.locator('[data-item="server"]')).to_have_attribute("data-state", "ok")


def is_authenticated(stack: Stack) -> bool:
    """As the console says, which asks no server when it is opened."""
    return 'data-authenticated="yes"' in httpx.get(stack.agent, trust_env=False).text
