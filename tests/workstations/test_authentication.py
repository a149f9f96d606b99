"""SAM authentication (SAM 認證; manual 4): an agent proves that it is a workstation (protocol, 9)."""

from datetime import timedelta

import pytest
from django.core import signing

from apps.core import clock
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.proofs import CHALLENGE, CHALLENGE_LIFETIME
from apps.workstations.services import revoke_workstation
from tests.support.cards import FakeAgent, refusal_code
from tests.support.world import BY, make_institution

pytestmark = pytest.mark.django_db


@pytest.fixture
def agent() -> FakeAgent:
    agent = FakeAgent()
    agent.enrol(make_institution(code="5931000001"))
    return agent


def test_a_workstation_is_told_its_codes_and_the_time(agent) -> None:
    told = agent.authenticate().json()
    assert told.pop("now") == pytest.approx(clock.now().timestamp(), abs=30)
    assert told == {
        "institution_code": "5931000001",
        "institution_name": "健全藥局",
        "module_code": told["module_code"],
        "name": "",
        "newest_version": "0.1.0",
    }
    assert len(told["module_code"]) == 12


def test_the_list_shows_when_and_with_which_version(agent) -> None:
    workstation = Institution.objects.get(code="5931000001").workstation_set.get()
    agent.version = "0.1.7"
    agent.authenticate()
    workstation.refresh_from_db()
    assert workstation.agent_version == "0.1.7"
    assert workstation.last_seen_at > clock.now() - timedelta(minutes=1)


def test_11_a_revoked_workstation_is_told_so_at_its_next_call(agent, events) -> None:
    revoke_workstation(workstation=Institution.objects.get().workstation_set.get(), by=BY)
    answer = agent.authenticate()
    assert (answer.status_code, refusal_code(answer)) == (403, "WS-REVOKED")
    assert [event["action"] for event in events()][-1] == "authenticate_workstation"


def test_an_institution_that_is_not_active_has_no_workstations(agent) -> None:
    Institution.objects.update(status=InstitutionStatus.SUSPENDED)
    assert refusal_code(agent.authenticate()) == "SAM-REVOKED"


def test_a_key_that_was_never_enrolled_is_unknown() -> None:
    answer = FakeAgent().authenticate()
    assert (answer.status_code, refusal_code(answer)) == (403, "WS-UNKNOWN")


@pytest.mark.parametrize(
    "changes", [{"origin": "https://evil.test"}, {"step": "claim"}, {"step": "enrol"}]
)
def test_01_what_was_signed_for_something_else_counts_nothing(agent, changes) -> None:
    assert refusal_code(agent.authenticate(**changes)) == "AGENT-PROOF"


@pytest.mark.parametrize(
    "challenge",
    ["", "x", signing.dumps("x", salt="another")],
    ids=["empty", "unsigned", "signed for something else"],
)
def test_06_only_over_a_challenge_of_this_server(agent, challenge) -> None:
    answer = agent.authenticate(challenge=challenge)
    assert (answer.status_code, refusal_code(answer)) == (409, "AGENT-CHALLENGE")


def test_06_a_challenge_lives_for_a_minute(agent, monkeypatch) -> None:
    assert timedelta(minutes=1) == CHALLENGE_LIFETIME
    old = agent.challenge()
    monkeypatch.setattr("apps.workstations.proofs.CHALLENGE_LIFETIME", timedelta(seconds=-1))
    assert refusal_code(agent.authenticate(challenge=old)) == "AGENT-CHALLENGE"
    assert signing.loads(old, salt=CHALLENGE)


def test_no_database_row_is_made_for_a_challenge(agent, django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        agent.challenge()
