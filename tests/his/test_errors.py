"""What goes wrong has the manual's code, and who may not call is not served (FEATURES G1, G2)."""

import pytest

from agent.his.functions import FUNCTIONS
from tests.agent.card_folder import nhi_card, write_card
from tests.agent.waiting import wait_until
from tests.his.conftest import His
from tests.his.fake_his_server import FakeHisServer

ONLINE = [
    ("hisGetRegisterBasic", {}),
    ("hisGetLastSeqNum", {}),
    ("hisGetRegisterBasic2", {}),
    ("csISSetPIN", {}),
    ("hisGetSeqNumber256", {"cTreatItem": "01"}),
    ("hisGetSeqNumber256N1", {"cTreatItem": "01"}),
    ("hisQuickInsurence", {"cTreatItem": "01"}),
    ("hisGetTreatNumICCard", {"pDateTime": "1151124093000"}),
    ("csUnGetSeqNumber", {"pUnTreatDate": "1151124093000"}),
]
online = pytest.mark.parametrize(("name", "arguments"), ONLINE)


@online
def test_without_a_card_no_function_does_anything(
    his: His,
    server: FakeHisServer,
    name,
    arguments,
) -> None:
    told = his.call(name, **arguments)
    assert (told["code"], told["word"]) == (4013, "no_nhi_card")
    assert "健保卡" in told["message"]
    assert server.calls == []


def test_offline_reading_works_and_numbers_are_refused(inserted: His) -> None:
    inserted.workstation.agent.servers.trust("http://localhost:9")
    assert inserted.call("hisGetBasicData")["code"] == 0
    for name, arguments in ONLINE:
        told = inserted.call(name, **arguments)
        assert (told["code"], told["word"]) == (4061, "network_down")
        assert "buffer" not in told
    assert inserted.call("hisGetCardStatus", CardType="1")["code"] == 1
    assert inserted.call("hisGetCardStatus", CardType="2")["code"] == 1


WHOSE = {"pDateTime": "1151124093000", "pPatientID": "A123456789", "pPatientBirthDate": "0340101"}
OFFLINE = {
    # Reading and the readers need no server.
    "hisGetBasicData": ({}, 0),
    "csOpenCom": ({}, 0),
    "csCloseCom": ({}, 0),
    # The agency's list knows them, not the card as far as it can be read.
    **{name: (arguments, 4061) for name, arguments in ONLINE},
    **{
        function.name: (WHOSE | {"pDataWrite": function.data.example}, 4061)
        for function in FUNCTIONS
        if function.data is not None
    },
    "csVerifySAMDC": ({}, 4061),
    "csGetHospID": ({}, 4061),
    "GetRandom": ({"sServiceCode": "11"}, 4061),
    "H_Sign": ({"Random": "0001ABCDEFGHIJKLMNOP"}, 4061),
    # Their answer is the code itself, or another than doing the work.
    "hisGetCardStatus": ({"CardType": "2"}, 1),
    "csSoftwareReset": ({"iType": "1"}, 4061),
    "hisGetSeqNumber": ({}, -2),
    "hisGetTreatNumNoICCard": ({}, 5174),
}


def test_what_each_function_does_without_the_server(inserted: His) -> None:
    """Every function of the table; docs/reference/his.md prints the same under Offline."""
    inserted.workstation.tray.insert(reader=1, card="hpc-chen")
    inserted.workstation.agent.servers.trust("http://localhost:9")
    assert set(OFFLINE) == {function.name for function in FUNCTIONS}
    told = {
        name: inserted.call(name, **arguments)["code"] for name, (arguments, _) in OFFLINE.items()
    }
    assert told == {name: code for name, (_, code) in OFFLINE.items()}


def test_the_card_can_be_reset_without_the_server(inserted: His) -> None:
    inserted.workstation.agent.servers.trust("http://localhost:9")
    for kind in ("0", "3"):
        assert inserted.call("csSoftwareReset", iType=kind)["code"] == 0


def test_a_reading_is_reported_once_for_each_insertion(his: His, server: FakeHisServer) -> None:
    """Also when the server was away at first; nothing of it keeps the HIS waiting."""

    def reported() -> list[str]:
        return [p["card"]["national_id"] for call, p in server.calls if call == "readings"]

    his.call("hisGetCardStatus", CardType="1")
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    server.refusals = [(503, "away")]
    for _ in range(3):
        assert his.call("hisGetBasicData")["code"] == 0
    wait_until(lambda: len(reported()) == 2, "the report is repeated")
    his.workstation.tray.remove(reader=0)
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    his.call("hisGetBasicData")
    wait_until(lambda: len(reported()) == 3, "the next insertion is reported")
    assert set(reported()) == {"A123456789"}


@pytest.mark.parametrize(
    ("refusal", "code"),
    [
        ("HIS-5001", 5001),
        ("HIS-9093", 9093),
        ("HIS-9094", 9094),
        ("HIS-9095", 9095),
        ("HIS-4051", 4051),
        ("HIS-FIELD", -1),
        ("HIS-429", 9003),
        ("NHI-NUMBER", 4043),
        ("ANK-500", 9003),
    ],
)
def test_a_refusal_of_the_server_is_its_code(
    inserted: His,
    server: FakeHisServer,
    refusal,
    code,
) -> None:
    inserted.call("hisQuickInsurence", cTreatItem="01")
    server.refusals = [(409, refusal)]
    told = inserted.call("hisGetSeqNumber256N1", cTreatItem="01")
    assert told["code"] == code
    assert told["message"]
    assert "buffer" not in told


def test_an_old_challenge_is_renewed_without_troubling_the_his(
    inserted: His,
    server: FakeHisServer,
) -> None:
    inserted.call("hisQuickInsurence", cTreatItem="01")
    server.refusals = [(403, "HIS-CHALLENGE")]
    assert inserted.call("hisGetSeqNumber256N1", cTreatItem="01")["code"] == 0
    assert [call for call, _ in server.calls][-3:] == ["visits", "challenges", "visits"]
    first, _, again = server.calls[-3:]
    assert first[1]["request"] == again[1]["request"]


def test_a_lost_answer_is_asked_for_again_by_the_same_call(
    inserted: His,
    server: FakeHisServer,
) -> None:
    inserted.call("hisQuickInsurence", cTreatItem="01")
    server.refusals = [(503, "x")]
    assert inserted.call("hisGetSeqNumber256N1", cTreatItem="01")["code"] == 4061
    assert inserted.call("hisGetSeqNumber256N1", cTreatItem="01")["code"] == 0
    assert inserted.call("hisGetSeqNumber256N1", cTreatItem="01")["code"] == 0
    lost, again, new = (payload["request"] for call, payload in server.calls if call == "visits")
    assert lost == again != new


@pytest.mark.parametrize(
    ("arguments", "field"),
    [
        ({}, "cTreatItem"),
        ({"cTreatItem": ""}, "cTreatItem"),
        ({"cTreatItem": "011"}, "cTreatItem"),
        ({"cTreatItem": True}, "cTreatItem"),
        ({"cTreatItem": ["01"]}, "cTreatItem"),
        ({"cTreatItem": "01", "cBabyTreat": "YY"}, "cBabyTreat"),
        ({"cTreatItem": "01", "pin": "123456"}, "pin"),
    ],
)
def test_a_wrong_parameter_is_named(inserted: His, server, arguments, field) -> None:
    told = inserted.call("hisGetSeqNumber256", **arguments)
    assert (told["code"], told["detail"]) == (-1, {"field": field})
    assert server.calls == []


def test_messages_come_in_english_too(his: His) -> None:
    answer = his.http.post("/his/hisGetBasicData", json={}, headers={"Accept-Language": "en"})
    assert answer.json()["message"] == "There is no NHI card in a reader."


@pytest.mark.parametrize(
    ("headers", "status", "code"),
    [
        ({"Authorization": ""}, 401, "his_token_wrong"),
        ({"Authorization": "Bearer wrong"}, 401, "his_token_wrong"),
        ({"Authorization": "Basic x"}, 401, "his_token_wrong"),
        ({"Origin": "https://evil.example"}, 403, "his_no_program"),
        ({"Origin": "null"}, 403, "his_no_program"),
        ({"Sec-Fetch-Site": "same-origin"}, 403, "his_no_program"),
        ({"Host": "localhost"}, 403, "host_foreign"),
        ({"Content-Type": "text/plain"}, 415, "content_type_unsupported"),
    ],
)
def test_who_is_no_program_of_this_user_is_refused(his: His, headers, status, code) -> None:
    answer = his.http.post(
        "/his/hisGetBasicData",
        content=b"{}",
        headers={"Content-Type": "application/json"} | headers,
    )
    assert (answer.status_code, answer.json()["code"]) == (status, code)


def test_not_even_the_agents_own_pages_may_call(his: His) -> None:
    own = his.workstation.agent.settings.origin
    answer = his.http.post("/his/hisGetBasicData", json={}, headers={"Origin": own})
    assert answer.status_code == 403


@pytest.mark.parametrize(
    ("method", "path", "status"),
    [
        ("GET", "/his/hisGetBasicData", 405),
        ("POST", "/his/hisgetbasicdata", 404),
        ("POST", "/his/hisGetEverything", 404),
    ],
)
def test_unknown_functions_and_methods_are_told(his: His, method, path, status) -> None:
    answer = his.http.request(method, path, json={})
    assert answer.status_code == status
    assert answer.json()["code"]


@pytest.mark.parametrize(
    ("name", "meant"),
    [
        ("hisgetbasicdata", "hisGetBasicData"),
        ("isGetSeqNumber256N1", "hisGetSeqNumber256N1"),
        ("hisQuickInsurance", "hisQuickInsurence"),
        ("deleteEverything", ""),
    ],
)
def test_a_name_that_is_nearly_right_is_told_the_right_one(his: His, name: str, meant: str) -> None:
    """Manual 4 prints 1.53 once without its first letter, and 1.55 with a spelling of its own."""
    told = his.http.post(f"/his/{name}", json={}).json()
    assert told["code"] == ("his_function_misspelt" if meant else "his_function_unknown")
    assert meant in told["detail"]


@pytest.mark.parametrize("body", [b"[]", b"{", b'"x"', "王".encode("cp950"), b'{"a": NaN'])
def test_a_body_that_is_no_object_is_refused(his: His, body: bytes) -> None:
    headers = {"Content-Type": "application/json"}
    answer = his.http.post("/his/hisGetBasicData", content=body, headers=headers)
    assert (answer.status_code, answer.json()["code"]) == (400, "his_body_malformed")


def test_a_mute_or_damaged_card_cannot_be_read(his: His) -> None:
    cards = his.workstation.cards
    write_card(cards, "mute", nhi_card(faults={"mute": True}))
    his.workstation.tray.insert(reader=0, card="mute")
    assert his.call("hisGetBasicData")["code"] == 4043


def test_a_card_pulled_while_it_is_read_counts_as_absent(his: His) -> None:
    write_card(his.workstation.cards, "pulled", nhi_card(faults={"pulled_after": 3}))
    his.workstation.tray.insert(reader=0, card="pulled")
    assert his.call("hisGetBasicData")["code"] == 4013


def test_the_token_is_private_and_lasts(his: His) -> None:
    from agent.his.token import TokenError, load_or_make_token, read_token

    home = his.workstation.agent.settings.home
    assert (home / "his.token").stat().st_mode & 0o777 == 0o600
    assert load_or_make_token(home) == load_or_make_token(home)
    (home / "his.token").chmod(0o644)
    with pytest.raises(TokenError, match="0600"):
        read_token(home)
