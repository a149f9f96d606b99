"""HIS functions over a real pcscd: virtual cards behind PC/SC, PIN cards by PIV and by PKCS#11 (G6)."""

import base64
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import httpx
import pytest
from cryptography import x509

from agent.his.functions import DIAGNOSES_EXAMPLE
from agent.settings import Settings
from agent.web.app import build_agent, build_app
from tests.agent.card_folder import nhi_card, pki_card
from tests.agent.pki import Issued
from tests.agent.running import listening, serving
from tests.agent.waiting import wait_until
from tests.his.fake_his_server import VISIT, FakeHisServer
from tests.his.test_functions import CARD, NO_DATA
from tests.pcsc.conftest import Rack
from tests.pcsc.vendor_modules import OPENSC, SOFTHSM, make_token

WHOSE = {
    "pDateTime": "1151124093000",
    "pPatientID": "A123456789",
    "pPatientBirthDate": "0340101",
}


@pytest.fixture
def his_server() -> Iterator[FakeHisServer]:
    with listening() as (bound, port):
        fake = FakeHisServer(f"http://localhost:{port}")
        with serving(fake.app(), bound):
            yield fake


class Program:
    def __init__(self, origin: str, token: str) -> None:
        headers = {"Authorization": f"Bearer {token}"}
        self.http = httpx.Client(base_url=origin, headers=headers, timeout=30, trust_env=False)

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        answer: dict[str, Any] = self.http.post(f"/his/{name}", json=arguments).json()
        return answer

    def buffer(self, name: str, **arguments: Any) -> bytes:
        answer = self.call(name, **arguments)
        assert answer["code"] == 0, answer
        return base64.b64decode(answer["buffer"])


@contextmanager
def program(
    home: Path, rack: Rack, server: FakeHisServer, module: Path | None = None
) -> Iterator[Program]:
    with listening() as (bound, port):
        settings = Settings(home, port, None, 2, pkcs11_module=module)
        agent = build_agent(settings)
        agent.servers.trust(server.origin)
        rack.watching.append(agent.backend)
        made = Program(settings.origin, agent.his_token)
        with made.http, serving(build_app(agent), bound):
            yield made


@pytest.mark.parametrize("byte_wise", [False, True], ids=["T=1", "T=0"])
def test_cards_of_both_generations_give_their_bytes(
    home: Path, rack: Rack, his_server: FakeHisServer, byte_wise: bool
) -> None:
    with program(home, rack, his_server) as his:
        assert his.call("hisGetBasicData")["code"] == 4013
        rack.insert(nhi_card(), byte_wise=byte_wise)
        assert his.buffer("hisGetBasicData") == CARD + NO_DATA
        rack.pull()
        rack.insert(nhi_card(generation=2, faults={"cold_read": True}), byte_wise=byte_wise)
        assert his.buffer("hisGetBasicData") == CARD + NO_DATA
        assert (
            his.buffer("hisGetSeqNumber256N1", cTreatItem="01")[-20:]
            == VISIT["identifier"].encode()
        )


def test_csSoftwareReset_opens_the_readers_anew(
    home: Path, rack: Rack, his_server: FakeHisServer
) -> None:
    with program(home, rack, his_server) as his:
        rack.insert(nhi_card())
        assert his.buffer("hisGetBasicData") == CARD + NO_DATA
        before = rack.watching[-1].snapshot()
        assert his.call("csSoftwareReset", iType="0")["code"] == 0
        wait_until(lambda: any(rack.watching[-1].snapshot()), "the card is seen again")
        assert rack.watching[-1].snapshot() != before
        assert his.buffer("hisGetBasicData") == CARD + NO_DATA


@pytest.mark.parametrize("module", [None, OPENSC], ids=["piv", "pkcs11"])
def test_a_write_takes_the_certificates_of_the_card_in_the_other_reader(
    home: Path,
    rack: Rack,
    his_server: FakeHisServer,
    module: Path | None,
    ca: Issued,
    pharmacist: Issued,
) -> None:
    with program(home, rack, his_server, module) as his:
        rack.insert(nhi_card(), "ONE")
        assert (
            his.call("hisWriteTreatmentCode", pDataWrite=DIAGNOSES_EXAMPLE, **WHOSE)["code"] == 4014
        )
        rack.insert(pki_card(pharmacist, ca, holder="陳怡君"), "TWO")
        data = his.buffer("hisWriteTreatmentCode", pDataWrite=DIAGNOSES_EXAMPLE, **WHOSE)
        assert data == b"A234567893\0"
        assert his.call("hisGetCardStatus", CardType="3")["code"] == 2
    sent = [payload for call, payload in his_server.calls if call == "treatments"]
    leaf = base64.b64decode(sent[-1]["hpc"][0])
    assert x509.load_der_x509_certificate(leaf) == pharmacist.certificate


def test_a_card_in_a_vendors_module_signs_for_a_write_as_well(
    home: Path,
    rack: Rack,
    his_server: FakeHisServer,
    tmp_path: Path,
    ca: Issued,
    pharmacist: Issued,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    """SoftHSM2 is in no reader: a card that says nothing to us stands for it in the second one."""
    from tests.agent.pki import issue_by_stranger

    for name, value in make_token(tmp_path, pharmacist, ca).items():
        monkeypatch.setenv(name, value)
    stranger = issue_by_stranger("A. Stranger")
    rack.insert(nhi_card(), "ONE")
    rack.insert(pki_card(stranger, stranger, holder="A. Stranger"), "TWO")
    with program(home, rack, his_server, SOFTHSM) as his:
        wait_until(lambda: his.call("hisGetBasicData")["code"] == 0, "the card is read")
        told = his.call("hisWriteTreatmentCode", pDataWrite=DIAGNOSES_EXAMPLE, **WHOSE)
        assert told["code"] == 0, told


def test_a_card_pulled_and_another_put_in_is_another_patient(
    home: Path, rack: Rack, his_server: FakeHisServer
) -> None:
    from tests.agent.card_folder import CITIZEN_PROFILE

    other = CITIZEN_PROFILE | {"national_id": "C121103509", "name": "王大明"}
    with program(home, rack, his_server) as his:
        rack.insert(nhi_card())
        first = his.buffer("hisGetBasicData")
        rack.pull()
        assert his.call("hisGetSeqNumber256", cTreatItem="01")["code"] == 4013
        rack.insert(nhi_card(profile=other))
        assert his.buffer("hisGetBasicData")[32:42] == b"C121103509" != first[32:42]
        told = his.call("hisWriteTreatmentFee", pDataWrite="0" * 38, **WHOSE)
        assert told["code"] == 5020
