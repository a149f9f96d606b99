"""Login by card, as the server sees it: who may return as whom, and everything that must not work."""

import pytest
from django.test import Client

from apps.access.models import Membership
from apps.access.terms import MembershipState
from apps.accounts.models import Credential, Person, Session
from apps.accounts.terms import CardKind, CredentialState, SessionRole
from apps.cards.models import CardTransaction, RevokedCertificate
from apps.cards.terms import TransactionState
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from tests.support.cards import FakeAgent, issue, latest, log_in, path_of, transaction_of, trust
from tests.support.world import (
    in_days,
    make_institution,
    make_member,
    make_operator,
)

pytestmark = pytest.mark.django_db

NATIONAL_ID = "A223456781"


class Place:
    """A pharmacy with an enrolled agent, a pharmacist with an HPC, and a browser in front of both."""

    def __init__(self) -> None:
        self.institution = make_institution()
        self.agent = FakeAgent()
        self.workstation = self.agent.enrol(self.institution)
        self.authority = trust(CardKind.HPC)
        self.card = issue(self.authority, NATIONAL_ID)
        self.person = make_person_with(NATIONAL_ID)
        make_member(self.institution, self.person)
        self.browser = Client()

    def start(self, card_kind: str = "HPC") -> str:
        return transaction_of(self.browser.post("/log-in/", {"card_kind": card_kind}))

    def claim(self, transaction: str | None = None) -> dict:
        return self.agent.claim(transaction or self.start()).json()


def make_person_with(national_id: str) -> Person:
    identity = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
    return Person.objects.create(identity_id=identity, name="陳怡君")


@pytest.fixture
def place() -> Place:
    return Place()


def test_logs_in_with_a_session_of_this_person_here(place, events) -> None:
    response = log_in(place.browser, place.agent, place.card)

    assert (response.status_code, response["Location"]) == (303, "/my/")
    session = Session.objects.get()
    assert session.person == place.person
    assert session.role == SessionRole.STAFF
    assert session.institution_id == place.institution.pk
    assert session.workstation_id == place.workstation.pk
    assert (session.card_kind, session.profession) == ("HPC", "D")
    (event,) = [event for event in events() if event["action"] == "log_in"]
    assert (event["outcome"], event["actor"]) == ("permitted", place.person.pk)
    assert event["workstation"] == place.workstation.pk


def test_claim_tells_the_agent_what_to_do(place) -> None:
    transaction = place.start()
    job = place.claim(transaction)
    assert job["transaction"] == transaction
    assert len(job["nonce"]) == 43
    assert (job["purpose"], job["cards"], job["pin"]) == ("login", ["HPC"], "always")
    assert (job["institution"], job["enrolled"]) == ("健全藥局", True)
    assert job["return_url"].endswith(f"/cards/{transaction}/return")
    assert 290 <= job["expires_in"] <= 300


def test_claim_is_idempotent_for_the_same_agent_only(place) -> None:
    transaction = place.start()
    assert place.claim(transaction)["nonce"] == place.claim(transaction)["nonce"]
    other = FakeAgent()
    refused = other.claim(transaction)
    assert (refused.status_code, refused.json()["code"]) == (409, "CARD-OTHER-AGENT")


@pytest.mark.parametrize(
    "changes", [{"origin": "https://evil.test"}, {"transaction": "x" * 43}, {"step": "result"}]
)
def test_a_claim_signed_for_something_else_is_refused(place, changes) -> None:
    refused = place.agent.claim(place.start(), **changes)
    assert (refused.status_code, refused.json()["code"]) == (403, "AGENT-PROOF")


def test_a_result_may_be_repeated_until_the_code_is_used(place) -> None:
    """The agent's connection broke before the answer came: it asks again and the login still works once."""
    job = place.claim()
    first = place.agent.result(job, card=place.card).json()["return_url"]
    second = place.agent.result(job, card=place.card).json()["return_url"]
    assert place.browser.get(path_of(first)).status_code == 410
    assert place.browser.get(path_of(second)).status_code == 303
    assert place.agent.result(job, card=place.card).status_code == 410


def test_reload_and_back_after_the_login_are_harmless(place) -> None:
    job = place.claim()
    url = path_of(place.agent.result(job, card=place.card).json()["return_url"])
    assert place.browser.get(url)["Location"] == "/my/"
    key = place.browser.cookies["ankang_session"].value
    assert place.browser.get(url)["Location"] == "/my/"
    assert place.browser.cookies["ankang_session"].value == key
    assert Session.objects.count() == 1


def test_another_browser_cannot_finish(place, events) -> None:
    """Threats 4 and 5: a lured victim's card ends nowhere."""
    job = place.claim()
    url = path_of(place.agent.result(job, card=place.card).json()["return_url"])
    response = Client().get(url)
    assert response.status_code == 403
    assert b"CARD-OTHER-BROWSER" in response.content
    assert not Session.objects.exists()
    assert [event["outcome"] for event in events()][-1] == "refused"


def test_two_tabs_each_keep_their_own_transaction(place) -> None:
    first, second = place.start(), place.start()
    for transaction in (second, first):
        job = place.claim(transaction)
        url = path_of(place.agent.result(job, card=place.card).json()["return_url"])
        assert place.browser.get(url).status_code == 303


def test_the_session_key_changes_with_each_login(place) -> None:
    log_in(place.browser, place.agent, place.card)
    before = place.browser.cookies["ankang_session"].value
    log_in(place.browser, place.agent, place.card)
    assert place.browser.cookies["ankang_session"].value != before
    assert Session.objects.count() == 1
    assert Session.objects.get().session_key != before


@pytest.mark.parametrize(
    "name", ["transaction", "origin", "nonce", "purpose", "card_kind", "reading_digest"]
)
@pytest.mark.parametrize("signer", ["agent_changes", "card_changes"])
def test_each_signed_part_counts(place, name, signer) -> None:
    """Threats 1, 6 and 20: a signature for another server, transaction, nonce or purpose is worth nothing."""
    refused = place.agent.result(place.claim(), card=place.card, **{signer: {name: "other"}})
    assert refused.status_code == 403
    assert refused.json()["code"] in {"AGENT-PROOF", "CARD-PROOF", "CARD-KIND"}
    assert latest().state == TransactionState.CLAIMED


def test_a_result_of_another_agent_is_refused(place) -> None:
    job = place.claim()
    refused = FakeAgent().result(job, card=place.card)
    assert (refused.status_code, refused.json()["code"]) == (409, "CARD-OTHER-AGENT")


def test_the_wrong_kind_of_card_is_refused(place) -> None:
    citizen = issue(trust(CardKind.CITIZEN), NATIONAL_ID, kind=CardKind.CITIZEN)
    refused = place.agent.result(place.claim(), card=citizen)
    assert refused.json()["code"] == "CARD-KIND"


def test_an_authority_counts_for_its_own_kind_only(place) -> None:
    """Threat 8: a citizen authority cannot issue a health professional card."""
    impostor = issue(trust(CardKind.CITIZEN), NATIONAL_ID, kind=CardKind.HPC)
    refused = place.agent.result(place.claim(), card=impostor)
    assert refused.json()["code"] == "CARD-CERT-ISSUER"


def test_a_revoked_certificate_is_refused(place) -> None:
    log_in(place.browser, place.agent, place.card)
    session = Session.objects.get()
    RevokedCertificate.objects.create(
        issuer=session.card_issuer, serial=session.card_serial, revoked_at=clock.now()
    )
    refused = place.agent.result(place.claim(), card=place.card)
    assert refused.json()["code"] == "CARD-CERT-REVOKED"


def test_a_blocked_card_is_refused_though_the_person_may(place) -> None:
    log_in(place.browser, place.agent, place.card)
    Credential.objects.update(state=CredentialState.BLOCKED)
    refused = place.agent.result(place.claim(), card=place.card)
    assert refused.json()["code"] == "CARD-BLOCKED"


@pytest.mark.parametrize("reason", ["stranger", "left", "elsewhere"])
def test_who_does_not_belong_here_gets_one_answer(place, reason) -> None:
    """Threat 15: the message does not tell whether somebody is registered, or where."""
    if reason == "stranger":
        place.card = issue(place.authority, "F226789013")
    elif reason == "left":
        Person.objects.update(is_active=False)
    else:
        Membership.objects.update(institution=make_institution())
    refused = place.agent.result(place.claim(), card=place.card)
    assert (refused.status_code, refused.json()["code"]) == (403, "LOGIN-NOT-HERE")


@pytest.mark.parametrize(
    "change", [{"state": MembershipState.ENDED}, {"valid_until": in_days(-1)}], ids=str
)
def test_who_has_left_is_told_so(place, change) -> None:
    """Card and PIN have proved that it is the person whom this is about."""
    Membership.objects.update(**change)
    refused = place.agent.result(place.claim(), card=place.card)
    assert (refused.status_code, refused.json()["code"]) == (403, "LOGIN-ENDED")


def test_a_virtual_card_is_refused_by_a_real_server(place, settings) -> None:
    settings.DEMO = False
    refused = place.agent.claim(place.start())
    assert (refused.status_code, refused.json()["code"]) == (403, "CARD-DEMO")


def test_a_demo_authority_is_not_trusted_by_a_real_server(place, settings) -> None:
    job = place.claim()
    settings.DEMO = False
    refused = place.agent.result(job, card=place.card)
    assert refused.json()["code"] == "CARD-CERT-ISSUER"


def test_an_expired_transaction_is_refused(place) -> None:
    job = place.claim()
    CardTransaction.objects.update(expires_at=clock.now())
    assert place.agent.claim(job["transaction"]).json()["code"] == "CARD-EXPIRED"
    assert place.agent.result(job, card=place.card).json()["code"] == "CARD-EXPIRED"


def test_prefetch_does_not_use_up_the_code(place) -> None:
    job = place.claim()
    url = path_of(place.agent.result(job, card=place.card).json()["return_url"])
    assert place.browser.get(url, headers={"Sec-Purpose": "prefetch"}).status_code == 400
    assert place.browser.get(url).status_code == 303


def test_cancelling_leads_back_to_the_page_it_started_from(place) -> None:
    transaction = place.start()
    place.claim(transaction)
    response = place.browser.get(f"/cards/{transaction}/return?cancelled=1")
    assert (response.status_code, response["Location"]) == (303, "/log-in/")
    assert latest().state == TransactionState.CANCELLED
    assert place.agent.claim(transaction).json()["code"] == "CARD-EXPIRED"


def test_the_login_page_says_when_no_agent_came(place) -> None:
    """The commonest fault: the browser stood before a page that cannot be reached and came back."""
    assert "agent_missing" in place.browser.get("/log-in/").context
    assert place.browser.get("/log-in/").context["agent_missing"] is False
    transaction = place.start()
    assert place.browser.get("/log-in/").context["agent_missing"] is True
    place.claim(transaction)
    assert place.browser.get("/log-in/").context["agent_missing"] is False


@pytest.mark.parametrize("role", [SessionRole.OPERATOR, SessionRole.AUDITOR])
def test_platform_roles_log_in_with_the_citizen_certificate(place, role) -> None:
    person = make_operator(role)
    Person.objects.filter(pk=person.pk).update(
        identity_id=identify(kind=IdentifierKind.NATIONAL_ID, value="E221112226")
    )
    citizen = issue(trust(CardKind.CITIZEN), "E221112226", kind=CardKind.CITIZEN)
    log_in(place.browser, place.agent, citizen)
    session = Session.objects.get()
    assert (session.role, session.institution_id) == (role, None)


def test_a_platform_role_needs_the_citizen_certificate(place) -> None:
    """An operator with an HPC is whoever the HPC makes him: staff of nowhere."""
    person = make_operator()
    Person.objects.filter(pk=person.pk).update(
        identity_id=identify(kind=IdentifierKind.NATIONAL_ID, value="E221112226")
    )
    refused = place.agent.result(place.claim(), card=issue(place.authority, "E221112226"))
    assert refused.json()["code"] == "LOGIN-NOT-HERE"


def test_an_unenrolled_agent_logs_in_for_the_only_institution(place) -> None:
    log_in(place.browser, FakeAgent(), place.card)
    session = Session.objects.get()
    assert (session.institution_id, session.workstation_id) == (place.institution.pk, None)


def test_logging_out_ends_the_session(place, events) -> None:
    log_in(place.browser, place.agent, place.card)
    response = place.browser.post("/log-out/")
    assert response["Location"] == "/"
    assert not Session.objects.exists()
    assert events()[-1]["action"] == "log_out"
    assert place.browser.get("/my/")["Location"].startswith("/log-in/")


def test_round_trips_of_a_login(place, round_trips) -> None:
    """At most 15 each for the result and for the browser's return (issue 2)."""
    log_in(place.browser, place.agent, place.card)  # the first use of a card is remembered
    job = place.claim()
    with round_trips(at_most=15):
        done = place.agent.result(job, card=place.card)
    with round_trips(at_most=15):
        place.browser.get(path_of(done.json()["return_url"]))
