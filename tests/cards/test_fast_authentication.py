"""Fast authentication of health professional cards (醫師卡快速認證; manual 4), and threat 19.

For 8 hours after the PIN, services that accept it do without the card. The workstation switches it
on, never in remote mode; which services accept it is the operators' data.
"""

from datetime import timedelta
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.db import IntegrityError, transaction
from django.test import Client

from apps.access.models import Grant, Service
from apps.access.policies import decide
from apps.access.terms import NEVER_FAST, ProofRecency, Reason
from apps.accounts.models import Session
from apps.accounts.terms import CardKind
from apps.cards.models import FAST_LIFETIME
from apps.core import clock
from apps.workstations.services import revoke_workstation
from tests.support.cards import (
    FakeAgent,
    PkiCard,
    issue,
    path_of,
    refusal_code,
    start_log_in,
    transaction_of,
    trust,
)
from tests.support.logins import NATIONAL_ID, Counter
from tests.support.world import BY, entitle, grant

pytestmark = pytest.mark.django_db

FAST = {"fast_authentication": True, "remote_session": False}


class FastCounter(Counter):
    """With one reader: the pharmacist's card makes room for the citizen's."""

    def __init__(self) -> None:
        super().__init__()
        grant(self.person, entitle(self.institution))
        self.rules(leaves_on_removal=True, accepts_fast_authentication=True)

    def rules(self, **fields: Any) -> None:
        Service.objects.filter(pk="VBK").update(**fields)

    def log_in_and_pull(
        self, card: PkiCard | None = None, agent: FakeAgent | None = None, **claims: Any
    ) -> Any:
        """The server's answer to the result; afterwards the card is out of the reader."""
        agent = agent or self.agent
        login = start_log_in(self.browser, card.kind if card else "HPC", "CHIP_READER")
        job = agent.claim(login).json()
        answer = agent.result(job, card=card or self.hpc, agent_changes=claims).json()
        self.browser.get(path_of(answer["return_url"]))
        agent.remove(login)
        return answer

    @property
    def reason(self) -> Reason:
        return decide(session=Session.objects.get().id, service="VBK").reason


@pytest.fixture
def counter() -> FastCounter:
    return FastCounter()


def test_the_card_may_leave_for_8_hours(counter, events) -> None:
    before = clock.now()
    answer = counter.log_in_and_pull(**FAST)
    assert timedelta(hours=8) == FAST_LIFETIME
    assert 28_790 <= answer["fast_for"] <= 28_800
    until = Session.objects.get().card_fast_until
    assert before + FAST_LIFETIME <= until <= clock.now() + FAST_LIFETIME
    assert counter.browser.get("/booking/").status_code == 200
    (event,) = [event for event in events() if event["action"] == "log_in"]
    assert event["detail"]["fast_authentication"] is True


def test_the_8_hours_are_fixed(counter) -> None:
    """Use does not prolong them; only the card and its PIN start them anew."""
    counter.log_in_and_pull(**FAST)
    counter.browser.get("/booking/")
    Session.objects.update(card_fast_until=clock.now())
    page = counter.browser.get("/booking/")
    assert (page.status_code, refusal_code(page)) == (403, "ACC-CARD")
    again = transaction_of(
        counter.browser.post("/step-up/", {"next": "/booking/", "service": "VBK"})
    )
    job = counter.agent.claim(again).json()
    answer = counter.agent.result(job, card=counter.hpc, agent_changes=FAST).json()
    counter.browser.get(path_of(answer["return_url"]))
    counter.agent.remove(again)
    assert counter.browser.get("/booking/").status_code == 200


@pytest.mark.parametrize(
    "claims",
    [
        {},
        {"fast_authentication": False, "remote_session": False},
        {"fast_authentication": True},
        {"fast_authentication": True, "remote_session": True},
        {"fast_authentication": "true", "remote_session": False},
    ],
    ids=["silent", "off", "no word on remote", "remote", "not a boolean"],
)
def test_off_by_default_and_never_in_remote_mode(counter, claims) -> None:
    assert "fast_for" not in counter.log_in_and_pull(**claims)
    assert Session.objects.get().card_fast_until is None
    assert counter.reason == Reason.CARD_REMOVED


def test_only_at_an_enrolled_workstation(counter) -> None:
    counter.rules(needs_workstation=False)
    assert "fast_for" not in counter.log_in_and_pull(agent=FakeAgent(), **FAST)
    assert counter.reason == Reason.CARD_REMOVED


def test_only_for_health_professional_cards(counter) -> None:
    counter.rules(card_kinds=[], professions=[])
    citizen = issue(trust(CardKind.CITIZEN), NATIONAL_ID, kind=CardKind.CITIZEN)
    assert "fast_for" not in counter.log_in_and_pull(citizen, **FAST)
    assert counter.reason == Reason.CARD_REMOVED


def test_19_a_service_that_does_not_accept_it_wants_the_card(counter) -> None:
    counter.log_in_and_pull(**FAST)
    counter.rules(accepts_fast_authentication=False)
    assert counter.reason == Reason.CARD_REMOVED


@pytest.mark.parametrize(
    ("rules", "reason"),
    [
        # HIQS: 30 minutes, never by fast authentication. A service of NHI may accept it instead.
        ({"recency": ProofRecency.WITHIN, "recency_seconds": 1800}, Reason.PROOF_TOO_OLD),
        (
            {
                "recency": ProofRecency.WITHIN,
                "recency_seconds": 1800,
                "accepts_fast_authentication": True,
            },
            Reason.PERMITTED,
        ),
        # IMQ: a new signature at each query.
        ({"recency": ProofRecency.EACH, "recency_seconds": 60}, Reason.PROOF_TOO_OLD),
    ],
    ids=["HIQS", "NHI business", "IMQ"],
)
def test_19_an_old_proof_counts_only_where_the_service_says_so(counter, rules, reason) -> None:
    counter.log_in_and_pull(**FAST)
    counter.rules(**{"leaves_on_removal": False, "accepts_fast_authentication": False} | rules)
    Session.objects.update(card_proof_at=clock.now() - timedelta(hours=7))
    assert counter.reason == reason


def test_19_the_refusal_offers_to_show_the_card(counter) -> None:
    counter.log_in_and_pull(**FAST)
    counter.rules(accepts_fast_authentication=False)
    page = counter.browser.get("/booking/")
    assert refusal_code(page) == "ACC-CARD"
    assert b'data-action="step_up"' in page.content


@pytest.mark.parametrize("code", NEVER_FAST)
def test_19_the_services_of_other_agencies_cannot_be_told_to_accept_it(code) -> None:
    service = Service.objects.filter(pk=code).first() or Service(code=code, name=code, name_en=code)
    service.accepts_fast_authentication = True
    with pytest.raises(ValidationError, match="快速認證"):
        service.validate_constraints()
    with pytest.raises(IntegrityError), transaction.atomic():
        service.save()


def test_19_a_service_of_each_query_cannot_be_told_to_accept_it() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.filter(pk="VBK").update(
            recency=ProofRecency.EACH, accepts_fast_authentication=True
        )


def test_no_service_accepts_it_from_the_start() -> None:
    assert not Service.objects.filter(accepts_fast_authentication=True).exists()


@pytest.mark.parametrize("ended", ["workstation", "grant", "card"])
def test_it_dies_with_workstation_grant_and_card(counter, ended) -> None:
    counter.log_in_and_pull(**FAST)
    if ended == "workstation":
        revoke_workstation(workstation=counter.workstation, by=BY)
    elif ended == "grant":
        Grant.objects.all().delete()
    else:
        counter.browser.post(f"/account/cards/{counter.person.credential_set.get().pk}/block")
    assert counter.browser.get("/booking/").status_code in {302, 403}


def test_it_opens_no_session_by_itself(counter) -> None:
    """Whoever sits down next shows a card: fast authentication belongs to the session."""
    counter.log_in_and_pull(**FAST)
    counter.browser.post("/log-out/")
    assert counter.browser.get("/booking/").status_code == 302
    assert Client().get("/booking/").status_code == 302
