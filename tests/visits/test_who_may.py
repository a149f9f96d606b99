"""A call is believed by its workstation's key and a fresh challenge, and leaves one event (G6)."""

import pytest
from django.core.cache import cache

from apps.institutions.terms import InstitutionStatus
from apps.visits import workstations
from apps.workstations.terms import WorkstationState
from tests.support.cards import FakeAgent, refusal_code
from tests.support.his import HisWorkstation, make_status
from tests.support.world import make_institution

pytestmark = pytest.mark.django_db


def test_an_agent_without_a_module_gets_nothing(events) -> None:
    make_status()
    here = HisWorkstation()
    here.agent = FakeAgent()
    assert refusal_code(here.post("challenges", {})) == "HIS-4051"
    (event,) = events()
    assert (event["outcome"], event["reason"]) == ("refused", "workstation_unknown")


def test_a_revoked_workstation_is_refused_at_once() -> None:
    make_status()
    here = HisWorkstation()
    challenge = here.challenge()
    here.workstation.state = WorkstationState.REVOKED
    here.workstation.save()
    assert refusal_code(here.visit(challenge=challenge)) == "HIS-4051"


@pytest.mark.parametrize("fields", [{"status": InstitutionStatus.SUSPENDED}, {"contracted": False}])
def test_an_institution_that_may_not_is_told(fields, events) -> None:
    here = HisWorkstation(make_institution(**fields))
    answer = here.visit(challenge="")
    assert refusal_code(answer) == "HIS-9129"
    (event,) = events()
    assert event["institution"] == here.institution.pk


def test_virtual_cards_are_refused_by_a_real_server(settings) -> None:
    make_status()
    here = HisWorkstation()
    challenge = here.challenge()
    settings.DEMO = False
    assert refusal_code(here.visit(challenge=challenge)) == "HIS-4033"


def test_a_challenge_is_fresh_and_of_this_workstation(monkeypatch) -> None:
    make_status()
    here, elsewhere = HisWorkstation(), HisWorkstation()
    for challenge in ("", "nonsense", elsewhere.challenge()):
        assert refusal_code(here.visit(challenge=challenge)) == "HIS-CHALLENGE"
    old = here.challenge()
    monkeypatch.setattr(workstations, "CHALLENGE_SECONDS", -1)
    assert refusal_code(here.visit(challenge=old)) == "HIS-CHALLENGE"


def test_a_call_signed_for_something_else_does_not_count() -> None:
    make_status()
    here = HisWorkstation()
    challenge = here.challenge()
    for changes in ({"call": "registers"}, {"origin": "https://evil.example"}, {"step": "claim"}):
        answer = here.post("visits", {"challenge": challenge} | changes)
        assert refusal_code(answer) == "AGENT-PROOF"


def test_a_workstation_that_calls_too_often_is_slowed_down(monkeypatch) -> None:
    cache.clear()
    monkeypatch.setattr(workstations, "CALLS_A_MINUTE", 2)
    here = HisWorkstation()
    assert [here.post("challenges", {}).status_code for _ in range(3)] == [200, 200, 429]
    assert HisWorkstation().post("challenges", {}).status_code == 200


@pytest.mark.parametrize("call", ["registers", "insurance-checks", "readings"])
def test_what_is_told_of_a_patient_leaves_one_event(call, events) -> None:
    status = make_status()
    answer = HisWorkstation().call(call, treat_item="01", function="1.55")
    assert answer.status_code == 200
    (event,) = events()
    assert (event["patient"], event["service"], event["role"]) == (
        status.patient_id,
        "HIS",
        "WORKSTATION",
    )
    assert event["detail"] == {"action": "1.55"}


def test_a_refusal_names_the_patient_it_is_about(events) -> None:
    status = make_status(arrears=True)
    HisWorkstation().visit()
    (event,) = events()
    assert (event["patient"], event["outcome"]) == (status.patient_id, "refused")
    assert event["detail"] == {"code": "HIS-9095"}


def test_a_number_takes_seven_trips(round_trips) -> None:
    make_status()
    here = HisWorkstation()
    here.visit()
    challenge = here.challenge()
    with round_trips(at_most=7):
        assert here.visit(challenge=challenge).status_code == 200
