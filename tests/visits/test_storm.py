"""Everybody at once on real PostgreSQL: numbers without gap or repeat, however the calls end (G2)."""

import os
import random
import uuid
from concurrent.futures import ThreadPoolExecutor

import pytest
from django.db import DataError, connection

from apps.visits.models import InsuranceStatus, Visit
from tests.support.cards import NHI_CARD
from tests.support.his import HisWorkstation, make_status

pytestmark = pytest.mark.django_db(transaction=True)

CLIENTS = int(os.environ.get("ANKANG_STORM_CLIENTS", "8"))
CALLS = int(os.environ.get("ANKANG_STORM_DEEDS", "12"))
PEOPLE = ("C121103509", "A223456781", "G120304051")


def test_a_storm_on_few_people_leaves_no_gap_and_no_number_twice() -> None:
    for national_id in PEOPLE:
        make_status(national_id, visits_left=CLIENTS * CALLS)
    make_status("H223344550", visits_left=3)
    stations = [HisWorkstation() for _ in range(CLIENTS)]

    def ask(number: int) -> list[tuple[str, dict]]:
        chance, told = random.Random(number), []
        try:
            challenge = stations[number].challenge()
            for _ in range(CALLS):
                who = chance.choice([*PEOPLE, "H223344550"])
                payload = {
                    "challenge": challenge,
                    "card": NHI_CARD | {"national_id": who},
                    "function": "1.53",
                    "treat_item": chance.choice(["01", "01", "AA"]),
                    "make_up": "1",
                    "request": str(uuid.uuid4()),
                }
                # Now and then the same call twice, as after a lost answer.
                for _ in range(chance.choice([1, 1, 2])):
                    answer = stations[number].post("visits", payload)
                    told.append((answer.json().get("code", ""), answer.json()))
        finally:
            connection.close()
        return told

    with ThreadPoolExecutor(CLIENTS) as pool:
        told = [each for answers in pool.map(ask, range(CLIENTS)) for each in answers]
    assert {code for code, _ in told} == {"", "HIS-5001"}
    for status in InsuranceStatus.objects.all():
        mine = Visit.objects.filter(patient=status.patient_id)
        counted = sorted(mine.filter(counted=True).values_list("sequence", flat=True))
        assert counted == [f"{number:04d}" for number in range(1, status.last_number + 1)]
        assert status.visits_left >= 0
        moments = list(mine.values_list("visited_at", flat=True))
        assert len(moments) == len(set(moments))
    assert InsuranceStatus.objects.get(visits_left=0).last_number == 3
    assert Visit.objects.count() == len({body["identifier"] for code, body in told if not code})


def test_a_broken_answer_rolls_the_number_back(monkeypatch) -> None:
    from apps.visits.services import numbers

    make_status()
    here = HisWorkstation()
    with monkeypatch.context() as broken:
        broken.setattr(numbers, "as_json", lambda *_: '{"no": "event"}')
        with pytest.raises(DataError):
            here.visit()
    assert here.visit().json()["sequence"] == "0001"


def test_numbers_given_and_taken_back_at_once_keep_the_count() -> None:
    """Each visit is taken back by two calls at a time: one does it, the other is told so."""
    make_status(visits_left=100)
    stations = [HisWorkstation() for _ in range(4)]

    def come_and_go(number: int) -> list[str]:
        here, codes = stations[number], []
        try:
            for _ in range(3):
                moment = here.visit().json()["visited_at"]
                with ThreadPoolExecutor(2) as pool:
                    codes += pool.map(take_back, [(here, moment)] * 2)
            here.visit()
        finally:
            connection.close()
        return codes

    def take_back(visit: tuple[HisWorkstation, str]) -> str:
        here, moment = visit
        try:
            answer = here.call("visits-taken-back", function="1.39", visited_at=moment)
            return answer.json().get("code", "")
        finally:
            connection.close()

    with ThreadPoolExecutor(len(stations)) as pool:
        codes = [
            each for answers in pool.map(come_and_go, range(len(stations))) for each in answers
        ]
    assert codes.count("") == codes.count("HIS-5153") == 12
    status = InsuranceStatus.objects.get()
    assert (status.last_number, status.visits_left) == (16, 96)
    counted = sorted(Visit.objects.values_list("sequence", flat=True))
    assert counted == [f"{number:04d}" for number in range(1, 17)]
    assert Visit.objects.standing().count() == 4
