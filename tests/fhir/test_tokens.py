"""Who may read: a workstation's agent for its institution, an auditor for a session, no cookie ever."""

from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client

from apps.access.models import Service
from apps.access.terms import EntitlementState
from apps.accounts.models import Session
from apps.accounts.terms import CardKind, SessionRole
from apps.audit.actors import Actor
from apps.audit.services import LogUnavailable
from apps.core import clock
from apps.institutions.terms import InstitutionStatus
from apps.workstations.fhir import reading
from apps.workstations.terms import WorkstationState
from apps.workstations.tokens import TokenRefused, issue_session_token, read_token
from tests.fhir.program import Program, refused, valid
from tests.support.cards import FakeAgent
from tests.support.world import Pharmacy, make_operator, open_session

pytestmark = pytest.mark.django_db


def test_a_workstation_gets_a_token_and_reads(program, events) -> None:
    answer = program.ask_token().json()
    assert (answer["token_type"], answer["expires_in"]) == ("Bearer", 300)
    valid(program.get("Slot"))
    issued, read = events()[-2:]
    assert (issued["action"], read["action"]) == ("issue_token", "read_fhir")
    for event in (issued, read):
        assert event["institution"] == program.institution.pk
        assert event["workstation"] == program.workstation.pk
    assert read["entitlement_id"] == program.entitlement.pk


def test_without_a_token(program) -> None:
    answer = Client().get("/fhir/Slot")
    issue = refused(answer, 401, "FHIR-401")
    assert issue["code"] == "login"
    assert answer["WWW-Authenticate"] == 'Bearer realm="fhir"'


def test_a_cookie_is_no_token() -> None:
    pharmacy = Pharmacy("FHIR")
    browser = Client()
    browser.cookies[settings.SESSION_COOKIE_NAME] = pharmacy.session().session_key
    refused(browser.get("/fhir/Slot"), 401, "FHIR-401")


@pytest.mark.parametrize(
    "header", ["Bearer", "Bearer ", "Basic eDp5", "Bearer junk", "Bearer a:b:c"]
)
def test_a_broken_header(header) -> None:
    answer = Client().get("/fhir/Slot", headers={"Authorization": header})
    assert answer.status_code == 401


def test_a_token_lives_five_minutes(program, time_machine) -> None:
    time_machine.move_to(clock.now(), tick=False)
    token = program.token
    time_machine.shift(timedelta(minutes=4, seconds=50))
    valid(program.get("Slot"))
    time_machine.shift(timedelta(seconds=20))
    assert program.token == token
    refused(program.get("Slot"), 401, "FHIR-TOKEN")


def test_a_nonce_serves_once(program) -> None:
    nonce = program.nonce()
    assert program.ask_token(nonce=nonce).status_code == 200
    refused(program.ask_token(nonce=nonce), 403, "FHIR-NONCE")


def test_a_nonce_is_fresh_and_ours(program, time_machine) -> None:
    refused(program.ask_token(nonce="made-up"), 403, "FHIR-NONCE")
    time_machine.move_to(clock.now(), tick=False)
    nonce = program.nonce()
    time_machine.shift(timedelta(seconds=70))
    refused(program.ask_token(nonce=nonce), 403, "FHIR-NONCE")


@pytest.mark.parametrize("changes", [{"step": "claim"}, {"origin": "https://elsewhere.example"}])
def test_a_proof_of_something_else(program, changes) -> None:
    refused(program.ask_token(**changes), 403, "AGENT-PROOF")


def test_an_agent_that_is_not_enrolled(program, events) -> None:
    program.agent = FakeAgent()
    refused(program.ask_token(), 403, "FHIR-ENROL")
    assert [event["outcome"] for event in events()] == ["refused"]


def test_a_revoked_workstation_is_out_at_once(program) -> None:
    valid(program.get("Slot"))
    program.workstation.state = WorkstationState.REVOKED
    program.workstation.save()
    refused(program.get("Slot"), 401, "FHIR-TOKEN")


def suspend_entitlement(program: Program) -> None:
    program.entitlement.state = EntitlementState.SUSPENDED
    program.entitlement.save()


def drop_entitlement(program: Program) -> None:
    program.entitlement.delete()


def close_institution(program: Program) -> None:
    program.institution.status = InstitutionStatus.SUSPENDED
    program.institution.save()


def switch_off(program: Program) -> None:
    Service.objects.filter(pk="FHIR").update(enabled=False)


def ask_for_another_kind(program: Program) -> None:
    Service.objects.filter(pk="FHIR").update(audience_kinds=["GOVERNMENT"])


def ask_for_a_network(program: Program) -> None:
    Service.objects.filter(pk="FHIR").update(needs_network=True)


@pytest.mark.parametrize(
    ("change", "reason"),
    [
        (suspend_entitlement, "entitlement_ended"),
        (drop_entitlement, "not_entitled"),
        (close_institution, "institution_inactive"),
        (switch_off, "service_off"),
        (ask_for_another_kind, "wrong_audience"),
        (ask_for_a_network, "unknown_network"),
    ],
)
def test_what_the_institution_may_is_decided_each_time(program, events, change, reason) -> None:
    valid(program.get("Slot"))
    change(program)
    refused(program.get("Slot"), 403, "ANK-403")
    last = events()[-1]
    assert (last["outcome"], last["reason"]) == ("refused", reason)


def test_an_auditors_token_reads_no_institutions_data_and_ends_with_the_session() -> None:
    session = open_session(
        make_operator(SessionRole.AUDITOR), role=SessionRole.AUDITOR, card_kind=CardKind.CITIZEN
    )
    by = Actor(person=session.person_id, role=SessionRole.AUDITOR, session=session.id)
    token = issue_session_token(by=by).text
    assert read_token(token, by=Actor()).role == SessionRole.AUDITOR
    answer = Client().get("/fhir/Appointment", headers={"Authorization": f"Bearer {token}"})
    refused(answer, 403, "ANK-403")
    Session.objects.all().delete()
    with pytest.raises(TokenRefused):
        read_token(token, by=Actor())


def test_no_row_no_data(program, monkeypatch) -> None:
    def fail(events):
        raise LogUnavailable(reason="event_not_written")

    token = program.token
    monkeypatch.setattr(reading, "record_many", fail)
    answer = Client().get("/fhir/Slot", headers={"Authorization": f"Bearer {token}"})
    assert refused(answer, 503, "AUD-503")["code"] == "transient"
