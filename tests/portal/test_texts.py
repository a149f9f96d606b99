"""The public pages show what operators wrote: in time, in the reader's language, to whom it concerns."""

from datetime import date
from typing import Any

import pytest
from django.db import IntegrityError, transaction
from django.test import Client
from django.utils.html import escape

from apps.portal import contacts
from apps.portal.models import Announcement, Contact, Download, Link, Question, RefusalCode
from apps.portal.reference import load, read
from apps.portal.terms import Board, Shelf, StatementName
from tests.support.counter import Counter, code_of, page_of
from tests.support.world import in_days

pytestmark = pytest.mark.django_db

PUBLIC = {
    "/": "home",
    "/security-notes/": "security_notes",
    "/computer-setup/": "set_up_computer",
    "/questions/": "questions",
    "/medical-staff/": "for_staff",
    "/downloads/": "downloads",
    "/card-component/": "card_component",
    "/contact/": "contact",
    "/links/": "links",
    "/statements/privacy/": "statement",
    "/refusal-codes/": "look_up_code",
    "/site-map/": "site_map",
}


@pytest.fixture(autouse=True)
def _fresh_help_desk() -> Any:
    contacts.forget_help_desk()
    yield
    contacts.forget_help_desk()


def announce(title: str = "維護公告", **fields: Any) -> Announcement:
    return Announcement.objects.create(title=title, **{"body": "內容"} | fields)


def show(path: str, language: str = "zh-hant", browser: Client | None = None) -> str:
    client = browser or Client()
    client.cookies["ankang_language"] = language
    return client.get(path).content.decode()


@pytest.mark.parametrize(("path", "name"), PUBLIC.items())
@pytest.mark.parametrize("language", ["zh-hant", "en"])
def test_everybody_reads_the_public_pages(path, name, language) -> None:
    browser = Client()
    browser.cookies["ankang_language"] = language
    page = browser.get(path)
    assert (page.status_code, page_of(page)) == (200, name)


@pytest.mark.parametrize("path", PUBLIC)
def test_site_map_leads_to_every_public_page(path) -> None:
    assert f'href="{path}"' in show("/site-map/")


def test_menu_stands_in_the_order_of_the_manual() -> None:
    html = show("/")
    names = ["系統公告", "資安專區", "電腦設定", "常見問答"]
    names += ["醫事人員專區", "醫事機構登入", "下載專區", "系統元件", "聯絡窗口", "友善連結"]
    names += ["隱私權政策", "資訊安全政策", "著作權聲明"]
    places = [html.index(f">{name}</a>") for name in names]
    assert places == sorted(places)


@pytest.mark.parametrize(
    ("shown_from", "shown_until", "shown"),
    [(-1, None, True), (0, 0, True), (1, None, False), (-3, -1, False), (-3, 2, True)],
)
def test_announcement_is_shown_in_its_time(shown_from, shown_until, shown) -> None:
    until = None if shown_until is None else in_days(shown_until)
    announce(shown_from=in_days(shown_from), shown_until=until)
    assert ("維護公告" in show("/")) is shown


def test_announcement_cannot_end_before_it_begins() -> None:
    with pytest.raises(IntegrityError), transaction.atomic():
        announce(shown_from=in_days(1), shown_until=in_days(0))


def test_newest_announcement_comes_first() -> None:
    announce("舊的", shown_from=in_days(-5))
    announce("新的", shown_from=in_days(-1))
    html = show("/")
    assert html.index("新的") < html.index("舊的")


def test_english_readers_get_english_where_there_is_any() -> None:
    announce("維護公告", title_en="Maintenance", body_en="On Sunday")
    announce("只有中文")
    html = show("/", "en")
    assert "Maintenance" in html
    assert "維護公告" not in html
    assert "只有中文" in html


def test_announcement_of_a_service_reaches_those_who_may_use_it_only() -> None:
    announce("給預約人員", service_id="VBK")
    announce("給所有人")
    counter = Counter()
    mine = show("/my/", browser=counter.browser)
    assert "給預約人員" in mine
    assert "給所有人" in mine
    type(counter.grant).objects.all().delete()
    assert "給預約人員" not in show("/my/", browser=counter.browser)
    assert "給預約人員" not in show("/")


def test_security_notes_have_a_board_of_their_own() -> None:
    announce("釣魚信件", board=Board.SECURITY)
    assert "釣魚信件" in show("/security-notes/")
    assert "釣魚信件" not in show("/")


def test_text_of_an_operator_is_text_and_not_markup() -> None:
    announce("<script>alert(1)</script>", body="<b>粗體</b>\n第二行")
    html = show("/")
    assert "<script>alert" not in html
    assert "&lt;b&gt;粗體&lt;/b&gt;<br>第二行" in html


def test_my_home_costs_one_query_more_than_the_services(django_assert_max_num_queries) -> None:
    counter = Counter()
    announce("給預約人員", service_id="VBK")
    counter.browser.get("/my/")  # the help desk is remembered from here on
    with django_assert_max_num_queries(5):
        counter.browser.get("/my/")


def test_services_page_names_institutions_and_cards_by_the_rules() -> None:
    html = show("/medical-staff/")
    assert "公費疫苗接種預約" in html
    assert "藥局、衛生所" in html
    assert "醫事人員卡" in html


def test_computer_setup_has_the_manuals_table_of_readers() -> None:
    rows = show("/computer-setup/").split('data-table="readers"')[1].split("<tr>")[2:]
    fits = {row.split('row">')[1].split("<")[0]: row.count("<td>適用</td>") for row in rows}
    assert fits == {
        "醫事人員卡": 2,
        "健保卡": 1,
        "自然人憑證": 1,
        "醫事機構卡": 2,
        "政府單位憑證卡": 1,
    }


# --- contacts -----------------------------------------------------------------------------------------


def test_contacts_have_a_number_to_dial_and_their_source() -> None:
    html = show("/contact/")
    assert 'href="tel:072318122"' in html
    assert 'href="tel:0223889393;ext=5600"' in html
    assert "ic_service@nhi.gov.tw" in html
    assert all(Contact.objects.values_list("source", flat=True))


def test_first_contact_stands_at_the_foot_of_every_page() -> None:
    Contact.objects.create(name="新的服務台", phone="02-0000-0000", hours="全天", position=0)
    assert "新的服務台 02-0000-0000（全天）" in show("/log-in/")


def test_changed_help_desk_shows_after_a_minute(monkeypatch) -> None:
    now = [1000.0]
    monkeypatch.setattr(contacts.time, "monotonic", lambda: now[0])
    show("/log-in/")
    Contact.objects.filter(phone="02-7735-2992").update(phone="02-1111-1111")
    assert "02-7735-2992" in show("/log-in/")
    now[0] += contacts.KEPT_SECONDS
    assert "02-1111-1111" in show("/log-in/")


def test_help_desk_is_known_without_a_database(django_assert_num_queries) -> None:
    with django_assert_num_queries(0):
        assert contacts.remembered_help_desk().phone == "02-7735-2992"


# --- the rest -----------------------------------------------------------------------------------------


def test_questions_and_links_come_in_their_order() -> None:
    Question.objects.create(question="最後一題", answer="答", position=99)
    Link.objects.create(name="最前面", address="https://example.org/", position=0)
    assert show("/questions/").index("PIN 碼輸入錯誤") < show("/questions/").index("最後一題")
    html = show("/links/")
    assert html.index("最前面") < html.index("衛生福利部")


@pytest.mark.parametrize("name", StatementName)
def test_every_statement_has_a_text_in_both_languages(name) -> None:
    chinese, english = (show(f"/statements/{name}/", each) for each in ("zh-hant", "en"))
    (row,) = [row for row in read("statements") if row["name"] == name]
    assert row["body"].split("\n")[0] in chinese
    assert escape(row["body_en"].split("\n")[0]) in english
    assert row["source"]


def test_unknown_statement_is_not_found() -> None:
    page = Client().get("/statements/nothing/")
    assert (page.status_code, code_of(page)) == (404, "ANK-404")


def test_refusal_code_is_explained_in_whatever_case_it_was_typed() -> None:
    html = show("/refusal-codes/?code=+vbk-c05+")
    assert "與上一劑的間隔不足" in html
    assert "畫面會顯示可施打的日期" in html


@pytest.mark.parametrize(("code", "message"), [("XYZ-1", "查無此代碼"), ("", "請輸入代碼")])
def test_unknown_code_is_told_beside_the_field(code, message) -> None:
    page = Client().get("/refusal-codes/", {"code": code})
    html = page.content.decode()
    assert page.status_code == 200
    assert html.count(message) >= 2  # in the summary and at the field
    assert "data-error-summary" in html


@pytest.mark.parametrize("row", read("refusal_codes"), ids=lambda row: row["code"])
def test_every_explained_code_is_explained_in_both_languages(row) -> None:
    assert all(row[name] for name in ("meaning", "meaning_en", "advice", "advice_en"))


def test_reference_data_leaves_alone_what_operators_changed() -> None:
    Contact.objects.exclude(position=1).delete()
    RefusalCode.objects.filter(code="VBK-C05").update(meaning="改過的說明")
    load()
    assert Contact.objects.count() == 1
    assert RefusalCode.objects.get(code="VBK-C05").meaning == "改過的說明"


def test_download_is_a_file_or_a_link_and_never_both() -> None:
    for fields in ({}, {"address": "https://example.org/", "content": b"x"}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Download.objects.create(name="錯誤", shelf=Shelf.DOCUMENTS, **fields)


def test_dates_of_announcements_are_written_in_the_western_calendar() -> None:
    announce(shown_from=date(2021, 7, 2))
    assert '<time datetime="2021-07-02">2021/07/02</time>' in show("/")
