"""The travel and contact history query (TCH): three kinds of number, the card, the alert."""

import uuid
from datetime import timedelta

import pytest
from django.db import Error
from django.test import Client

from apps.cards.models import TrustAnchor
from apps.core import clock
from apps.core.roc import format_roc
from apps.identities.services import find, identify
from apps.identities.terms import IdentifierKind
from apps.queries.models import Query
from apps.travel import facts
from apps.travel.models import Label, Referral, Release, RuleSet, TravelRecord
from tests.support.bedside import PATIENT, Bedside, ask_many, asks_for_card
from tests.support.counter import code_of, page_of

pytestmark = pytest.mark.django_db

ENTRY = "/travel/"
INJECTION = "' OR 1=1 --"


@pytest.fixture
def bedside() -> Bedside:
    return Bedside("TCH")


def post(bedside: Bedside, kind: str = "NATIONAL_ID", path: str = ENTRY, **fields: str) -> object:
    return bedside.browser.post(path, {"number_kind": kind, **fields})


def show(bedside: Bedside, kind: str = "NATIONAL_ID", **fields: str) -> object:
    """The alert's page."""
    answer = post(bedside, kind, **(fields or {"national_id": PATIENT}))
    assert answer.status_code == 303, answer.content.decode()
    return bedside.browser.get(answer["Location"])


def days_ago(days: int) -> object:
    return clock.today() - timedelta(days=days)


def entered(patient: object, days: int, **fields: object) -> None:
    values = {"direction": "ENTRY", "country": "USA", "country_name": "美國"}
    TravelRecord.objects.create(patient_id=patient, moved_on=days_ago(days), **values | fields)


def test_the_number_leads_to_the_alert_and_stands_in_no_address(bedside, events) -> None:
    entered(bedside.patient(), 10)
    answer = post(bedside, national_id=PATIENT.lower())
    assert PATIENT not in answer["Location"].upper()
    page = bedside.browser.get(answer["Location"])
    html = page.content.decode()
    assert (page.status_code, page_of(page)) == (200, "show_travel_history")
    assert f"{format_roc(days_ago(10))} 由美國入境。" in html
    assert "C121****09" in html
    assert PATIENT not in html
    assert "<dialog" in html
    assert page["Cache-Control"] == "no-store"
    (event,) = [e for e in events() if e["action"] == "query_records"]
    assert (event["service"], event["patient"]) == ("TCH", bedside.patient())
    assert (event["result_count"], event["policy_version"]) == (1, "1")
    assert event["detail"] == {"tab": "alert", "outcome": "complete"}


def test_everything_stands_in_the_manuals_order(bedside) -> None:
    patient = bedside.patient()
    entered(patient, 15)
    Release.objects.create(patient_id=patient, kind="QUARANTINE", released_on=days_ago(1))
    Label.objects.create(patient_id=patient, kind="OCCUPATION", name="醫事人員")
    Referral.objects.create(
        patient_id=patient, referred_on=days_ago(2), sampling_site="臺北市立聯合醫院"
    )
    html = show(bedside).content.decode()
    order = [
        "自主健康管理個案",
        "此個案為醫事人員。",
        "【旅遊史參考】",
        f"{format_roc(days_ago(15))} 由美國入境。",
        "【連假後請醫師加強COVID-19通報及採檢！】",
        "具感染風險民眾追蹤管制機制",
        "國際旅遊疫情建議等級",
        "COVID-19病例定義暨採檢送驗注意事項",
        f"採檢對象—{format_roc(days_ago(2))} 已轉診至臺北市立聯合醫院採檢，惟尚未前往，請通知當地衛生局！",
        "本查詢作業資料由內政部移民署提供",
    ]
    window = html[html.index("<dialog") : html.index("</dialog>")]
    places = [window.index(words) for words in order]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("kind", "fields", "words"),
    [
        (
            "NATIONAL_ID",
            {"national_id": PATIENT},
            "※ 查無此身分證號或居留證號之30天內旅遊或接觸史資料！",
        ),
        (
            "ENTRY_PERMIT",
            {"entry_permit": "ab1234567890"},
            "※ 查無此中華民國入出境許可證號之30天內旅遊或接觸史資料！",
        ),
        (
            "PASSPORT",
            {"passport": "x1234567", "nationality": "usa"},
            "※ 查無此護照號碼及國籍代碼之30天內旅遊或接觸史資料！",
        ),
    ],
)
def test_nothing_found_is_told_by_the_kind_of_number(bedside, kind, fields, words, events) -> None:
    html = show(bedside, kind, **fields).content.decode()
    assert words in html
    assert "請洽移民署客服電話：(02)23889393分機5600" in html
    assert 'data-found="no"' in html
    assert events()[-1]["result_count"] == 0


def test_passports_of_two_countries_are_two_people_in_any_case(bedside) -> None:
    show(bedside, "PASSPORT", passport="x1234567", nationality="usa")
    show(bedside, "PASSPORT", passport="X1234567", nationality="JPN")
    first = find(kind=IdentifierKind.PASSPORT, value="USAX1234567")
    second = find(kind=IdentifierKind.PASSPORT, value="JPNX1234567")
    assert first
    assert second != first
    assert set(Query.objects.values_list("patient", flat=True)) == {first, second}
    assert Query.objects.first().masked_number.endswith(("-USA", "-JPN"))


@pytest.mark.parametrize(
    ("kind", "fields", "code", "words"),
    [
        ("NATIONAL_ID", {"national_id": "C121103508"}, "ID-CHECKSUM", "檢查碼"),
        ("NATIONAL_ID", {"national_id": "Ｃ１２１１０３５０９"}, "ID-FULLWIDTH", "半形"),
        ("NATIONAL_ID", {"national_id": "C12110350"}, "ID-LENGTH", "10"),
        ("NATIONAL_ID", {"national_id": "C1211035099"}, "ID-LENGTH", "10"),
        ("NATIONAL_ID", {"national_id": INJECTION}, "ID-LENGTH", "10"),
        ("NATIONAL_ID", {"national_id": "<b>12345</b"}, "ID-LENGTH", "10"),
        ("NATIONAL_ID", {"national_id": "1234567890"}, "ID-SHAPE", "英文字母"),
        ("NATIONAL_ID", {"national_id": ""}, "ID-EMPTY", "請輸入證號"),
        ("ENTRY_PERMIT", {"national_id": "C121103508"}, "ID-CHECKSUM", "檢查碼"),
        ("ENTRY_PERMIT", {"national_id": PATIENT, "passport": "X1234567"}, "ID-EMPTY", "證號"),
        ("ENTRY_PERMIT", {"entry_permit": "AB123456789"}, "ID-PERMIT", "12 碼"),
        ("ENTRY_PERMIT", {"entry_permit": "AB12345678901"}, "ID-PERMIT", "12 碼"),
        ("ENTRY_PERMIT", {"entry_permit": "ＡＢ1234567890"}, "ID-FULLWIDTH", "半形"),
        ("ENTRY_PERMIT", {"entry_permit": INJECTION}, "ID-PERMIT", "12 碼"),
        ("PASSPORT", {"passport": "X123 4567", "nationality": "USA"}, "ID-SPACES", "空白"),
        ("PASSPORT", {"passport": "X1234567", "nationality": "US"}, "ID-NATIONALITY", "3 碼"),
        ("PASSPORT", {"passport": "X1234567", "nationality": "U5A"}, "ID-NATIONALITY", "3 碼"),
        ("PASSPORT", {"passport": "X1234567", "nationality": ""}, "ID-NATIONALITY", "3 碼"),
        ("PASSPORT", {"passport": "X1234567", "nationality": INJECTION}, "ID-NATIONALITY", "3 碼"),
        ("PASSPORT", {"passport": "Ｘ1234567", "nationality": "USA"}, "ID-FULLWIDTH", "半形"),
        ("PASSPORT", {"passport": "';DROP", "nationality": "USA"}, "ID-DOCUMENT", "4 至 17"),
        ("PASSPORT", {"passport": "X12", "nationality": "USA"}, "ID-DOCUMENT", "4 至 17"),
        ("NHI", {"national_id": PATIENT}, "invalid_choice", ""),
    ],
)
def test_bad_input_is_told_with_its_code_and_loses_nothing(
    bedside, kind, fields, code, words
) -> None:
    page = post(bedside, kind, **fields)
    html = page.content.decode()
    assert (page.status_code, code_of(page)) == (400, code)
    assert words in html
    assert "<title>錯誤：" in html
    for name, typed in fields.items():
        assert page.context["form"][name].value() == typed
    assert Query.objects.count() == 0


def test_the_card_instead_of_a_number(bedside) -> None:
    entered(bedside.patient(), 3)
    asked = bedside.read_card(ENTRY, {"read_card": "yes"})
    html = asked.content.decode()
    assert page_of(asked) == "ask_travel_history_by_card"
    assert "C121****09" in html
    answer = post(bedside, path=asked.request["PATH_INFO"])
    assert "由美國入境" in bedside.browser.get(answer["Location"]).content.decode()


def test_card_of_somebody_else_than_the_typed_number(bedside, events) -> None:
    asked = bedside.read_card(ENTRY, {"read_card": "yes"})
    page = post(bedside, path=asked.request["PATH_INFO"], national_id="A123456789")
    assert (page.status_code, code_of(page)) == (409, "QRY-OTHER-CARD")
    assert "不是同一人" in page.content.decode()
    assert events()[-1]["reason"] == "card_of_another_patient"
    assert Query.objects.count() == 0
    same = post(bedside, path=asked.request["PATH_INFO"], national_id=PATIENT)
    assert same.status_code == 303


def test_through_another_agent_numbers_are_typed(bedside) -> None:
    """Manual 2: chip reader, HPC or citizen certificate. NHI cards need an enrolled workstation."""
    bedside.session.__class__.objects.update(workstation_id=None, card_kind="CITIZEN")
    page = bedside.browser.get(ENTRY)
    assert page.status_code == 200
    assert 'data-action="read_card"' not in page.content.decode()
    assert show(bedside).status_code == 200


def test_another_sessions_query_and_an_expired_one_are_gone(bedside) -> None:
    address = post(bedside, national_id=PATIENT)["Location"]
    assert code_of(bedside.browser.get(f"{ENTRY}{uuid.uuid4()}/")) == "QRY-GONE"
    TrustAnchor.objects.all().delete()
    other = Bedside("TCH", physician="B121234562")
    assert code_of(other.browser.get(address)) == "QRY-GONE"
    Query.objects.update(expires_at=clock.now())
    assert code_of(bedside.browser.get(address)) == "QRY-GONE"
    assert Client().get(address).status_code == 302


def test_500_patients_are_throttled_flagged_and_told_why(bedside, events) -> None:
    ask_many(bedside, 500)
    page = post(bedside, national_id=PATIENT)
    assert (page.status_code, code_of(page)) == (429, "QRY-MANY")
    assert events()[-1]["reason"] == "too_many_patients"


def test_a_source_that_does_not_answer_is_told_and_nothing_said_to_be_absent(
    bedside, monkeypatch, events
) -> None:
    def fail(question: object) -> None:
        raise Error("no connection")

    monkeypatch.setattr(facts, "fetch_facts", fail)
    html = show(bedside).content.decode()
    assert "資料來源沒有回應，這不代表查無資料。" in html
    assert "※ 查無" not in html
    event = events()[-1]
    assert (event["outcome"], event["reason"]) == ("failed", "database_error")


def test_without_rules_nothing_is_shown(bedside) -> None:
    RuleSet.objects.update(state="WITHDRAWN")
    page = bedside.browser.get(ENTRY)
    assert (page.status_code, code_of(page)) == (503, "TCH-RULES")


def test_print_names_who_printed_and_is_recorded(bedside, events) -> None:
    address = post(bedside, national_id=PATIENT)["Location"]
    html = bedside.browser.get(f"{address}print/").content.decode()
    assert html.count("培靈醫院 林志明") >= 2
    assert events()[-1]["action"] == "print_records"


def test_the_notes_of_the_manual_stand_below_the_form(bedside) -> None:
    html = bedside.browser.get(ENTRY).content.decode()
    for words in (
        "請輸入半形英數字共10碼",
        "請輸入半形英數字共12碼",
        "1.請於上述欄位擇一輸入資料進行查詢：",
        "(2)「中港澳地區入境民眾」請輸入「中華民國入出境許可證號」查詢。",
        "(3)系統操作問題，請洽本署客服電話：(07)231-8122。",
    ):
        assert words in html


def test_the_alert_takes_six_round_trips(bedside, round_trips) -> None:
    address = post(bedside, national_id=PATIENT)["Location"]
    bedside.browser.get(address)
    # Session, decision, query, rules, facts, event; its savepoint is the test's transaction's.
    with round_trips(at_most=8):
        bedside.browser.get(address)


def test_the_service_asks_for_no_card_of_its_own(bedside) -> None:
    bedside.age_proof(hours=7)
    assert not asks_for_card(post(bedside, national_id=PATIENT))


def test_known_by_another_kind_of_number_is_another_identity(bedside) -> None:
    permit = identify(kind=IdentifierKind.ENTRY_PERMIT, value="AB1234567890")
    entered(permit, 5, country="HKG", country_name="香港")
    html = show(bedside, "ENTRY_PERMIT", entry_permit="AB1234567890").content.decode()
    assert "由香港入境" in html
