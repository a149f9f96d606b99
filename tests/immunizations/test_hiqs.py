"""The vaccination record query (HIQS): both cards, two tabs, the manual's words."""

import uuid
from datetime import timedelta

import pytest
from django.db import IntegrityError, transaction
from django.test import Client

from apps.access.models import Service
from apps.accounts.models import Session
from apps.cards.models import Reading
from apps.core import clock
from apps.core.roc import format_roc
from apps.immunizations.models import VaccinationRecord
from apps.queries.models import Query
from tests.support.bedside import PATIENT, Bedside, ask_many, asks_for_card
from tests.support.cards import NHI_CARD, transaction_of
from tests.support.counter import code_of, page_of

pytestmark = pytest.mark.django_db

ENTRY = "/immunizations/"


@pytest.fixture
def bedside() -> Bedside:
    return Bedside("HIQS")


def record(bedside: Bedside, vaccine: str, days_ago: int, **fields: object) -> VaccinationRecord:
    values = {
        "patient_id": bedside.patient(),
        "vaccine_id": vaccine,
        "brand": "AZ",
        "dose_number": 1,
        "given_on": clock.today() - timedelta(days=days_ago),
        "institution_code": bedside.institution.code,
        "lot": "L-1",
        "source": "NIIS",
    }
    return VaccinationRecord.objects.create(**values | fields)


def query(bedside: Bedside) -> str:
    """Reads the patient's card and asks; the address of the records."""
    asked = bedside.read_card(ENTRY)
    return bedside.browser.post(asked.request["PATH_INFO"])["Location"]


def test_both_cards_lead_to_the_records(bedside) -> None:
    record(bedside, "FLU", 30)
    asked = bedside.read_card(ENTRY)
    html = asked.content.decode()
    assert page_of(asked) == "ask_vaccinations"
    assert "C121****09" in html
    assert "057/02/29" in html
    assert PATIENT not in html
    answer = bedside.browser.post(asked.request["PATH_INFO"])
    assert (answer.status_code, answer["Location"][:15]) == (303, "/immunizations/")
    page = bedside.browser.get(answer["Location"])
    html = page.content.decode()
    assert (page.status_code, page_of(page)) == (200, "show_vaccinations")
    assert 'data-table="influenza"' in html
    assert "流感疫苗" in html
    assert "培靈醫院" in html
    assert PATIENT not in html + answer["Location"]
    assert page["Cache-Control"] == "no-store"


def test_each_tab_has_its_kind_newest_first_up_to_yesterday(bedside) -> None:
    record(bedside, "COVID19", 90)
    record(bedside, "COVID19", 1, dose_number=2, lot="L-2")
    record(bedside, "COVID19", 0, dose_number=3, lot="L-TODAY")
    record(bedside, "FLU", 10, lot="L-FLU")
    address = query(bedside)
    html = bedside.browser.get(f"{address}other/").content.decode()
    assert html.index("L-2") < html.index("L-1")
    assert "L-TODAY" not in html
    assert "L-FLU" not in html
    flu = bedside.browser.get(f"{address}influenza/").content.decode()
    assert "L-FLU" in flu
    assert "L-2" not in flu


def test_an_empty_tab_shows_the_day_up_to_which_it_holds(bedside) -> None:
    html = bedside.browser.get(query(bedside)).content.decode()
    yesterday = format_roc(clock.today() - timedelta(days=1))
    assert f"流感接種紀錄：截至 {yesterday} 查無資料。" in html
    assert "data-nothing" in html


# Manual 0, word for word: what each page says.
START, RESULT = 0, 1


@pytest.mark.parametrize(
    ("page", "words"),
    [
        (START, "系統所列之接種紀錄為至查詢前 1 天為止，系統接所收到接種單位已匯入之資料。"),
        (
            START,
            "透過健保上傳或媒體匯入資料至 NIIS 可能有 4 天至 1 個月之時間落差，請以兒童健康手冊上之"
            "預防接種紀錄卡正本資料為優先依據。",
        ),
        (
            START,
            "讀卡機需插入「醫事人員卡」及「個案健保卡」作為查詢認證及擷取個案身分證字號與出生日期，"
            "不提供手動輸入查詢功能",
        ),
        (
            START,
            "一般讀卡機於首次查詢個案時，需插入個案健保卡後點擊「讀取健保卡」，成功擷取身分證與生日後拔出"
            "個案健保卡，並抽換為醫事人員卡，點擊「查詢」後輸入醫事人員卡 PIN 碼可出現查詢結果。",
        ),
        (
            START,
            "健保卡讀卡機請插入健保卡並確認醫事人員卡已插入後，點擊「讀取健保卡」按鈕，成功擷取身分證與生日"
            "後，點擊「查詢」輸入醫事人員卡 PIN 碼可出現查詢結果。",
        ),
        (
            START,
            "只要於 30 分鐘內有再次執行查詢動作，便不需要重新驗證醫事卡，直接插入健保卡即可查詢。",
        ),
        (RESULT, "系統所列之接種紀錄為至查詢前 1 天為止，系統接所收到接種單位已匯入之資料。"),
        (RESULT, "可由「流感接種紀錄」與「接種紀錄」選項點入查看欲查詢的疫苗紀錄。"),
        (RESULT, "接種紀錄係除流感疫苗外有匯入 NIIS 的疫苗接種紀錄。"),
    ],
)
def test_words_of_the_manual(bedside, page, words) -> None:
    path = f"{query(bedside)}other/" if page == RESULT else ENTRY
    assert words in bedside.browser.get(path).content.decode()


def test_typing_a_number_is_not_offered(bedside) -> None:
    html = bedside.browser.get(ENTRY).content.decode()
    main = html[html.index("<main") : html.index("</main>")]
    assert 'type="text"' not in main
    answer = bedside.browser.post(ENTRY, {"national_id": PATIENT})
    assert asks_for_card(answer)


def test_a_proof_that_is_too_old_asks_for_the_hpc_after_the_patients_card(bedside) -> None:
    record(bedside, "FLU", 30)
    bedside.age_proof(minutes=31)
    asked = bedside.read_card(ENTRY)
    assert "再按「查詢」並輸入醫事人員卡 PIN 碼" in asked.content.decode()
    answer = bedside.browser.post(asked.request["PATH_INFO"])
    assert asks_for_card(answer)
    unproved = bedside.browser.get(f"{ENTRY}{Query.objects.get().pk}/")
    assert (unproved.status_code, code_of(unproved)) == (403, "ACC-PROOF")
    page = bedside.show_hpc(answer)
    assert (page_of(page), 'data-table="influenza"' in page.content.decode()) == (
        "show_vaccinations",
        True,
    )


def test_within_half_an_hour_of_the_last_query_no_hpc_is_asked(bedside) -> None:
    for _ in range(3):
        bedside.browser.get(query(bedside))
        bedside.age_proof(minutes=29)
    bedside.age_proof(minutes=30)
    assert query(bedside).startswith("http://127.0.0.1")


def test_fast_authentication_never_counts(bedside) -> None:
    """Neither by a login that has it, nor by a tick of an operator (manual 4)."""
    Session.objects.update(card_fast_until=clock.now() + timedelta(hours=8))
    bedside.age_proof(minutes=31)
    assert query(bedside).startswith("http://127.0.0.1")
    with pytest.raises(IntegrityError), transaction.atomic():
        Service.objects.filter(pk="HIQS").update(accepts_fast_authentication=True)


def test_a_card_read_half_an_hour_ago_is_read_again(bedside) -> None:
    asked = bedside.read_card(ENTRY)
    Reading.objects.update(read_at=clock.now() - timedelta(minutes=30))
    answer = bedside.browser.post(asked.request["PATH_INFO"])
    assert (answer.status_code, code_of(answer)) == (410, "READING-GONE")


@pytest.mark.parametrize("tab", ["' OR 1=1 --", "<script>", "..%2f", "other;DROP"])
def test_nothing_gets_in_by_the_address(bedside, tab) -> None:
    assert bedside.browser.get(f"{query(bedside)}{tab}/").status_code == 404


def test_another_sessions_query_and_an_expired_one_are_gone(bedside, events) -> None:
    address = query(bedside)
    for page in ("", "other/", "other/print/"):
        answer = bedside.browser.get(f"{ENTRY}{uuid.uuid4()}/{page}")
        assert (answer.status_code, code_of(answer)) == (410, "QRY-GONE")
    Query.objects.update(expires_at=clock.now())
    assert code_of(bedside.browser.get(address)) == "QRY-GONE"
    Query.objects.update(expires_at=clock.now() + timedelta(hours=1), session_id=uuid.uuid4())
    assert code_of(bedside.browser.get(address)) == "QRY-GONE"
    assert events()[-1]["reason"] == "query_expired_or_of_another_session"


def test_a_query_ends_with_its_login(bedside) -> None:
    address = query(bedside)
    bedside.browser.post("/log-out/")
    answer = Client().get(address)
    assert (answer.status_code, answer["Location"][:8]) == (302, "/log-in/")


def test_unknown_tab_is_not_found(bedside) -> None:
    answer = bedside.browser.get(f"{query(bedside)}dental/")
    assert (answer.status_code, code_of(answer)) == (404, "ANK-404")


def test_500_patients_are_throttled_flagged_and_told_why(bedside, events) -> None:
    asked = bedside.read_card(ENTRY)
    ask_many(bedside, 500)
    answer = bedside.browser.post(asked.request["PATH_INFO"])
    html = answer.content.decode()
    assert (answer.status_code, code_of(answer)) == (429, "QRY-MANY")
    assert "10 分鐘內已查詢 500 人" in html
    assert int(answer["Retry-After"]) > 0
    event = events()[-1]
    assert (event["outcome"], event["reason"]) == ("refused", "too_many_patients")
    assert event["patient"] == bedside.patient()


def test_print_names_who_printed_and_is_recorded(bedside, events) -> None:
    record(bedside, "FLU", 30)
    page = bedside.browser.get(f"{query(bedside)}influenza/print/")
    html = page.content.decode()
    assert page_of(page) == "print_vaccinations"
    assert html.count("培靈醫院 林志明") >= 2
    assert 'class="watermark"' in html
    event = events()[-1]
    assert (event["action"], event["patient"]) == ("print_records", bedside.patient())
    assert event["detail"]["tab"] == "influenza"


def test_the_query_of_a_card_and_its_tabs_leave_one_event_each(bedside, events) -> None:
    address = query(bedside)
    bedside.browser.get(address)
    bedside.browser.get(f"{address}other/")
    mine = [e["action"] for e in events() if e["patient"] == bedside.patient()]
    assert mine == ["read_card", "query_records", "query_records"]


def test_a_tab_takes_five_round_trips(bedside, round_trips) -> None:
    record(bedside, "FLU", 30)
    address = query(bedside)
    bedside.browser.get(address)  # the first one proves the query
    # Session, decision, query, records, event; the event's savepoint is the test's transaction's.
    with round_trips(at_most=7):
        bedside.browser.get(f"{address}influenza/")


def test_a_cancelled_card_is_refused(bedside) -> None:
    job = bedside.agent.claim(transaction_of(bedside.browser.post(ENTRY))).json()
    done = bedside.agent.result(job, reading=NHI_CARD | {"cancelled": True})
    assert (done.status_code, done.json()["code"]) == (403, "NHI-CANCELLED")
