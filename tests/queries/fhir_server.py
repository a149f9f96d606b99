"""An outside FHIR server as a process of its own: `python fhir_server.py` prints its port.

The first part of the path says how it behaves; what it was asked stands under /asked as JSON.
"""

import json
import sys
import time
from datetime import datetime
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any
from urllib.parse import parse_qs
from zoneinfo import ZoneInfo

ASKED: list[dict[str, Any]] = []
BIG = 9 * 1024 * 1024


def immunization(day: str, code: str, text: str, **more: Any) -> dict[str, Any]:
    return {
        "resource": {
            "resourceType": "Immunization",
            "status": "completed",
            "vaccineCode": {"coding": [{"code": code, "display": text}], "text": text},
            "occurrenceDateTime": day,
            "lotNumber": "OUT-1",
            "manufacturer": {"display": "國光"},
            "location": {"display": "外部醫院"},
            "protocolApplied": [{"doseNumberPositiveInt": 1}],
        }
        | more
    }


FIRST = [immunization("2024-10-01T09:00:00+08:00", "FLU", "流感疫苗")]
SECOND = [
    immunization("2023-05-02", "RAB", "狂犬病疫苗"),
    immunization("2022-05-02", "X-FLU", "Influenza, nasal"),
]
ATC = "http://www.whocc.no/atc"
TODAY = datetime.now(ZoneInfo("Asia/Taipei")).date().isoformat()


def concept(text: str, *, atc: str = "", word: str = "", code: str = "") -> dict[str, Any]:
    codings = [{"system": ATC, "code": atc, "display": word}] if atc else []
    codings += [{"system": "urn:oid:nhi", "code": code}] if code else []
    return {"coding": codings, "text": text}


def allergy(text: str, *, atc: str = "", day: str = "", **more: Any) -> dict[str, Any]:
    dated = {"recordedDate": day} if day else {}
    resource = {"resourceType": "AllergyIntolerance", "code": concept(text, atc=atc, word=text)}
    return {"resource": resource | dated | more}


def dispense(text: str, *, days: int, day: str = TODAY, **more: Any) -> dict[str, Any]:
    return {
        "resource": {
            "resourceType": "MedicationDispense",
            "status": "completed",
            "medicationCodeableConcept": concept(text, **more),
            "daysSupply": {"value": days},
            "quantity": {"value": days * 2},
            "whenHandedOver": f"{day}T09:00:00+08:00",
            "location": {"display": "外部藥局"},
            "dosageInstruction": [{"text": "一日兩次"}],
        }
    }


RASH = [{"severity": "mild", "manifestation": [{"text": "紅疹"}]}]
SHOCK = [{"severity": "severe", "manifestation": [{"text": "休克"}, {"text": "紅疹"}]}]
ALLERGIES = [
    allergy(
        "naproxen",
        atc="M01AE02",
        day="2024-03-05",
        recorder={"display": "外部醫院"},
        reaction=SHOCK,
    ),
    allergy("latex", reaction=RASH),  # nobody says since when
    allergy("aspirin", verificationStatus={"coding": [{"code": "refuted"}]}),
]
DISPENSED = [
    dispense("Naposin 250mg", days=14, atc="M01AE02", word="naproxen", code="AC12345100"),
    dispense("未知的藥", days=0, day="2000-01-01"),  # older than the tab reaches
]


def observation(text: str, **more: Any) -> dict[str, Any]:
    resource = {
        "resourceType": "Observation",
        "status": "final",
        "category": [{"text": "生化"}],
        "code": concept(text),
        "effectiveDateTime": f"{TODAY}T07:30:00+08:00",
        "performer": [{"display": "外部醫院"}],
    }
    return {"resource": resource | more}


RESULTS = [
    observation(
        "Potassium",
        valueQuantity={"value": 6.1, "unit": "mmol/L"},
        referenceRange=[{"low": {"value": 3.5}, "high": {"value": 5.1}}],
        interpretation=[{"coding": [{"code": "HH"}]}],
    ),
    observation("Blood type", valueCodeableConcept=concept("O+")),
    observation("Sodium", status="entered-in-error", valueString="140"),
]
IMQ = {"Observation": RESULTS, "AllergyIntolerance": ALLERGIES, "MedicationDispense": DISPENSED}
UNREADABLE = {
    "Observation": [*RESULTS, observation("Glucose")],
    "AllergyIntolerance": [*ALLERGIES, {"resource": {"resourceType": "AllergyIntolerance"}}],
    "MedicationDispense": [
        *DISPENSED,
        {"resource": {"resourceType": "MedicationDispense", "medicationReference": {}}},
    ],
}
OUTCOME = {
    "resource": {"resourceType": "OperationOutcome", "issue": [{"severity": "warning"}]},
    "search": {"mode": "outcome"},
}


def bundle(entries: list[Any], following: str = "") -> dict[str, Any]:
    links = [{"relation": "next", "url": following}] if following else []
    return {"resourceType": "Bundle", "type": "searchset", "entry": entries, "link": links}


class Handler(BaseHTTPRequestHandler):
    def do_GET(self) -> None:
        if self.path == "/asked":
            return self.answer(ASKED)
        return self.behave({})

    def do_POST(self) -> None:
        body = self.rfile.read(int(self.headers["Content-Length"])).decode()
        return self.behave(parse_qs(body))

    def behave(self, parameters: dict[str, Any]) -> None:
        way = self.path.split("/")[1]
        times = sum(each["way"] == way for each in ASKED)
        ASKED.append(
            {
                "way": way,
                "path": self.path,
                "method": self.command,
                "parameters": parameters,
                "authorization": self.headers.get("Authorization", ""),
            }
        )
        host = f"http://{self.headers['Host']}"
        if way == "pages":
            last = "page=2" in self.path
            return self.answer(
                bundle(SECOND) if last else bundle(FIRST, f"{host}/pages/Immunization?page=2")
            )
        if way == "flaky" and times < 2:
            return self.send_error(503)
        kind = self.path.split("/")[2].split("?")[0]
        if way == "imq":
            return self.answer(bundle(IMQ[kind]))
        if way == "imq-odd":
            return self.answer(bundle(UNREADABLE[kind]))
        if way == "imq-half" and kind == "AllergyIntolerance":
            return self.send_error(404)
        if way == "imq-half":
            return self.answer(bundle(IMQ[kind]))
        if way in ("down", "denied", "missing"):
            return self.send_error({"down": 503, "denied": 401, "missing": 404}[way])
        if way == "slow":
            time.sleep(2)
        if way == "moved":
            self.send_response(302)
            self.send_header("Location", f"{host}/flaky/")
            self.send_header("Content-Length", "0")
            return self.end_headers()
        answers: dict[str, Any] = {
            "elsewhere": bundle(FIRST, "http://elsewhere.invalid/Immunization?page=2"),
            "endless": bundle(FIRST, f"{host}/endless/Immunization?page=n"),
            "warned": bundle([*FIRST, OUTCOME]),
            "odd": bundle([*FIRST, {"resource": {"resourceType": "Immunization"}}, {}]),
            "list": [],
            "patient": {"resourceType": "Patient"},
            "broken": {"resourceType": "Bundle", "entry": ["x"]},
            "big": bundle([{"resource": {"x": "y" * BIG}}]),
            "empty": bundle([]),
        }
        return self.answer(answers.get(way, bundle(FIRST)), raw="<html>" if way == "html" else "")

    def answer(self, content: Any, raw: str = "") -> None:
        body = (raw or json.dumps(content)).encode()
        self.send_response(200)
        self.send_header("Content-Type", "application/fhir+json")
        self.send_header("Content-Length", str(len(body)))
        self.end_headers()
        try:
            self.wfile.write(body)
        except BrokenPipeError:
            pass

    def log_message(self, *args: Any) -> None:
        pass


if __name__ == "__main__":
    server = ThreadingHTTPServer(("127.0.0.1", 0), Handler)
    sys.stdout.write(f"{server.server_address[1]}\n")
    sys.stdout.flush()
    server.serve_forever()
