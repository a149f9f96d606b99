"""A pharmacy's morning: a HIS in one file, with Python's own library only.

    python pharmacy_morning.py http://127.0.0.1:24777 var/agent/his.token http://localhost:8000

For each patient: read the card, check the insurance, take a visit number, write diagnosis, fees and
prescription, have both signatures verified; last, an identifier for somebody without a card. With
virtual cards it puts the cards in itself; the pharmacist's card (HPC) lies in the second reader.
"""

import base64
import json
import sys
import urllib.request
from datetime import datetime, timedelta, timezone
from pathlib import Path
from typing import Any

PATIENTS = ("nhi-wang", "nhi-lin", "nhi-liu", "nhi-wu")
PHARMACIST = "hpc-chen"
INSURANCE_REFUSALS = {5001, 5002, 5003, 5012, 9093, 9094, 9095}


class Failed(Exception):
    """A function answered something else than 0."""


class Agent:
    """The card agent of this computer."""

    def __init__(self, origin: str, token_file: str) -> None:
        self.origin = origin
        self.token = Path(token_file).read_text().strip()

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The whole answer; `code` is what the control software's function would return."""
        return post(f"{self.origin}/his/{name}", arguments, token=self.token)

    def must(self, name: str, **arguments: Any) -> bytes:
        """The buffer of a call that has to work."""
        return base64.b64decode(self._worked(name, arguments).get("buffer", ""))

    def fields(self, name: str, **arguments: Any) -> dict[str, Any]:
        """The same, by name."""
        return dict(self._worked(name, arguments)["fields"])

    def _worked(self, name: str, arguments: dict[str, Any]) -> dict[str, Any]:
        answer = self.call(name, **arguments)
        if answer["code"] != 0:
            raise Failed(f"{answer['api']} {name}: {answer['code']} {answer['message']}")
        return answer

    def insert(self, reader: int, card: str) -> None:
        """Virtual cards only; with real ones a hand does it."""
        post(f"{self.origin}/virtual/insert", {"reader": reader, "card": card})


def post(url: str, body: dict[str, Any], token: str = "") -> dict[str, Any]:
    headers = {"Content-Type": "application/json"}
    if token:
        headers["Authorization"] = f"Bearer {token}"
    request = urllib.request.Request(url, json.dumps(body).encode(), headers)
    with urllib.request.urlopen(request, timeout=30) as answer:
        return dict(json.load(answer))


def serve(agent: Agent, server: str) -> str:
    """One patient at the counter; what to tell."""
    basic = agent.must("hisGetBasicData")
    name = agent.fields("hisGetBasicData")["name"]
    national_id, birth_date = basic[32:42].decode(), basic[42:49].decode()
    insured = agent.call("hisQuickInsurence", cTreatItem="01")
    if insured["code"] in INSURANCE_REFUSALS:
        return f"{name}: {insured['code']} {insured['message']}"
    number = agent.must(
        "hisGetSeqNumber256N1", cTreatItem="01", cBabyTreat=" ", cTreatAfterCheck="1"
    )
    visited_at, sequence = number[0:13].decode(), number[13:17].decode()
    signature, identifier = number[27:283].decode(), number[296:316].decode()
    whose = {"pDateTime": visited_at, "pPatientID": national_id, "pPatientBirthDate": birth_date}
    agent.must("hisWriteTreatmentCode", pDataWrite="1" + "J069".ljust(7) + " " * 35, **whose)
    agent.must("hisWriteTreatmentFee", pDataWrite="00000412" + "00000050" + "0" * 22, **whose)
    order = f"{visited_at}1{'AC38422100':<12}{'':<6}{'TID':<18}0300009.001"
    mac = agent.must(
        "hisWriteMultiPrescriptSign", pDataWrite=order, iWriteCount=1, **whose
    ).decode()
    told = {
        "card_number": basic[0:12].decode(),
        "national_id": national_id,
        "birth_date": birth_date,
    }
    visit = post(f"{server}/his/v1/signatures", {"signature": signature, **told})
    written = {
        "signature": mac,
        "identifier": identifier,
        "national_id": national_id,
        "order": order,
    }
    prescription = post(f"{server}/his/v1/signatures", written)
    if not (visit["valid"] and visit["patient_matches"] and prescription["valid"]):
        raise Failed("a signature is not good")
    return f"{name}: {sequence} {identifier}"


def without_card(agent: Agent, server: str, national_id: str, visited_at: str) -> str:
    """就醫識別碼Web API: random number, signature, JSON with sCardType 3."""
    random = agent.must("GetRandom", sServiceCode="11").decode()
    signed = agent.fields("H_Sign", Random=random)
    body = {
        "sServiceCode": "11",
        "sCardType": "3",
        "sRandom": random,
        "sSignature": signed["signature"],
        "sHospid": signed["institution_code"],
        "sSamid": signed["module_code"],
        "sPatid": national_id,
        "sPatbirth": "0570115",
        "sVisitdt": visited_at,
    }
    return str(post(f"{server}/his/v1/treat-numbers", body)["sTreatnum"])


def now() -> str:
    """This moment as YYYMMDDhhmmss of the Republic, in Taiwan."""
    here = datetime.now(timezone(timedelta(hours=8)))
    return f"{here.year - 1911:03d}{here:%m%d%H%M%S}"


def main(agent_origin: str, token_file: str, server: str) -> None:
    agent = Agent(agent_origin, token_file)
    agent.insert(1, PHARMACIST)
    for card in PATIENTS:
        agent.insert(0, card)
        print(serve(agent, server))
    print("without a card:", without_card(agent, server, "G120304051", now()))


if __name__ == "__main__":
    main(*sys.argv[1:])
