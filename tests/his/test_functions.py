"""One table of functions: a test for each line, the buffers byte for byte (FEATURES G1, G2)."""

import base64
import hashlib
import inspect

import pytest
from cryptography.hazmat.primitives.asymmetric.ed25519 import Ed25519PublicKey

from agent.his import functions
from agent.his.codes import MEANINGS, Code
from agent.his.functions import FUNCTIONS, find_function
from tests.agent.card_folder import nhi_card, pki_card, write_card
from tests.agent.conftest import ca, pharmacist  # noqa: F401
from tests.agent.pki import Issued
from tests.his.conftest import His
from tests.his.fake_his_server import REGISTER, VISIT, FakeHisServer

CARD = b"000012345678" + "王小明".encode("cp950").ljust(20, b"\0") + b"A1234567890340101M1140101"
NO_DATA = b"1" + b" " * 14


WHOSE = ["pDateTime", "pPatientID", "pPatientBirthDate"]
# number, name, parameters, length of the buffer, needs
TABLE = [
    ("1.1", "hisGetBasicData", [], 72),
    ("1.2", "hisGetRegisterBasic", [], 78),
    ("1.9", "hisGetSeqNumber", [], 0),
    ("1.14", "hisGetLastSeqNum", [], 7),
    ("1.15", "hisGetCardStatus", ["CardType"], 0),
    ("1.16", "hisWriteTreatmentCode", WHOSE, 11),
    ("1.17", "hisWriteTreatmentFee", WHOSE, 0),
    ("1.31", "csOpenCom", ["pcom"], 0),
    ("1.32", "csCloseCom", [], 0),
    ("1.36", "csISSetPIN", [], 0),
    ("1.37", "hisGetSeqNumber256", ["cTreatItem", "cBabyTreat", "cTreatAfterCheck"], 296),
    ("1.38", "hisGetRegisterBasic2", [], 9),
    ("1.39", "csUnGetSeqNumber", ["pUnTreatDate"], 0),
    ("1.47", "hisWriteTreatmentData", WHOSE, 11),
    ("1.48", "hisWritePrescriptionSign", WHOSE, 40),
    ("1.49", "hisWriteMultiPrescriptSign", [*WHOSE, "iWriteCount"], 40),
    ("1.52", "csSoftwareReset", ["iType"], 0),
    ("1.53", "hisGetSeqNumber256N1", ["cTreatItem", "cBabyTreat", "cTreatAfterCheck"], 316),
    ("1.54", "hisGetTreatNumNoICCard", ["pPatientID", "pHospID"], 0),
    ("1.55", "hisQuickInsurence", ["cTreatItem"], 0),
    ("1.56", "hisGetTreatNumICCard", ["pDateTime"], 20),
    ("2.1", "csVerifySAMDC", [], 0),
    ("2.2", "csGetHospID", [], 10),
    ("VPN", "GetRandom", ["sServiceCode"], 20),
    ("VPN", "H_Sign", ["Random"], 256),
]


@pytest.mark.parametrize(("number", "name", "parameters", "length"), TABLE)
def test_the_table_has_the_manuals_names_numbers_and_lengths(
    number, name, parameters, length
) -> None:
    function = find_function(name)
    assert function is not None
    assert function.number == number
    named = [each.name for each in function.parameters if each.name != "requestId"]
    assert named == parameters
    assert (function.buffer.length if function.buffer else 0) == length
    assert function.pin is False


def test_every_code_has_a_meaning_and_every_function_names_only_codes() -> None:
    assert set(MEANINGS) == set(Code)
    assert inspect.getdoc(functions)
    for function in FUNCTIONS:
        assert set(function.codes) <= set(Code)


def test_1_1_answers_the_cards_own_bytes(inserted: His) -> None:
    told = inserted.call("hisGetBasicData")
    assert inserted.buffer("hisGetBasicData") == CARD + NO_DATA
    assert (told["api"], told["code"], told["word"], told["length"]) == ("1.1", 0, "ok", 72)
    assert told["fields"] == {
        "card_number": "000012345678",
        "name": "王小明",
        "national_id": "A123456789",
        "birth_date": "1945-01-01",
        "sex": "M",
        "issued_on": "2025-01-01",
        "cancelled": "1",
        "emergency_phone": "",
    }


@pytest.mark.parametrize("name", ["王" * 10, "林堃喆"])
@pytest.mark.parametrize("padding", ["nul", "space"])
def test_1_1_hands_names_and_their_padding_on_as_they_are(
    his: His, name: str, padding: str
) -> None:
    from tests.agent.card_folder import CITIZEN_PROFILE

    profile = CITIZEN_PROFILE | {"name": name, "padding": padding}
    card = nhi_card(profile=profile, cancelled=True, emergency_phone="0912345678")
    write_card(his.workstation.cards, "odd", card)
    his.workstation.tray.insert(reader=1, card="odd")
    data = his.buffer("hisGetBasicData")
    code_page = "big5hkscs" if "堃" in name else "cp950"
    padded = name.encode(code_page).ljust(20, b"\0" if padding == "nul" else b" ")
    assert data[12:32] == padded
    assert data[57:] == b"20912345678    "
    assert his.call("hisGetBasicData")["fields"]["name"] == name


def test_1_1_takes_a_name_that_no_code_page_has(his: His) -> None:
    raw = CARD[:12] + b"\xff\xff".ljust(20, b"\0") + CARD[32:]
    write_card(his.workstation.cards, "odd", {"kind": "NHI", "profile_hex": raw.hex()})
    his.workstation.tray.insert(reader=0, card="odd")
    assert his.buffer("hisGetBasicData") == raw + NO_DATA


def test_1_2_needs_no_pin_and_joins_card_and_server(inserted: His) -> None:
    expected = CARD + b"1" + b"01" + b"3" + b"1201231" + b"06" + b" " * 7 + b" "
    assert inserted.buffer("hisGetRegisterBasic") == expected
    fields = inserted.call("hisGetRegisterBasic")["fields"]
    assert (fields["visits_left"], fields["valid_until"]) == (6, "2031-12-31")


def test_1_2_of_a_parent_names_the_newborn(inserted: His, server: FakeHisServer) -> None:
    server.answers["registers"] = REGISTER | {
        "newborn_birth_date": "1151101",
        "newborn_mark": "2",
    }
    assert inserted.buffer("hisGetRegisterBasic")[70:] == b"11511012"


def test_1_14_answers_year_and_number(inserted: His) -> None:
    assert inserted.buffer("hisGetLastSeqNum") == b"1150007"


def test_1_38_answers_validity_and_visits(inserted: His) -> None:
    assert inserted.buffer("hisGetRegisterBasic2") == b"120123106"


@pytest.mark.parametrize(("told", "code"), [(False, 0), (True, 1), (None, 4043)])
def test_1_36_answers_by_its_return_code(
    inserted: His, server: FakeHisServer, told, code: int
) -> None:
    server.answers["registers"] = REGISTER | {"password_set": told}
    assert inserted.call("csISSetPIN")["code"] == code


NUMBER = ("1151124093000" + "0008" + "5901012345" + "S" * 256 + "123456789012" + "N").encode()


def test_1_37_and_1_53_answer_296_and_316_bytes(inserted: His, server: FakeHisServer) -> None:
    wish = {"cTreatItem": "01 ", "cBabyTreat": " ", "cTreatAfterCheck": "1"}
    assert inserted.buffer("hisGetSeqNumber256", **wish) == NUMBER
    assert inserted.buffer("hisGetSeqNumber256N1", **wish) == NUMBER + VISIT["identifier"].encode()
    asked = [payload for call, payload in server.calls if call == "visits"]
    assert [each["function"] for each in asked] == ["1.37", "1.53"]
    assert {each["treat_item"] for each in asked} == {"01"}
    assert {(each["newborn"], each["make_up"]) for each in asked} == {("", "1")}
    assert len({each["request"] for each in asked}) == 2
    assert asked[0]["card"]["national_id"] == "A123456789"


def test_parameters_may_have_plain_names(inserted: His, server: FakeHisServer) -> None:
    told = inserted.call("hisGetSeqNumber256N1", treat_item="02", newborn="Y", make_up="2")
    assert told["fields"] == VISIT
    payload = server.calls[-1][1]
    assert (payload["treat_item"], payload["newborn"], payload["make_up"]) == ("02", "Y", "2")


def test_1_55_checks_alone(inserted: His, server: FakeHisServer) -> None:
    told = inserted.call("hisQuickInsurence", cTreatItem="01")
    assert (told["code"], told["fields"]) == (0, {})
    assert server.calls[-1][0] == "insurance-checks"


def test_1_56_answers_the_identifier_alone(inserted: His, server: FakeHisServer) -> None:
    data = inserted.buffer("hisGetTreatNumICCard", pDateTime="1151124093000\0")
    assert data == VISIT["identifier"].encode()
    assert server.calls[-1][1]["visited_at"] == "1151124093000"


def test_1_39_names_the_visit_by_its_moment(inserted: His, server: FakeHisServer) -> None:
    told = inserted.call("csUnGetSeqNumber", pUnTreatDate="1151124093000 ")
    assert (told["code"], told["fields"]["sequence"]) == (0, "0008")
    assert "buffer" not in told
    call, payload = server.calls[-1]
    assert (call, payload["visited_at"]) == ("visits-taken-back", "1151124093000")
    for code in (5130, 5150, 5151, 5152, 5153, 5154):
        server.refusals = [(409, f"HIS-{code}")]
        assert inserted.call("csUnGetSeqNumber", visited_at="1151124093000")["code"] == code


def test_the_web_api_needs_a_number_and_its_signature(his: His, server: FakeHisServer) -> None:
    random = his.buffer("GetRandom", sServiceCode="11").decode()
    assert random == "0001ABCDEFGHIJKLMNOP"
    assert server.calls[-1][1]["service_code"] == "11"
    told = his.call("H_Sign", Random=random)
    raw = bytes.fromhex(his.buffer("H_Sign", Random=random).decode())
    signed = f"ankang-random/1\n{server.origin}\n{random}".encode()
    key = base64.urlsafe_b64decode(his.workstation.agent.key.public + "=")
    assert raw[64:] == key + hashlib.sha256(signed).digest()
    Ed25519PublicKey.from_public_bytes(key).verify(raw[:64], signed)
    assert told["fields"]["module_code"] == "123456789012"
    assert his.call("H_Sign", Random="x" * 20)["code"] == -1


@pytest.mark.parametrize(
    ("name", "code", "word"),
    [("hisGetSeqNumber", -2, "stopped"), ("hisGetTreatNumNoICCard", 5174, "no_identifier")],
)
def test_retired_functions_say_so_and_name_what_to_use(
    his: His, server: FakeHisServer, name, code, word
) -> None:
    told = his.call(name)
    assert (told["code"], told["word"]) == (code, word)
    assert "1.53" in told["message"] or "Web API" in told["message"]
    assert server.calls == []


def test_1_15_tells_how_far_each_card_is(his: His) -> None:
    def status(kind: str) -> int:
        return his.call("hisGetCardStatus", CardType=kind)["code"]

    assert [status(kind) for kind in "123"] == [2, 0, 0]
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    assert [status(kind) for kind in "23"] == [2, 0]
    his.workstation.tray.insert(reader=1, card="hpc-chen")
    assert [status(kind) for kind in "23"] == [2, 2]
    hpc = his.workstation.tray.readers()[1].insertion
    his.workstation.agent.standing.prove_card(hpc, fast_for=0)
    assert [status(kind) for kind in "23"] == [3, 3]
    his.workstation.tray.remove(reader=1)
    assert [status(kind) for kind in "23"] == [2, 0]
    assert his.call("hisGetCardStatus", CardType="4")["code"] == -1


@pytest.mark.parametrize("kind", ["CITIZEN", "INSTITUTION"])
def test_1_15_tells_a_card_that_is_neither_of_the_two(
    his: His,
    ca: Issued,  # noqa: F811
    pharmacist: Issued,  # noqa: F811
    kind: str,
) -> None:
    """A citizen certificate where the patient's card belongs is another card, not none."""
    write_card(his.workstation.cards, "other", pki_card(pharmacist, ca, holder="某人", kind=kind))
    his.workstation.tray.insert(reader=0, card="other")
    told = [his.call("hisGetCardStatus", CardType=each)["code"] for each in "23"]
    assert told == [9, 9]
    his.workstation.tray.insert(reader=1, card="hpc-chen")
    told = [his.call("hisGetCardStatus", CardType=each)["code"] for each in "23"]
    assert told == [9, 2]


def test_programs_that_open_and_close_the_port_are_served(his: His) -> None:
    assert his.call("csOpenCom", pcom="0")["code"] == 0
    assert his.call("csCloseCom")["code"] == 0


def test_2_1_and_2_2_ask_the_server_whose_module_it_is(his: His, server: FakeHisServer) -> None:
    assert his.call("csVerifySAMDC")["code"] == 0
    assert his.buffer("csGetHospID") == b"5901012345"
    server.refusals = [(403, "HIS-4051")]
    assert his.call("csVerifySAMDC")["code"] == 4051


def test_csSoftwareReset_resets_each_part(his: His, server: FakeHisServer) -> None:
    assert his.call("csSoftwareReset", iType=0)["code"] == 0
    assert his.call("csSoftwareReset", iType="1")["code"] == 0
    assert [call for call, _ in server.calls] == ["challenges"]
    assert his.call("csSoftwareReset", iType="2")["code"] == 4014
    assert his.call("csSoftwareReset", iType="3")["code"] == 4013
    his.workstation.tray.insert(reader=0, card="nhi-wang")
    assert his.call("csSoftwareReset", iType="3")["code"] == 0
    assert his.call("csSoftwareReset", iType="7")["code"] == -1
    assert his.buffer("hisGetBasicData") == CARD + NO_DATA
