"""The whole thread: a HIS program, the agent, the server and PostgreSQL (FEATURES G1 to G6)."""

import base64
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography.hazmat.primitives.serialization import Encoding

from agent.settings import Settings
from agent.web.app import build_agent, build_app
from agent.web.context import Agent
from apps.accounts.terms import CardKind
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.portal.demo.cards import write_nhi_card
from apps.portal.demo.insurance import load_insurance
from apps.portal.demo.people import CITIZENS
from apps.portal.demo.pki import key_pem
from apps.records.models import Medication
from apps.visits.models import Prescription, Treatment, Visit
from tests.agent.card_folder import PIN, write_card
from tests.agent.running import listening, serving
from tests.support.cards import issue, trust
from tests.support.world import make_institution, make_member, make_person, make_workstation

pytestmark = pytest.mark.django_db(transaction=True)
PHARMACIST = "A223456781"
MORNING = "docs/examples/pharmacy_morning.py"


def write_cards(folder: Path) -> None:
    for number, citizen in enumerate(CITIZENS, start=1):
        write_nhi_card(folder, citizen, number=number)
    card = issue(trust(CardKind.HPC), PHARMACIST)
    content = {
        "kind": "HPC",
        "holder": "陳怡君",
        "pin": PIN,
        "certificate": "".join(c.public_bytes(Encoding.PEM).decode() for c in card.chain),
        "private_key": key_pem(card.key),
    }
    write_card(folder, "hpc-chen", content)


@pytest.fixture
def agent(tmp_path: Path, live_server: Any, settings: Any) -> Iterator[Agent]:
    """An enrolled agent of a pharmacy whose pharmacist is a member."""
    settings.ORIGIN = live_server.url
    institution = make_institution(code="5901012345")
    pharmacist = make_person()
    pharmacist.identity_id = identify(kind=IdentifierKind.NATIONAL_ID, value=PHARMACIST)
    pharmacist.save()
    make_member(institution, pharmacist)
    load_insurance()
    write_cards(tmp_path / "cards")
    with listening() as (bound, port):
        made = build_agent(Settings(tmp_path / "home", port, tmp_path / "cards", 2))
        make_workstation(institution, public_key=made.key.public)
        made.servers.trust(live_server.url)
        with serving(build_app(made), bound):
            yield made


def test_the_example_plays_a_pharmacys_morning(agent: Agent, live_server: Any, events) -> None:
    token = agent.settings.home / "his.token"
    command = [sys.executable, MORNING, agent.settings.origin, str(token), live_server.url]
    played = subprocess.run(command, capture_output=True, text=True, check=False)
    assert played.returncode == 0, played.stderr
    wang, lin, liu, wu, without = played.stdout.splitlines()
    assert "王大明: 0001" in wang
    assert "林堃喆: 0001" in lin
    assert "劉國榮: 0001" in liu
    assert "9095" in wu
    assert without.split()[-1][:3].isdecimal()
    assert Visit.objects.filter(counted=True).count() == 3
    assert Treatment.objects.filter(diagnoses=["J069"], fee=412, copayment=50).count() == 3
    assert Prescription.objects.count() == Medication.objects.count() == 3
    recorded = events()
    assert all(each["workstation"] and each["institution"] for each in recorded)
    assert [each["reason"] for each in recorded if each["outcome"] == "refused"] == ["HIS-9095"]
    written = [each for each in recorded if each["action"] == "write_prescriptions"]
    assert {each["card_kind"] for each in written} == {"HPC"}


def test_every_buffer_of_the_thread_has_its_bytes(agent: Agent, live_server: Any) -> None:
    agent.tray.insert(reader=0, card="nhi-wang")
    headers = {"Authorization": f"Bearer {agent.his_token}"}

    def call(name: str, **arguments: str) -> bytes:
        url = f"{agent.settings.origin}/his/{name}"
        answer = httpx.post(
            url, json=arguments, headers=headers, trust_env=False, timeout=30
        ).json()
        assert answer["code"] == 0, answer
        return base64.b64decode(answer["buffer"])

    basic = call("hisGetBasicData")
    assert len(basic) == 72
    number = call("hisGetSeqNumber256", cTreatItem="01")
    visit = Visit.objects.get()
    assert (
        number
        == (f"{number[:13].decode()}00015901012345{visit.signature}{visit.module_code}N").encode()
    )
    assert call("hisGetTreatNumICCard", pDateTime=number[:13].decode()) == visit.identifier.encode()
    register = call("hisGetRegisterBasic")
    assert register[:58] == basic[:58]
    assert register[58:61] == b"013"
    assert register[68:] == b"05" + b" " * 8
    assert call("hisGetRegisterBasic2") == register[61:70]
    assert call("hisGetLastSeqNum") == number[:3] + b"0001"
    again = call("hisGetSeqNumber256N1", cTreatItem="01")
    assert (len(again), again[13:17], again[295:296]) == (316, b"0002", b"Y")
