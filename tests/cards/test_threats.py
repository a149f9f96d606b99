"""The threats to a card login (reference list of the security notes), by number.

What a number names and where it is met: 2, 3, 5, 23 by the agent (tests/agent); 8 and 9 in
test_certificates and test_revocations; 13 to 15 in test_nhi_login; 11 in
tests/workstations/test_modules; 18 also in test_removal, 19 in test_fast_authentication, 20 also in
test_step_up.
"""

import threading
import time
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.db import IntegrityError, connection, transaction
from django.test import Client
from django.utils import timezone

from apps.access.models import Membership, Service
from apps.access.terms import MembershipState
from apps.accounts.models import Credential, Person, Session
from apps.accounts.services import block_credential
from apps.cards.models import CardTransaction
from apps.cards.reports import plain_version
from apps.cards.serializers import ClaimSerializer, RemovalSerializer, ResultSerializer
from apps.cards.terms import TransactionState
from apps.core import clock
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.serializers import EnrolmentSerializer, ModuleClaimsSerializer
from apps.workstations.services import revoke_workstation
from tests.support.cards import (
    FakeAgent,
    issue,
    latest,
    log_in,
    path_of,
    refusal_code,
    show,
    start_log_in,
    transaction_of,
)
from tests.support.logins import OTHER_ID, Counter, make_person_with
from tests.support.world import BY, entitle, grant, make_member

pytestmark = pytest.mark.django_db


@pytest.fixture
def counter() -> Counter:
    counter = Counter()
    grant(counter.person, entitle(counter.institution))
    return counter


def answered(counter: Counter) -> str:
    """The path on which the browser is to come back from a login."""
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    return path_of(counter.agent.result(job, card=counter.hpc).json()["return_url"])


@pytest.mark.parametrize("signer", ["agent_changes", "card_changes"])
def test_01_a_proof_made_for_another_server_is_worth_nothing(counter, signer) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    changes = {signer: {"origin": "https://evil.test"}}
    assert counter.agent.result(job, card=counter.hpc, **changes).status_code == 403


def test_04_a_lured_victim_is_not_logged_in_as_the_attacker(counter) -> None:
    """The attacker's way back, opened in the victim's browser, ends there."""
    url = answered(counter)
    victim = Client()
    assert refusal_code(victim.get(url)) == "CARD-OTHER-BROWSER"
    assert victim.get("/my/").status_code == 302


def test_04_a_login_starts_only_with_the_pages_own_form() -> None:
    strict = Client(enforce_csrf_checks=True)
    for path in ("/log-in/", "/check/"):
        assert strict.post(path, {"card_kind": "HPC"}).status_code == 403
    assert not CardTransaction.objects.exists()


def test_05_a_card_shown_for_the_attackers_transaction_ends_nowhere(counter) -> None:
    """The victim's agent serves it.

    The session can open in the attacker's browser only by its cookie, and in nobody's without the
    code that went to the victim's browser.
    """
    attacker = Client()
    transaction_id = start_log_in(attacker, "HPC")
    job = counter.agent.claim(transaction_id).json()
    counter.agent.result(job, card=counter.hpc)
    assert attacker.get(f"/cards/{transaction_id}/return")["Location"] == "/log-in/"
    assert attacker.get(f"/cards/{transaction_id}/return?code=guess").status_code == 410
    assert not Session.objects.exists()


@pytest.mark.django_db(transaction=True)
def test_06_of_two_parallel_returns_exactly_one_opens_a_session(counter) -> None:
    url = answered(counter)
    cookies = counter.browser.cookies
    start, statuses = threading.Barrier(2), []

    def come_back() -> None:
        browser = Client()
        browser.cookies = cookies
        start.wait()
        statuses.append(browser.get(url).status_code)
        connection.close()

    threads = [threading.Thread(target=come_back) for _each in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert statuses == [303, 303]
    assert Session.objects.count() == 1


def test_06_a_result_played_again_after_the_login_is_refused(counter) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    first = counter.agent.result(job, card=counter.hpc)
    counter.browser.get(path_of(first.json()["return_url"]))
    assert refusal_code(counter.agent.result(job, card=counter.hpc)) == "CARD-EXPIRED"


def test_06_the_proof_of_one_login_serves_no_other(counter) -> None:
    first = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    second = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    answer = counter.agent.result(second, card=counter.hpc, card_changes={"nonce": first["nonce"]})
    assert refusal_code(answer) == "CARD-PROOF"


def test_07_no_two_transactions_share_a_nonce(counter) -> None:
    start_log_in(counter.browser, "HPC")
    nonce = latest().nonce
    start_log_in(counter.browser, "HPC")
    with pytest.raises(IntegrityError), transaction.atomic():
        CardTransaction.objects.filter(pk=latest().pk).update(nonce=nonce)


def test_10_a_reading_typed_by_hand_is_refused(counter) -> None:
    """Without an agent that claimed it, and with one that is not enrolled."""
    login = start_log_in(counter.browser, "NHI")
    body = {"agent": "typed", "card": None, "reading": counter.nhi_card}
    assert refusal_code(counter.agent.post(login, "result", body)) == "AGENT-PROOF"
    assert refusal_code(FakeAgent().claim(login)) == "CARD-NOT-ENROLLED"


def test_10_a_reading_other_than_the_signed_one_is_refused(counter) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, "NHI")).json()
    sign = counter.agent.sign

    def sign_another(payload: dict[str, Any]) -> str:
        return sign(payload | {"reading_digest": "x" * 43})

    counter.agent.sign = sign_another  # type: ignore[method-assign]
    answer = counter.agent.result(job, reading=counter.nhi_card)
    assert refusal_code(answer) == "AGENT-PROOF"


@pytest.mark.parametrize(
    "serializer",
    [
        ClaimSerializer,
        ResultSerializer,
        RemovalSerializer,
        EnrolmentSerializer,
        ModuleClaimsSerializer,
    ],
)
def test_12_no_agent_call_has_a_place_for_a_pin(serializer) -> None:
    assert not [name for name in serializer().fields if "pin" in name.lower().split("_")]


def test_12_no_page_of_the_server_asks_for_a_pin(counter) -> None:
    page = counter.browser.get("/log-in/").content.decode()
    assert 'type="password"' not in page
    assert 'name="pin"' not in page


def test_14_a_spoofed_address_changes_nothing(counter) -> None:
    """Guesses are counted by card and workstation, which no header names."""
    login = start_log_in(counter.browser, "NHI")
    page = show(counter.browser, counter.agent, login, reading=counter.nhi_card)["Location"]
    answers = [
        counter.browser.post(
            page, {"password": "wrong"}, headers={"X-Forwarded-For": f"10.0.0.{number}"}
        )
        for number in range(6)
    ]
    assert [answer.status_code for answer in answers] == [403] * 5 + [429]


def test_16_a_planted_session_key_is_not_taken_over(counter) -> None:
    counter.browser.cookies[settings.SESSION_COOKIE_NAME] = "planted-by-an-attacker"
    log_in(counter.browser, counter.agent, counter.hpc)
    attacker = Client()
    attacker.cookies[settings.SESSION_COOKIE_NAME] = "planted-by-an-attacker"
    assert attacker.get("/my/").status_code == 302
    assert counter.browser.cookies[settings.SESSION_COOKIE_NAME].value != "planted-by-an-attacker"


def test_17_a_session_carried_to_another_workstation_reads_no_card_there(counter) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    other = FakeAgent()
    other.enrol(counter.institution)
    answer = other.claim(transaction_of(counter.browser.post("/booking/")))
    assert refusal_code(answer) == "CARD-WORKSTATION"


def test_18_switching_users_leaves_nothing_of_the_last_one(counter) -> None:
    """Messages, session and its readings: the next person starts clean."""
    log_in(counter.browser, counter.agent, counter.hpc)
    reading = transaction_of(counter.browser.post("/booking/"))
    page = show(counter.browser, counter.agent, reading, reading=counter.nhi_card)["Location"]
    cancelled = transaction_of(counter.browser.post("/booking/"))
    counter.browser.get(f"/cards/{cancelled}/return?cancelled=1")  # leaves a message
    other = make_member(counter.institution, make_person_with(OTHER_ID, "張志豪"))
    log_in(counter.browser, counter.agent, issue(counter.hpc_authority, OTHER_ID))
    home = counter.browser.get("/my/").content.decode()
    assert "張志豪" in home
    assert "陳怡君" not in home
    assert "已取消" not in home
    assert Session.objects.get().person == other
    grant(other, entitle(counter.institution, source="OPERATOR"))
    assert counter.browser.get(page).status_code == 410


def test_18_a_message_does_not_outlive_the_logout_of_its_reader(counter) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    cancelled = transaction_of(counter.browser.post("/booking/"))
    counter.browser.get(f"/cards/{cancelled}/return?cancelled=1")
    home = counter.browser.post("/log-out/", follow=True).content.decode()
    assert "已登出" in home
    assert "已取消" not in home


def test_21_the_workstations_clock_plays_no_part(counter) -> None:
    """Signed a day early or late, and with claims about time: only the server's clock counts."""
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    day = int(timedelta(days=1).total_seconds())
    changes = {"iat": int(time.time()) + day, "exp": int(time.time()) - day}
    answer = counter.agent.result(
        job, card=counter.hpc, agent_changes=changes, card_changes=changes
    )
    assert answer.status_code == 200


def test_21_five_minutes_are_the_servers(counter, monkeypatch) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    later = timezone.now() + timedelta(minutes=5, seconds=1)
    monkeypatch.setattr(clock, "now", lambda: later)
    assert refusal_code(counter.agent.result(job, card=counter.hpc)) == "CARD-EXPIRED"


@pytest.mark.parametrize(
    "revoked", ["person", "card", "membership", "institution", "workstation", "grant"]
)
def test_22_what_is_taken_away_counts_at_the_next_click(counter, revoked) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    assert counter.browser.get("/booking/").status_code == 200
    change = {
        "person": lambda: Person.objects.update(is_active=False),
        "card": lambda: block_credential(credential=Credential.objects.get(), by=BY),
        "membership": lambda: Membership.objects.update(state=MembershipState.ENDED),
        "institution": lambda: Institution.objects.update(status=InstitutionStatus.SUSPENDED),
        "workstation": lambda: revoke_workstation(workstation=counter.workstation, by=BY),
        "grant": lambda: counter.person.grant_set.all().delete(),
    }[revoked]
    change()
    assert counter.browser.get("/booking/").status_code in {302, 403}


def test_24_no_get_of_a_stranger_opens_a_session(counter) -> None:
    url = answered(counter)
    for path in ("/", "/log-in/", "/check/", url.split("?")[0], url):
        assert settings.SESSION_COOKIE_NAME not in Client().get(path).cookies
    assert latest().state == TransactionState.ANSWERED
    assert not Session.objects.exists()


@pytest.mark.parametrize("version", ["0.0.9", "", "unknown"])
def test_25_an_old_agent_is_refused_before_any_card_is_touched(counter, version) -> None:
    login = start_log_in(counter.browser, "HPC")
    payload = {"transaction": login, "origin": settings.ORIGIN, "step": "claim"}
    body = {"agent": counter.agent.sign(payload), "version": version or "x", "demo": True}
    answer = counter.agent.post(login, "claim", body)
    assert (answer.status_code, refusal_code(answer)) == (403, "AGENT-OLD")
    assert latest().state == TransactionState.STARTED


def test_25_the_lowest_version_is_a_setting(counter, settings) -> None:
    settings.AGENT_MINIMUM_VERSION = "0.2.0"
    assert refusal_code(counter.agent.claim(start_log_in(counter.browser, "HPC"))) == "AGENT-OLD"
    settings.AGENT_MINIMUM_VERSION = "0.0.10"
    assert counter.agent.claim(start_log_in(counter.browser, "HPC")).status_code == 200


def test_25_a_service_may_want_a_newer_agent_than_the_platform(counter) -> None:
    """At the claim, and in the decision: a session of an old agent does not get in either."""
    log_in(counter.browser, counter.agent, counter.hpc)
    Service.objects.filter(pk="VBK").update(minimum_agent_version="0.1.1")
    page = counter.browser.get("/booking/")
    assert (page.status_code, refusal_code(page)) == (403, "ACC-AGENT")
    Service.objects.filter(pk="VBK").update(minimum_agent_version="")
    login, reading = (
        start_log_in(Client(), "HPC"),
        transaction_of(counter.browser.post("/booking/")),
    )
    Service.objects.filter(pk="VBK").update(minimum_agent_version="0.1.1")
    assert counter.agent.claim(login).status_code == 200
    assert refusal_code(counter.agent.claim(reading)) == "AGENT-OLD"
    counter.agent.version = "0.1.1"
    assert counter.agent.claim(reading).status_code == 200
    log_in(counter.browser, counter.agent, counter.hpc)
    assert counter.browser.get("/booking/").status_code == 200


@pytest.mark.parametrize(
    ("told", "kept"),
    [("0.1.0", "0.1.0"), ("v2.3-rc1", "2.3.1"), ("99999999999999999999", "999999"), ("?", "")],
)
def test_25_whatever_an_agent_calls_its_version_can_be_compared(told, kept) -> None:
    assert plain_version(told) == kept
