"""Writes of a visit on the agent's side: layouts, cards, signatures (FEATURES G3)."""

import base64

import pytest
from cryptography import x509

from agent.his.functions import DIAGNOSES_EXAMPLE, FEES_EXAMPLE, ORDER_EXAMPLE
from tests.agent.pki import Issued
from tests.his.conftest import His
from tests.his.fake_his_server import FakeHisServer

WHOSE = {
    "pDateTime": "1151124093000 ",
    "pPatientID": "A123456789 ",
    "pPatientBirthDate": "0340101 ",
}

SPREAD = "1 J069   " + "  I10    " + " " * 36


@pytest.fixture
def ready(inserted: His) -> His:
    """With the patient's card and the pharmacist's."""
    inserted.workstation.tray.insert(reader=1, card="hpc-chen")
    return inserted


def sent(server: FakeHisServer) -> dict:
    return server.calls[-1][1]


@pytest.mark.parametrize(
    "written",
    [
        DIAGNOSES_EXAMPLE,
        DIAGNOSES_EXAMPLE + " ",
        DIAGNOSES_EXAMPLE + "\0",
        DIAGNOSES_EXAMPLE.rstrip(),
        SPREAD,
    ],
    ids=["43 bytes", "a blank", "a NUL", "trimmed", "54 bytes"],
)
def test_1_16_takes_both_layouts_and_answers_the_physician(
    ready: His, server: FakeHisServer, written: str
) -> None:
    data = ready.buffer("hisWriteTreatmentCode", pDataWrite=written, **WHOSE)
    assert data == b"A234567893\0"
    call, payload = server.calls[-1]
    assert call == "treatments"
    assert (payload["make_up"], payload["function"]) == ("1", "1.16")
    assert payload["visited_at"] == "1151124093000"
    assert (payload["national_id"], payload["birth_date"]) == ("A123456789", "0340101")
    assert payload["diagnoses"] == ["J069", "I10"]
    assert "fees" not in payload


def test_the_certificates_of_the_card_in_the_reader_go_along(
    ready: His, server: FakeHisServer, pharmacist: Issued
) -> None:
    ready.buffer("hisWriteTreatmentCode", pDataWrite=DIAGNOSES_EXAMPLE, **WHOSE)
    holder, *_ = (x509.load_der_x509_certificate(base64.b64decode(c)) for c in sent(server)["hpc"])
    assert holder == pharmacist.certificate


def test_1_17_writes_fees_without_a_physicians_card(inserted: His, server: FakeHisServer) -> None:
    told = inserted.call("hisWriteTreatmentFee", pDataWrite=FEES_EXAMPLE, **WHOSE)
    assert (told["code"], told.get("buffer")) == (0, None)
    assert sent(server)["fees"] == {
        "fee": 412,
        "copayment": 50,
        "inpatient_fee": 0,
        "inpatient_copayment_30": 0,
        "inpatient_copayment_180": 0,
    }
    assert "hpc" not in sent(server)
    assert "diagnoses" not in sent(server)


def test_1_47_writes_both(ready: His, server: FakeHisServer) -> None:
    written = DIAGNOSES_EXAMPLE + FEES_EXAMPLE
    assert ready.buffer("hisWriteTreatmentData", pDataWrite=written, **WHOSE) == b"A234567893\0"
    assert sent(server)["diagnoses"] == ["J069", "I10"]
    assert sent(server)["fees"]["copayment"] == 50


def test_1_48_answers_forty_bytes(ready: His, server: FakeHisServer) -> None:
    server.answers["prescriptions"] = {"signatures": ["M" * 40]}
    data = ready.buffer("hisWritePrescriptionSign", pDataWrite=ORDER_EXAMPLE, **WHOSE)
    assert data == b"M" * 40
    assert sent(server)["orders"] == [ORDER_EXAMPLE]


def test_1_49_answers_forty_bytes_for_each_order(ready: His, server: FakeHisServer) -> None:
    other = ORDER_EXAMPLE[:14] + "A000000100  " + ORDER_EXAMPLE[26:]
    data = ready.buffer(
        "hisWriteMultiPrescriptSign",
        pDataWrite=ORDER_EXAMPLE + other,
        iWriteCount=2,
        **WHOSE,
    )
    assert data == ("M" * 39 + "1" + "M" * 39 + "2").encode()
    assert sent(server)["orders"] == [ORDER_EXAMPLE, other]


def test_named_fields_make_the_same_bytes(ready: His, server: FakeHisServer) -> None:
    server.answers["prescriptions"] = {"signatures": ["M" * 40]}
    fields = {
        "visited_at": "1151124093000",
        "kind": "1",
        "code": "AC38422100",
        "usage": "TID",
        "days": 3,
        "total": "9.0",
        "delivery": "01",
    }
    ready.buffer("hisWritePrescriptionSign", fields=fields, **WHOSE)
    assert sent(server)["orders"] == [ORDER_EXAMPLE]
    codes = {"make_up": "2", "diagnosis_1": "J06.9", "diagnosis_2": "I10"}
    ready.buffer("hisWriteTreatmentCode", fields=codes, **WHOSE)
    assert sent(server)["diagnoses"] == ["J069", "I10"]
    assert sent(server)["make_up"] == "2"


@pytest.mark.parametrize(
    ("name", "written", "field"),
    [
        ("hisWriteTreatmentCode", "", "pDataWrite"),
        ("hisWriteTreatmentCode", "1" + " " * 42, "diagnosis_1"),
        ("hisWriteTreatmentCode", "1J069   " + " " * 7 + "I10    ", "diagnosis_2"),
        ("hisWriteTreatmentCode", "1" + "王" * 10, "pDataWrite"),
        ("hisWriteTreatmentCode", "1" * 60, "pDataWrite"),
        ("hisWriteTreatmentFee", "x" * 38, "fee"),
        ("hisWritePrescriptionSign", ORDER_EXAMPLE * 2, "pDataWrite"),
        ("hisWritePrescriptionSign", ORDER_EXAMPLE.replace("00009.0", "9.00000"), "total"),
        ("hisWriteMultiPrescriptSign", ORDER_EXAMPLE * 61, "pDataWrite"),
    ],
)
def test_what_cannot_be_meant_is_named(ready: His, server, name, written, field) -> None:
    told = ready.call(name, pDataWrite=written, **WHOSE)
    assert (told["code"], told["detail"]) == (-1, {"field": field})
    assert "treatments" not in {call for call, _ in server.calls}


def test_a_count_that_does_not_fit_is_refused(ready: His) -> None:
    told = ready.call(
        "hisWriteMultiPrescriptSign", pDataWrite=ORDER_EXAMPLE, iWriteCount=2, **WHOSE
    )
    assert (told["code"], told["detail"]) == (-1, {"field": "iWriteCount"})


def test_another_patients_card_is_not_written_to(ready: His, server: FakeHisServer) -> None:
    whose = WHOSE | {"pPatientID": "C121103509"}
    told = ready.call("hisWriteTreatmentCode", pDataWrite=DIAGNOSES_EXAMPLE, **whose)
    assert told["code"] == 5020
    assert server.calls == []


def test_without_the_professionals_card_only_fees_are_written(
    inserted: His, server: FakeHisServer
) -> None:
    for name, written in (
        ("hisWriteTreatmentCode", DIAGNOSES_EXAMPLE),
        ("hisWriteTreatmentData", DIAGNOSES_EXAMPLE + FEES_EXAMPLE),
        ("hisWritePrescriptionSign", ORDER_EXAMPLE),
        ("hisWriteMultiPrescriptSign", ORDER_EXAMPLE),
    ):
        assert inserted.call(name, pDataWrite=written, **WHOSE)["code"] == 4014
    assert server.calls == []


def test_fast_authentication_does_without_the_card(inserted: His, server: FakeHisServer) -> None:
    inserted.workstation.agent.standing.prove_card(None, fast_for=60)
    inserted.buffer("hisWriteTreatmentCode", pDataWrite=DIAGNOSES_EXAMPLE, **WHOSE)
    assert sent(server)["hpc"] is None


def test_the_servers_field_reaches_the_his(ready: His, server: FakeHisServer) -> None:
    ready.call("hisQuickInsurence", cTreatItem="01")
    server.refusals = [(400, "HIS-FIELD")]
    told = ready.call("hisWritePrescriptionSign", pDataWrite=ORDER_EXAMPLE, **WHOSE)
    assert told["code"] == -1
