"""Security modules: applied for, downloaded once, put to use by one agent, revoked (protocol, 8)."""

import json
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.accounts.models import Session
from apps.accounts.services import service_account
from apps.accounts.terms import CardKind, SessionRole
from apps.core import clock
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.models import SecurityModule, Workstation
from apps.workstations.terms import ModuleState, WorkstationState
from tests.support.cards import FakeAgent, refusal_code, start_log_in
from tests.support.logins import sit_down
from tests.support.world import make_institution, make_member, open_session

pytestmark = pytest.mark.django_db


class Office:
    """An institution's representative at a browser."""

    def __init__(self) -> None:
        self.institution = make_institution()
        self.browser = Client()
        account = service_account(institution=self.institution.pk, name=self.institution.name)
        sit_down(
            self.browser,
            account,
            self.institution,
            role=SessionRole.REPRESENTATIVE,
            card_kind=CardKind.INSTITUTION,
        )

    def apply(self) -> SecurityModule:
        assert self.browser.post("/workstations/", {"name": "調劑櫃檯"}).status_code == 302
        return SecurityModule.objects.latest("applied_at")

    def download(self, module: SecurityModule | None = None) -> Any:
        module = module or self.apply()
        return self.browser.post(f"/workstations/modules/{module.pk}/download")

    def revoke(self, module: SecurityModule) -> Any:
        return self.browser.post(f"/workstations/modules/{module.pk}/revoke")

    def file(self) -> dict[str, Any]:
        """The content of a new module's file."""
        content: dict[str, Any] = json.loads(self.download().content)
        return content


@pytest.fixture
def office() -> Office:
    return Office()


def test_the_file_is_what_the_protocol_says(office) -> None:
    module = office.apply()
    answer = office.download(module)
    name = f"{office.institution.code}{module.module_code}.SAM"
    assert answer["Content-Disposition"] == f'attachment; filename="{name}"'
    body = json.loads(answer.content)
    assert body == {
        "format": "ankang-sam/1",
        "origin": "http://localhost:8000",
        "institution_code": office.institution.code,
        "institution_name": "健全藥局",
        "module_code": module.module_code,
        "token": body["token"],
        "pins": [],
    }
    assert len(module.module_code) == 12
    assert len(body["token"]) == 43


def test_on_https_the_file_carries_the_pins_of_the_servers_keys(office, settings) -> None:
    settings.SECURE, settings.TLS_PINS = True, ["sha256/present", "sha256/next"]
    assert office.file()["pins"] == ["sha256/present", "sha256/next"]


def test_the_table_holds_no_token(office) -> None:
    token = office.file()["token"]
    assert token not in str(SecurityModule.objects.values().get())


def test_a_module_is_downloaded_once(office) -> None:
    module = office.apply()
    office.download(module)
    answer = office.download(module)
    assert (answer.status_code, refusal_code(answer)) == (409, "SAM-DOWNLOADED")


def test_an_agent_becomes_a_workstation(office, events) -> None:
    agent, body = FakeAgent(), office.file()
    answer = agent.enrol_by(body)
    assert (answer.status_code, answer.json()) == (
        200,
        {
            "institution_code": office.institution.code,
            "institution_name": "健全藥局",
            "module_code": body["module_code"],
        },
    )
    workstation = Workstation.objects.get(public_key=agent.public_key)
    assert (workstation.institution, workstation.name) == (office.institution, "調劑櫃檯")
    assert workstation.module_code == body["module_code"]
    assert SecurityModule.objects.get().state == ModuleState.USED
    assert [event["action"] for event in events()] == [
        "apply_module",
        "download_module",
        "enrol_workstation",
    ]
    assert agent.claim(start_log_in(Client(), "HPC", "NHI_READER")).status_code == 200
    page = office.browser.get("/workstations/").content.decode()
    assert 'data-state="USED"' in page


def test_the_same_agent_may_repeat(office, events) -> None:
    agent, body = FakeAgent(), office.file()
    assert agent.enrol_by(body).json() == agent.enrol_by(body).json()
    assert Workstation.objects.count() == 1
    assert [event["action"] for event in events()].count("enrol_workstation") == 1


def test_another_agent_cannot_use_the_same_file(office) -> None:
    body = office.file()
    FakeAgent().enrol_by(body)
    answer = FakeAgent().enrol_by(body)
    assert (answer.status_code, refusal_code(answer)) == (409, "SAM-USED")


@pytest.mark.parametrize("changed", ["token", "module_code"])
def test_a_changed_file_is_refused(office, changed) -> None:
    answer = FakeAgent().enrol_by(office.file() | {changed: "0" * 12})
    assert (answer.status_code, refusal_code(answer)) == (403, "SAM-UNKNOWN")


def test_a_module_that_was_never_downloaded_cannot_be_guessed(office) -> None:
    module = office.apply()
    body = {"origin": "http://localhost:8000", "module_code": module.module_code, "token": ""}
    assert FakeAgent().enrol_by(body).status_code == 400
    assert refusal_code(FakeAgent().enrol_by(body | {"token": "x"})) == "SAM-UNKNOWN"


def test_after_30_days_the_file_is_refused(office) -> None:
    body = office.file()
    assert SecurityModule.objects.get().expires_at > clock.now() + timedelta(days=29)
    SecurityModule.objects.update(expires_at=clock.now())
    answer = FakeAgent().enrol_by(body)
    assert (answer.status_code, refusal_code(answer)) == (410, "SAM-EXPIRED")


@pytest.mark.parametrize("why", ["revoked", "institution suspended"])
def test_a_module_that_was_taken_back_is_refused(office, why) -> None:
    body = office.file()
    if why == "revoked":
        office.revoke(SecurityModule.objects.get())
    else:
        Institution.objects.update(status=InstitutionStatus.SUSPENDED)
    answer = FakeAgent().enrol_by(body)
    assert (answer.status_code, refusal_code(answer)) == (403, "SAM-REVOKED")


def test_a_workstation_of_another_institution_must_be_revoked_there_first(office) -> None:
    agent, other = FakeAgent(), Office()
    agent.enrol_by(other.file())
    body = office.file()
    answer = agent.enrol_by(body)
    assert (answer.status_code, refusal_code(answer)) == (409, "SAM-OTHER-INSTITUTION")
    other.revoke(SecurityModule.objects.get(institution=other.institution))
    assert agent.enrol_by(body).status_code == 200
    now = Workstation.objects.active().get()
    assert (now.public_key, now.institution) == (agent.public_key, office.institution)
    assert Workstation.objects.filter(institution=other.institution).count() == 1


def test_a_new_module_replaces_the_old_one_of_the_same_computer(office) -> None:
    agent = FakeAgent()
    agent.enrol_by(office.file())
    second = office.file()
    agent.enrol_by(second)
    assert Workstation.objects.get().module_code == second["module_code"]


def test_11_revoking_ends_the_sessions_of_the_workstation_at_once(office) -> None:
    agent = FakeAgent()
    agent.enrol_by(office.file())
    workstation = Workstation.objects.get()
    person = make_member(office.institution)
    open_session(person, office.institution, workstation_id=workstation.pk)
    open_session(person, office.institution)
    office.revoke(SecurityModule.objects.get())
    workstation.refresh_from_db()
    assert workstation.state == WorkstationState.REVOKED
    assert not Session.objects.filter(workstation_id=workstation.pk).exists()
    assert Session.objects.filter(person=person).count() == 1
    answer = agent.claim(start_log_in(Client(), "HPC"))
    assert (answer.status_code, refusal_code(answer)) == (403, "WS-REVOKED")


def test_a_computer_set_up_by_the_operator_can_be_revoked(office) -> None:
    workstation = FakeAgent().enrol(office.institution)
    assert str(workstation.pk) in office.browser.get("/workstations/").content.decode()
    office.browser.post(f"/workstations/{workstation.pk}/revoke")
    workstation.refresh_from_db()
    assert workstation.state == WorkstationState.REVOKED


def test_modules_of_other_institutions_are_not_found(office) -> None:
    theirs = Office().apply()
    assert office.download(theirs).status_code == 404
    assert office.revoke(theirs).status_code == 404
    assert theirs.module_code not in office.browser.get("/workstations/").content.decode()


@pytest.mark.parametrize("changes", [{"origin": "https://evil.test"}, {"step": "claim"}])
def test_an_enrolment_signed_for_something_else_is_refused(office, changes) -> None:
    answer = FakeAgent().enrol_by(office.file(), **changes)
    assert (answer.status_code, refusal_code(answer)) == (403, "AGENT-PROOF")


def test_a_refused_enrolment_is_in_the_log(office, events) -> None:
    FakeAgent().enrol_by(office.file() | {"token": "wrong"})
    event = events()[-1]
    assert (event["action"], event["outcome"]) == ("enrol_workstation", "refused")
    assert event["reason"] == "module_or_token_unknown"


def test_the_list_shows_when_a_workstation_was_last_seen(office) -> None:
    agent = FakeAgent()
    agent.enrol_by(office.file())
    Workstation.objects.update(last_seen_at=None, agent_version="")
    agent.claim(start_log_in(Client(), "HPC"))
    workstation = Workstation.objects.get()
    assert workstation.agent_version == "0.1.0"
    assert workstation.last_seen_at > clock.now() - timedelta(minutes=1)


def test_a_newly_contracted_institution_finds_one_module_ready(office, events) -> None:
    for _visit in range(2):
        assert office.browser.get("/workstations/").status_code == 200
    module = SecurityModule.objects.get(institution=office.institution)
    assert (module.state, module.applied_by) == (ModuleState.APPLIED, None)
    assert office.download(module).status_code == 200
    assert [event["action"] for event in events()].count("apply_module") == 1


@pytest.mark.parametrize("why", ["not contracted", "had one", "has a computer"])
def test_another_institution_applies_itself(office, why) -> None:
    if why == "not contracted":
        Institution.objects.filter(pk=office.institution.pk).update(contracted=False)
    elif why == "had one":
        office.revoke(office.apply())
    else:
        FakeAgent().enrol(office.institution)
    before = SecurityModule.objects.count()
    office.browser.get("/workstations/")
    assert SecurityModule.objects.count() == before


def test_a_replaced_module_ends_at_once_and_the_new_one_enrols(office) -> None:
    old, agent = office.file(), FakeAgent()
    agent.enrol_by(old)
    module = SecurityModule.objects.get()
    assert office.browser.post(f"/workstations/modules/{module.pk}/replace").status_code == 302
    assert refusal_code(agent.authenticate()) == "WS-REVOKED"
    new = SecurityModule.objects.get(state=ModuleState.APPLIED)
    assert (new.name, new.institution) == (module.name, office.institution)
    assert agent.enrol_by(json.loads(office.download(new).content)).status_code == 200
    assert agent.authenticate().json()["module_code"] == new.module_code


def test_nobody_replaces_the_module_of_a_stranger(office) -> None:
    module = Office().apply()
    assert office.browser.post(f"/workstations/modules/{module.pk}/replace").status_code == 404
