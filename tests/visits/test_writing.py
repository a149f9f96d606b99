"""Writes of a visit: every field checked, once per visit, signed, seen by the emergency query (G3, G5)."""

import base64
from datetime import timedelta
from decimal import Decimal

import pytest
from cryptography.hazmat.primitives.serialization import Encoding
from django.test import Client

from apps.accounts.models import Credential
from apps.accounts.terms import CardKind, CredentialState
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.records.models import Examination, Medication, PasswordFlag
from apps.visits.models import Prescription, Treatment
from tests.support.cards import NHI_CARD, PkiCard, issue, refusal_code, trust
from tests.support.his import HisWorkstation, make_status
from tests.support.world import make_member, make_person, open_session

pytestmark = pytest.mark.django_db
DOCTOR = "A234567893"
WHOSE = {"national_id": NHI_CARD["national_id"], "birth_date": "0570229"}


def chain_of(card: PkiCard) -> list[str]:
    return [base64.b64encode(each.public_bytes(Encoding.DER)).decode() for each in card.chain]


class Surgery(HisWorkstation):
    """A workstation with a visit under way and a physician's card in the reader."""

    def __init__(self, **status) -> None:
        super().__init__()
        self.status = make_status(**status)
        self.authority = trust(CardKind.HPC)
        self.doctor = self.person_of(DOCTOR)
        make_member(self.institution, self.doctor)
        self.hpc = chain_of(issue(self.authority, DOCTOR, holder="林醫師"))
        self.told = self.visit().json()
        self.whose = WHOSE | {"visited_at": self.told["visited_at"], "hpc": self.hpc}

    @staticmethod
    def person_of(national_id: str):
        person = make_person("林醫師")
        person.identity_id = identify(kind=IdentifierKind.NATIONAL_ID, value=national_id)
        person.save()
        return person

    def treat(self, **payload):
        whole = {"function": "1.16", "diagnoses": ["J069"], "make_up": "1"} | self.whose
        return self.call("treatments", **whole | payload)

    def prescribe(self, *orders: str, **payload):
        whole = {"function": "1.49", "orders": list(orders or [self.order()])} | self.whose
        return self.call("prescriptions", **whole | payload)

    def order(self, kind="1", code="AC38422100", part="", usage="TID", days="03", total="00009.0"):
        moment = self.told["visited_at"]
        return f"{moment}{kind}{code:<12}{part:<6}{usage:<18}{days}{total}01"


@pytest.fixture
def surgery() -> Surgery:
    return Surgery()


def test_diagnoses_are_written_once_and_corrected_by_another_write(surgery, events) -> None:
    assert surgery.treat().json() == {"doctor_id": DOCTOR, "revision": 1}
    assert surgery.treat().json()["revision"] == 1
    assert surgery.treat(diagnoses=["I10", "E119"], make_up="2").json()["revision"] == 2
    treatment = Treatment.objects.get()
    assert (treatment.diagnoses, treatment.make_up) == (["I10", "E119"], True)
    assert (treatment.doctor_name, treatment.doctor_id) == ("林醫師", surgery.doctor.identity_id)
    written = [each for each in events() if each["action"] == "write_treatment"]
    assert len(written) == 3
    assert {(each["actor"], each["card_kind"], each["patient"]) for each in written} == {
        (surgery.doctor.pk, "HPC", surgery.status.patient_id)
    }


def test_fees_join_the_diagnoses_and_need_no_card(surgery) -> None:
    fees = {
        "fee": 412,
        "copayment": 50,
        "inpatient_fee": None,
        "inpatient_copayment_30": None,
        "inpatient_copayment_180": None,
    }
    surgery.treat()
    payload = {name: surgery.whose[name] for name in ("national_id", "birth_date", "visited_at")}
    told = surgery.call("treatments", function="1.17", fees=fees, **payload)
    assert told.json() == {"doctor_id": "", "revision": 2}
    treatment = Treatment.objects.get()
    assert (treatment.diagnoses, treatment.fee, treatment.copayment) == (["J069"], 412, 50)


def test_an_order_is_stored_once_under_its_signature(surgery, events) -> None:
    twice = [surgery.prescribe().json() for _ in range(2)]
    assert twice[0] == twice[1]
    (signature,) = twice[0]["signatures"]
    assert len(signature) == 40
    stored = Prescription.objects.get()
    assert (stored.code, stored.usage, stored.days) == ("AC38422100", "TID", 3)
    assert (stored.total, stored.signature) == (Decimal("9.0"), signature)
    asked = {
        "signature": signature,
        "identifier": surgery.told["identifier"],
        "national_id": NHI_CARD["national_id"],
        "order": surgery.order(),
    }
    ask = Client().post("/his/v1/signatures", asked, content_type="application/json")
    assert ask.json() == {"valid": True}
    assert [
        each["result_count"] for each in events() if each["action"] == "write_prescriptions"
    ] == [
        1,
        1,
    ]


def test_several_orders_are_answered_in_their_order(surgery) -> None:
    orders = [surgery.order(), surgery.order(code="A000000100"), surgery.order()]
    signatures = surgery.prescribe(*orders).json()["signatures"]
    assert signatures[0] == signatures[2] != signatures[1]
    assert Prescription.objects.count() == 2


def test_what_is_written_shows_in_the_emergency_query(surgery) -> None:
    surgery.prescribe(surgery.order(), surgery.order(kind="3", code="18001C", usage="", days="  "))
    surgery.treat(diagnoses=["I4891"])
    drug, examination = Medication.objects.get(), Examination.objects.get()
    for each in (drug, examination):
        assert each.patient_id == surgery.status.patient_id
        assert (each.origin, each.institution_code) == ("CARD", surgery.institution.code)
        assert (each.visited_on, each.visit_number) == (clock.today(), "0001")
        assert (each.diagnosis_code, each.practitioner) == ("I48.91", "林醫師")
    assert (drug.code, drug.frequency, drug.days, drug.quantity) == (
        "AC38422100",
        "TID",
        3,
        Decimal("9.0"),
    )
    assert examination.code == "18001C"


def test_a_courses_lines_do_not_replace_those_of_its_first_visit(surgery) -> None:
    surgery.prescribe()
    surgery.told = surgery.visit(treat_item="AA").json()
    surgery.whose["visited_at"] = surgery.told["visited_at"]
    surgery.prescribe(surgery.order(code="A000000100"))
    assert Medication.objects.count() == 2


ORDERS = {
    "kind": {"kind": "5"},
    "code": {"code": ""},
    "code small": {"code": "ac384"},
    "part": {"part": "手"},
    "usage of a drug": {"usage": ""},
    "days of a drug": {"days": "00"},
    "days": {"days": "-1"},
    "total zero": {"total": "00000.0"},
    "total": {"total": "0000009"},
}


@pytest.mark.parametrize("change", ORDERS.values(), ids=list(ORDERS))
def test_every_field_of_an_order_is_checked(surgery, change) -> None:
    answer = surgery.prescribe(surgery.order(), surgery.order(**change))
    assert refusal_code(answer) == "HIS-FIELD"
    assert answer.json()["detail"]["fields"]
    assert not Prescription.objects.exists()


def test_an_order_of_another_visit_is_refused(surgery) -> None:
    line = "1000101000000" + surgery.order()[13:]
    answer = surgery.prescribe(line)
    assert answer.json()["detail"] == {"fields": {"visited_at": ["M11"]}}


@pytest.mark.parametrize(
    "wrong",
    [
        {"diagnoses": []},
        {"diagnoses": ["069"]},
        {"diagnoses": ["J06.9"]},
        {"diagnoses": ["J069"] * 7},
        {"make_up": "3"},
        {"visited_at": "1150230000000"},
        {"birth_date": "57/2/29"},
        {"hpc": ["x" * 9000]},
        {"fees": {"fee": -1}},
    ],
)
def test_every_field_of_a_treatment_is_checked(surgery, wrong) -> None:
    answer = surgery.treat(**wrong)
    assert refusal_code(answer) == "HIS-FIELD"
    assert answer.json()["detail"]["fields"]
    assert not Treatment.objects.exists()


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"national_id": "A123456789"}, "HIS-5020"),
        ({"birth_date": "0570228"}, "HIS-5020"),
        ({"visited_at": "1000101000000"}, "HIS-5022"),
        ({"hpc": None}, "HIS-4014"),
        ({"hpc": ["AAAA"]}, "HIS-9130"),
        ({"hpc": ["not base64"]}, "HIS-9130"),
    ],
)
def test_a_write_that_does_not_belong_together_is_refused(surgery, change, code, events) -> None:
    assert refusal_code(surgery.treat(**change)) == code
    # The moment stands in each order, too: there it is the first thing that does not fit.
    expected = "HIS-FIELD" if "visited_at" in change else code
    assert refusal_code(surgery.prescribe(**change)) == expected
    assert not Treatment.objects.exists()
    refused = [each for each in events() if each["outcome"] == "refused"]
    assert {each["patient"] for each in refused} == {surgery.status.patient_id}
    assert len(refused) == 2


def test_another_institutions_visit_is_unknown(surgery) -> None:
    elsewhere = HisWorkstation()
    make_member(elsewhere.institution, surgery.doctor)
    surgery.agent = elsewhere.agent
    assert refusal_code(surgery.treat()) == "HIS-5022"
    assert refusal_code(surgery.prescribe()) == "HIS-5022"


def test_only_who_works_here_may_write(surgery) -> None:
    stranger = chain_of(issue(surgery.authority, "F226789013", holder="許美玲"))
    assert refusal_code(surgery.treat(hpc=stranger)) == "HIS-9130"
    surgery.person_of("F226789013")
    assert refusal_code(surgery.treat(hpc=stranger)) == "HIS-9130"


def test_expired_foreign_and_blocked_cards_are_refused(surgery) -> None:
    expired = chain_of(issue(surgery.authority, DOCTOR, days=0))
    assert refusal_code(surgery.treat(hpc=expired)) == "HIS-9140"
    foreign = chain_of(issue(trust(CardKind.CITIZEN), DOCTOR))
    assert refusal_code(surgery.treat(hpc=foreign)) == "HIS-9130"
    surgery.treat()
    Credential.objects.filter(person=surgery.doctor).update(state=CredentialState.BLOCKED)
    assert refusal_code(surgery.treat(diagnoses=["I10"])) == "HIS-9130"


def test_fast_authentication_at_this_workstation_does_without_the_card(surgery) -> None:
    until = clock.now() + timedelta(hours=8)
    session = open_session(
        surgery.doctor,
        surgery.institution,
        workstation_id=surgery.workstation.pk,
        card_fast_until=until,
    )
    assert surgery.treat(hpc=None).json()["doctor_id"] == DOCTOR
    session.card_fast_until = clock.now()
    session.save()
    assert refusal_code(surgery.treat(hpc=None)) == "HIS-4014"


@pytest.mark.parametrize(
    ("known", "flag", "told"),
    [(True, None, True), (False, None, False), (None, True, True), (None, None, None)],
)
def test_1_36_asks_the_lists_and_keeps_what_they_say(known, flag, told) -> None:
    status = make_status(card_password=known)
    if flag is not None:
        PasswordFlag.objects.create(
            patient_id=status.patient_id, is_set=flag, known_on=clock.today()
        )
    answer = HisWorkstation().call("registers", function="1.36")
    assert answer.json()["password_set"] is told
    kept = PasswordFlag.objects.filter(patient_id=status.patient_id).first()
    assert (kept.is_set if kept else None) is told
