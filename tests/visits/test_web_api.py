"""Without a card: random number, signature, JSON with sCardType 3 (manual 4 chapter 5; FEATURES G4)."""

import hashlib
from datetime import timedelta

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone

from apps.core import clock
from apps.visits.identifiers import is_identifier
from apps.visits.models import RandomNumber, Visit
from apps.visits.moments import write_moment
from apps.workstations.terms import WorkstationState
from tests.support.cards import refusal_code
from tests.support.his import HisWorkstation, make_status

pytestmark = pytest.mark.django_db


class Counter(HisWorkstation):
    """A counter whose patient left the card at home."""

    def random(self) -> str:
        payload = {"challenge": self.challenge(), "service_code": "11"}
        answer = self.post("random-numbers", payload)
        assert answer.status_code == 200, answer.json()
        return answer.json()["random"]

    def sign(self, random: str) -> str:
        signed = f"ankang-random/1\n{settings.ORIGIN}\n{random}".encode()
        key = self.agent.key.public_key().public_bytes_raw()
        return (self.agent.key.sign(signed) + key + hashlib.sha256(signed).digest()).hex()

    def ask(self, **changes: str):
        random = changes.pop("random", None) or self.random()
        body = {
            "sServiceCode": "11",
            "sCardType": "3",
            "sRandom": random,
            "sSignature": self.sign(random),
            "sHospid": self.institution.code,
            "sSamid": self.workstation.module_code,
            "sPatid": "C121103509",
            "sPatbirth": "0570229",
            "sVisitdt": write_moment(clock.now()),
        }
        return Client().post(
            "/his/v1/treat-numbers", body | changes, content_type="application/json"
        )


def test_the_three_steps_lead_to_an_identifier(events) -> None:
    here = Counter()
    moment = write_moment(clock.now())
    random = here.random()
    first, again = (here.ask(random=random, sVisitdt=moment).json() for _ in range(2))
    assert first == again
    assert first["sReturnCode"] == "0"
    assert is_identifier(first["sTreatnum"])
    visit = Visit.objects.get()
    assert (visit.without_card, visit.sequence, visit.counted) == (True, "", False)
    recorded = [each for each in events() if each["action"] == "find_visit_identifier"]
    assert [each["patient"] for each in recorded] == [visit.patient_id] * 2
    assert {each["workstation"] for each in recorded} == {here.workstation.pk}


def test_a_visit_that_got_its_number_by_card_has_one_identifier_only() -> None:
    make_status()
    here = Counter()
    told = here.visit().json()
    assert here.ask(sVisitdt=told["visited_at"]).json()["sTreatnum"] == told["identifier"]
    elsewhere = Counter().ask(sVisitdt=told["visited_at"])
    assert elsewhere.json()["detail"] == {"fields": {"sVisitdt": ["elsewhere"]}}


def test_it_counts_as_a_visit_of_the_same_day(time_machine) -> None:
    """The number comes a second later; at midnight that would be another day."""
    noon = clock.now().astimezone(timezone.get_default_timezone()).replace(hour=12, minute=0)
    time_machine.move_to(noon, tick=False)
    make_status()
    here = Counter()
    assert here.ask().status_code == 200
    told = here.visit().json()
    assert (told["sequence"], told["same_day"]) == ("0001", "Y")


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"sCardType": "1"}, "sCardType"),
        ({"sServiceCode": "12"}, "sServiceCode"),
        ({"sSignature": "00"}, "sSignature"),
        ({"sPatid": "C121103508"}, "sPatid"),
        ({"sPatbirth": "57/2/29"}, "sPatbirth"),
        ({"sPatbirth": "0580229"}, "sPatbirth"),
        ({"sPatbirth": "57/2/9 "}, "sPatbirth"),
        ({"sPatbirth": "057022９"}, "sPatbirth"),
        ({"sHospid": "機構"}, "sHospid"),
        ({"sVisitdt": "1150230000000"}, "sVisitdt"),
        ({"sVisitdt": write_moment(clock.now() + timedelta(hours=1))}, "sVisitdt"),
        ({"sVisitdt": write_moment(clock.now() - timedelta(days=11))}, "sVisitdt"),
    ],
)
def test_a_wrong_field_is_named(changes, field) -> None:
    answer = Counter().ask(**changes)
    assert refusal_code(answer) == "HIS-FIELD"
    assert list(answer.json()["detail"]["fields"]) == [field]
    assert "This value" not in answer.content.decode()  # in the caller's language or none
    assert not Visit.objects.exists()


def test_only_the_module_that_drew_the_number_can_use_it() -> None:
    here, elsewhere = Counter(), Counter()
    random = here.random()
    assert refusal_code(elsewhere.ask(random=random)) == "HIS-SIGNATURE"
    forged = elsewhere.sign(random)
    assert refusal_code(here.ask(random=random, sSignature=forged)) == "HIS-SIGNATURE"
    raw = bytearray.fromhex(here.sign(random))
    raw[0] ^= 1
    assert refusal_code(here.ask(random=random, sSignature=raw.hex())) == "HIS-SIGNATURE"
    assert refusal_code(here.ask(random="0001" + "A" * 16)) == "HIS-RANDOM"
    RandomNumber.objects.update(expires_at=clock.now())
    assert refusal_code(here.ask(random=random)) == "HIS-RANDOM"


def test_a_revoked_module_is_refused(events) -> None:
    here = Counter()
    random = here.random()
    here.workstation.state = WorkstationState.REVOKED
    here.workstation.save()
    assert refusal_code(here.ask(random=random)) == "HIS-4051"
    assert events()[-1]["workstation"] == here.workstation.pk
