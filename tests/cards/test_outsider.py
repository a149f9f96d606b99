"""An outsider's scripts against logins, readings and step-ups: what they send, and that it ends nowhere.

Beside the threats by number (test_threats) and the single rules (test_login, test_step_up): here the
attacker has a browser, an agent of their own or a captured part of somebody else's way, and mixes them.
"""

import base64
import json
from typing import Any

import jwt
import pytest
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat
from django.conf import settings
from django.test import Client

from apps.accounts.models import Session
from apps.accounts.terms import CardKind
from apps.cards.models import Reading
from tests.cards.outsider import answer, code_in, make_colleague, make_counter, start_reading
from tests.support.cards import (
    NHI_CARD,
    FakeAgent,
    PkiCard,
    b64,
    issue,
    latest,
    log_in,
    refusal_code,
    start_log_in,
    transaction_of,
    trust,
)
from tests.support.logins import OTHER_ID, Counter
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db
STEP_UP = {"service": "VBK", "next": "/booking/"}


@pytest.fixture
def counter() -> Counter:
    return make_counter()


@pytest.fixture
def colleague(counter: Counter) -> PkiCard:
    return make_colleague(counter)


# --- ways crossed --------------------------------------------------------------------------------


def test_a_code_opens_no_other_transaction_of_the_same_browser(counter: Counter) -> None:
    mine, other = (start_log_in(counter.browser, "HPC") for _ in range(2))
    code = code_in(answer(counter, mine, card=counter.hpc))
    answer(counter, other, card=counter.hpc)
    page = counter.browser.get(f"/cards/{other}/return?code={code}")
    assert (page.status_code, refusal_code(page)) == (410, "CARD-EXPIRED")
    assert not Session.objects.exists()


def test_a_reading_started_in_one_session_is_not_handed_to_the_next(
    counter: Counter, colleague: PkiCard
) -> None:
    """The same browser, its transaction cookie and all; another person has logged in meanwhile."""
    log_in(counter.browser, counter.agent, counter.hpc)
    way_back = answer(counter, start_reading(counter.browser), reading=NHI_CARD)
    log_in(counter.browser, counter.agent, colleague)
    page = counter.browser.get(way_back)
    assert (page.status_code, refusal_code(page)) == (403, "CARD-OTHER-BROWSER")
    reading = Reading.objects.get()
    assert counter.browser.get(f"/booking/{reading.pk}/").status_code == 410


def test_stolen_transaction_cookies_finish_nothing_in_another_session(
    counter: Counter, colleague: PkiCard
) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    reading, step_up = (
        start_reading(counter.browser),
        transaction_of(counter.browser.post("/step-up/", STEP_UP)),
    )
    ways = [
        answer(counter, reading, reading=NHI_CARD),
        answer(counter, step_up, card=counter.hpc),
    ]
    thief = Client()
    log_in(thief, counter.agent, colleague)
    before = Session.objects.get(person__name="張志豪").card_proof_at
    for name, morsel in counter.browser.cookies.items():
        if name != settings.SESSION_COOKIE_NAME:
            thief.cookies[name] = morsel.value
    for way in ways:
        assert refusal_code(thief.get(way)) == "CARD-OTHER-BROWSER"
    assert Session.objects.get(person__name="張志豪").card_proof_at == before


def test_of_two_answers_only_the_last_ones_code_counts(
    counter: Counter, colleague: PkiCard
) -> None:
    """Two cards shown one after the other at the same agent: the browser gets what was shown last."""
    transaction = start_log_in(counter.browser, "HPC")
    first = answer(counter, transaction, card=colleague)
    second = answer(counter, transaction, card=counter.hpc)
    assert refusal_code(counter.browser.get(first)) == "CARD-EXPIRED"
    assert counter.browser.get(second).status_code == 303
    assert Session.objects.get().person == counter.person
    again = counter.agent.claim(transaction)
    assert refusal_code(again) == "CARD-EXPIRED"


def test_a_step_up_is_not_finished_by_a_login_of_the_same_card(counter: Counter) -> None:
    """The code of a login given to the step-up's way back, and the other way round."""
    log_in(counter.browser, counter.agent, counter.hpc)
    key = counter.browser.cookies[settings.SESSION_COOKIE_NAME].value
    step_up = transaction_of(counter.browser.post("/step-up/", STEP_UP))
    login = start_log_in(counter.browser, "HPC")
    codes = {each: code_in(answer(counter, each, card=counter.hpc)) for each in (step_up, login)}
    for one, other in ((step_up, login), (login, step_up)):
        page = counter.browser.get(f"/cards/{one}/return?code={codes[other]}")
        assert refusal_code(page) == "CARD-EXPIRED"
    assert counter.browser.cookies[settings.SESSION_COOKIE_NAME].value == key


def test_another_institutions_agent_serves_no_session_of_ours(counter: Counter) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    theirs = FakeAgent()
    theirs.enrol(make_institution(name="安心藥局"))
    for started in (
        start_reading(counter.browser),
        transaction_of(counter.browser.post("/step-up/", STEP_UP)),
    ):
        refused = theirs.claim(started)
        assert (refused.status_code, refusal_code(refused)) == (403, "CARD-WORKSTATION")


def test_an_agent_that_claimed_does_not_answer_for_another_workstation(counter: Counter) -> None:
    """The proof is signed by the agent's own key: another one's word is no answer to its claim."""
    log_in(counter.browser, counter.agent, counter.hpc)
    job = counter.agent.claim(start_reading(counter.browser)).json()
    other = FakeAgent()
    other.enrol(counter.institution)
    assert refusal_code(other.result(job, reading=NHI_CARD)) == "CARD-OTHER-AGENT"
    assert not Reading.objects.exists()


# --- answers of another kind -----------------------------------------------------------------------


@pytest.mark.parametrize("kind", ["CITIZEN", "INSTITUTION", "NHI", "", "ADMIN"])
def test_a_card_that_was_not_asked_for_is_refused_whatever_it_says_it_is(
    counter: Counter, kind: str
) -> None:
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    said = {"card_kind": kind}
    refused = counter.agent.result(job, card=counter.hpc, agent_changes=said, card_changes=said)
    assert (refused.status_code, refusal_code(refused)) == (403, "CARD-KIND")


def test_a_signature_answers_no_reading_and_a_reading_no_login(counter: Counter) -> None:
    login = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    assert counter.agent.result(login, reading=NHI_CARD).status_code == 403
    log_in(counter.browser, counter.agent, counter.hpc)
    reading = counter.agent.claim(start_reading(counter.browser)).json()
    assert counter.agent.result(reading, card=counter.hpc).status_code == 403
    assert counter.agent.result(reading).status_code == 400  # of the right kind, and empty
    assert not Reading.objects.exists()


HOSTILE = {
    "a list": {"name": ["王"]},
    "a long name": {"name": "王" * 21},
    "a NUL": {"name": "王\x00明"},
    "turned writing": {"name": "王\u202e明"},
    "a number too many": {"card_number": "0" * 13},
    "a number that is none": {"card_number": 12345},
    "no birth date": {"birth_date": None},
    "a birth date in words": {"birth_date": "昨天"},
    "an object": {"birth_date": {"year": 1968}},
    "a wrong check digit": {"national_id": "C121103508"},
    "full-width digits": {"national_id": "Ｃ１２１１０３５０９"},
    "somebody's passport": {"national_id": "X12345678"},
    "neither yes nor no": {"cancelled": "false"},
    "a phone too long": {"emergency_phone": "0" * 15},
}


@pytest.mark.parametrize("changes", HOSTILE.values(), ids=HOSTILE.keys())
def test_a_reading_of_another_shape_is_refused_and_kept_nowhere(
    counter: Counter, changes: dict[str, Any]
) -> None:
    log_in(counter.browser, counter.agent, counter.hpc)
    job = counter.agent.claim(start_reading(counter.browser)).json()
    refused = counter.agent.result(job, reading=NHI_CARD | changes)
    assert refused.status_code in {400, 403}
    assert refusal_code(refused).startswith("NHI-")
    assert not Reading.objects.exists()


# --- signatures that are none ----------------------------------------------------------------------


def forged(header: dict[str, Any], payload: dict[str, Any], signature: bytes = b"") -> str:
    parts = (json.dumps(part).encode() for part in (header, payload))
    return ".".join([*map(b64, parts), b64(signature)])


def test_tokens_without_a_signature_or_by_the_public_key_prove_nothing(counter: Counter) -> None:
    """`none`, and HMAC with what everybody knows: the oldest tricks with JWS."""
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    certificate = counter.hpc.chain[0]
    x5c = [base64.b64encode(certificate.public_bytes(Encoding.DER)).decode()]
    public = certificate.public_key().public_bytes(Encoding.DER, PublicFormat.SubjectPublicKeyInfo)
    payload = {
        **{name: job[name] for name in ("transaction", "origin", "nonce", "purpose")},
        "card_kind": "HPC",
        "reading_digest": "",
    }
    head = {"typ": "ankang-card+jwt", "x5c": x5c}
    tokens = [
        forged(head | {"alg": "none"}, payload),
        forged(head | {"alg": "ES256"}, payload, bytes(64)),
        forged(head | {"alg": "RS256"}, payload, bytes(256)),
        jwt.encode(payload, b"x" * 32 + public, algorithm="HS256", headers=head),
        "..",
        "",
        "\u0000",
    ]
    for token in tokens:
        body = {
            "agent": counter.agent.sign(payload | {"step": "result"}),
            "card": token,
            "reading": None,
        }
        refused = counter.agent.post(job["transaction"], "result", body)
        assert refused.status_code in {400, 403}, token
    assert latest().code_digest == ""


def test_a_trusted_certificate_does_not_lend_its_trust_to_another_key(counter: Counter) -> None:
    """The attacker signs with a card of an own authority and sends ours along."""
    other = issue(trust(CardKind.CITIZEN), OTHER_ID)
    job = counter.agent.claim(start_log_in(counter.browser, "HPC")).json()
    for chain in ([*counter.hpc.chain, *other.chain], [*other.chain, *counter.hpc.chain]):
        refused = counter.agent.result(job, card=PkiCard(CardKind.HPC, other.key, chain))
        assert refused.status_code == 403
    assert latest().code_digest == ""


def test_an_agents_key_is_the_one_that_signed_and_not_the_one_that_is_named(
    counter: Counter,
) -> None:
    stranger = FakeAgent()
    sign = stranger.sign
    named = {"kty": "OKP", "crv": "Ed25519", "x": counter.agent.public_key}
    stranger.sign = lambda payload: sign(payload, jwk=named)  # type: ignore[method-assign]
    log_in(counter.browser, counter.agent, counter.hpc)
    refused = stranger.claim(start_reading(counter.browser))
    assert (refused.status_code, refusal_code(refused)) == (403, "AGENT-PROOF")
