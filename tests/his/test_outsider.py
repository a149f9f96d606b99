"""A HIS that no one here wrote: only manual 4's names, a socket, and the habits of C programs (issue 7).

What such a program does that is odd but legal is served; what cannot be served says what to do.
"""

import base64
import http.client
import json
from concurrent.futures import ThreadPoolExecutor
from typing import Any

import pytest

from tests.agent.card_folder import CITIZEN_PROFILE, nhi_card, write_card
from tests.his.conftest import His
from tests.his.fake_his_server import VISIT, FakeHisServer

PATIENTS = 200


class Terminal:
    """`curl` in a batch file: a connection for each call, headers as they are typed."""

    def __init__(self, his: His) -> None:
        self.host = his.workstation.agent.settings.host
        self.token = his.workstation.agent.his_token

    def send(
        self, name: str, body: bytes | None = b"{}", *, method: str = "POST", **headers: str
    ) -> tuple[int, dict[str, Any]]:
        typed = {"Authorization": f"Bearer {self.token}", "Content-Type": "application/json"}
        typed |= {key.replace("_", "-"): value for key, value in headers.items()}
        connection = http.client.HTTPConnection(self.host, timeout=30)
        try:
            kept = {key: value for key, value in typed.items() if value}
            connection.request(method, f"/his/{name}", body, kept)
            answer = connection.getresponse()
            return answer.status, json.loads(answer.read())
        finally:
            connection.close()

    def call(self, name: str, **arguments: Any) -> dict[str, Any]:
        status, told = self.send(name, json.dumps(arguments).encode())
        assert status == 200, told
        return told


@pytest.fixture
def terminal(inserted: His) -> Terminal:
    return Terminal(inserted)


@pytest.mark.parametrize("size", [72, 0, 1, -1, "72", None, 10**9])
def test_a_buffer_of_any_size_gets_the_whole_answer(terminal: Terminal, size: object) -> None:
    """In C the caller gives the room; in JSON there is enough, and no number is lost for want of it."""
    told = terminal.call("hisGetBasicData", pBuffer="", iBufferLen=size)
    assert (told["code"], told["iBufferLen"]) == (0, 72)
    assert len(base64.b64decode(told["buffer"])) == 72
    number = terminal.call("hisGetSeqNumber256N1", cTreatItem="01", iBufferLen=size)
    assert (number["code"], number["iBufferLen"]) == (0, 316)


def test_texts_end_as_in_c(terminal: Terminal, server: FakeHisServer) -> None:
    told = terminal.call(
        "hisGetSeqNumber256N1", cTreatItem="01\0", cBabyTreat=" \0", cTreatAfterCheck="1\0"
    )
    assert told["code"] == 0
    payload = server.calls[-1][1]
    assert [payload[name] for name in ("treat_item", "newborn", "make_up")] == ["01", "", "1"]


@pytest.mark.parametrize("body", [b"", None, b"{}", b" { } ", b"\xef\xbb\xbf{}"], ids=repr)
def test_a_call_without_parameters_may_have_no_body(terminal: Terminal, body: bytes | None) -> None:
    assert terminal.send("hisGetBasicData", body)[1]["code"] == 0


def test_a_call_without_a_body_needs_no_kind_of_content(terminal: Terminal) -> None:
    assert terminal.send("hisGetBasicData", b"", Content_Type="")[1]["code"] == 0


WRONG = {
    "lower case": ({"name": "hisgetbasicdata"}, 404, "hisGetBasicData"),
    "a letter short, as the manual prints it": (
        {"name": "isGetSeqNumber256N1"},
        404,
        "hisGetSeqNumber256N1",
    ),
    "GET": ({"method": "GET", "body": None}, 405, ""),
    "no token": ({"Authorization": ""}, 401, "his.token"),
    "another's token": ({"Authorization": "Bearer " + "x" * 43}, 401, "his.token"),
    "as a form": (
        {"body": b"cTreatItem=01", "Content_Type": "application/x-www-form-urlencoded"},
        415,
        "application/json",
    ),
    "as plain text": ({"Content_Type": "text/plain"}, 415, "application/json"),
    "without saying what it is": ({"Content_Type": ""}, 415, "application/json"),
    "by another name": ({"Host": "localhost:24777"}, 403, "http://127.0.0.1:"),
    "Big5": ({"body": '{"pPatientID": "王"}'.encode("cp950")}, 400, "UTF-8"),
    "not JSON": ({"body": b"<xml/>"}, 400, "JSON"),
    "a list": ({"body": b"[]"}, 400, "JSON"),
    "too much": ({"body": b'{"pBuffer": "' + b" " * 70_000 + b'"}'}, 413, "JSON"),
}


@pytest.mark.parametrize("language", ["zh-TW", "en-US"])
@pytest.mark.parametrize(("call", "status", "hint"), WRONG.values(), ids=list(WRONG))
def test_what_cannot_be_served_says_what_to_do(
    terminal: Terminal, call: dict[str, Any], status: int, hint: str, language: str
) -> None:
    name = call.get("name", "hisGetBasicData")
    rest = {key: value for key, value in call.items() if key != "name"}
    got, told = terminal.send(name, Accept_Language=language, **rest)
    assert got == status
    assert set(told) == {"code", "message", "detail"}
    assert hint in told["detail"]
    if status not in {403, 405}:  # those are told before anybody looks at the language
        assert told["message"].isascii() is (language == "en-US")


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({"cTreatItem": 1}, "cTreatItem"),
        ({"treat_item": "1"}, "cTreatItem"),
        ({"cTreatItem": "０１"}, "cTreatItem"),
        ({"cTreatItem": None}, "cTreatItem"),
        ({"cTreatItem": "01", "ctreatitem": "01"}, "ctreatitem"),
    ],
)
def test_a_wrong_parameter_is_named_as_the_function_takes_it(
    terminal: Terminal, server: FakeHisServer, arguments: dict[str, Any], field: str
) -> None:
    """Also when only the server finds it wrong, under its own name."""
    terminal.call("csVerifySAMDC")
    server.refusals = [(400, "HIS-FIELD")]
    server.detail = {"fields": {"treat_item": ["choice"]}}
    told = terminal.call("hisGetSeqNumber256N1", **arguments)
    assert (told["code"], told["detail"]) == (-1, {"field": field})


def test_calls_side_by_side_do_not_mix(his: His, server: FakeHisServer) -> None:
    """Two counters' programs and a background job on one computer."""
    terminal = Terminal(his)
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    names = ["hisGetBasicData", "hisGetRegisterBasic2", "hisGetLastSeqNum", "csGetHospID"] * 6
    with ThreadPoolExecutor(8) as pool:
        told = list(pool.map(terminal.call, names))
    assert [each["name"] for each in told] == names
    assert [each["code"] for each in told] == [0] * len(names)
    assert {each["length"] for each in told} == {72, 9, 7, 10}


def test_a_day_of_two_hundred_cards(his: His, server: FakeHisServer) -> None:
    """Each card is read as itself: never the one before it."""
    terminal = Terminal(his)
    for number in range(PATIENTS):
        profile = CITIZEN_PROFILE | {"card_number": f"{number:012d}", "name": f"病人{number:03d}"}
        write_card(his.workstation.cards, "patient", nhi_card(profile=profile))
        his.workstation.tray.insert(reader=0, card="patient")
        told = terminal.call("hisGetBasicData")
        assert told["fields"]["card_number"] == f"{number:012d}"
        assert told["fields"]["name"] == f"病人{number:03d}"
        if number % 10 == 0:
            given = terminal.call("hisGetSeqNumber256N1", cTreatItem="01")
            assert given["fields"]["identifier"] == VISIT["identifier"]
        his.workstation.tray.remove(reader=0)
    asked = [payload for call, payload in server.calls if call == "visits"]
    assert [each["card"]["card_number"] for each in asked] == [
        f"{number:012d}" for number in range(0, PATIENTS, 10)
    ]
    assert len({each["request"] for each in asked}) == len(asked)
