"""Managers see the log of their own institution, and no other (FEATURES H5)."""

import csv
import io
from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.access.services import close_grant
from apps.accounts.models import Person
from apps.accounts.terms import SessionRole
from apps.audit.services import LogUnavailable, event, record_change
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.oversight.models import LogSearch
from apps.oversight.services import own_log
from tests.support.auditing import make_auditor
from tests.support.institution import NUMBERS, Clinic
from tests.support.world import grant

pytestmark = pytest.mark.django_db

PATH = "/oversight/own-log/"
OTHERS = ("F226789013", "E221112226")


@pytest.fixture
def clinic() -> Clinic:
    return Clinic()


@pytest.fixture
def browser(clinic: Clinic) -> Client:
    return clinic.browser(clinic.manager)


def note(clinic: Clinic, action: Action = Action.READ_CARD, **fields: Any) -> None:
    by = fields.pop("by", clinic.user)
    record_change(event(action, by=clinic.actor(by), **fields))


def search(browser: Client, **fields: str) -> Any:
    today = clock.today()
    period = {"since": f"{today - timedelta(days=7)}", "until": f"{today}"}
    return browser.post(PATH, period | fields, follow=True)


def actions(page: Any) -> list[str]:
    return [row.event.action for row in page.context["found"].rows]


def table(answer: Any) -> list[list[str]]:
    text = b"".join(answer.streaming_content).decode()
    assert text.startswith("\ufeff")
    return list(csv.reader(io.StringIO(text[1:])))


def test_a_manager_sees_what_was_done_at_the_own_institution_only(clinic, browser) -> None:
    other = Clinic(numbers=OTHERS)
    for each in (clinic, other):
        note(each)
    page = browser.get(PATH)
    places = {row.event.institution for row in page.context["found"].rows}
    assert places == {clinic.institution.pk}


def test_no_parameter_opens_another_institutions_log(browser) -> None:
    other = Clinic(numbers=OTHERS)
    note(other)
    code, pk = other.institution.code, str(other.institution.pk)
    for values in ({"institution": code}, {"institution": pk}):
        assert "read_card" not in actions(browser.get(PATH, values))
        assert "read_card" not in actions(search(browser, **values))


def test_looking_is_an_event_itself(clinic, browser, events) -> None:
    search(browser, action="read_card")
    (looked,) = events()
    assert looked["action"] == "search_log"
    assert f"institution={clinic.institution.pk}" in looked["detail"]["query"]
    assert "action=read_card" in looked["detail"]["query"]


FILTERS = [
    ({}, ["query_records", "read_card"]),
    ({"action": "read_card"}, ["read_card"]),
    ({"outcome": "refused"}, ["query_records"]),
    ({"service": "TCH"}, ["query_records"]),
    ({"person": "張志"}, ["read_card"]),
    ({"person": NUMBERS[1].lower()}, ["read_card"]),
    ({"person": "陳怡君", "action": "query_records"}, ["query_records"]),
    ({"person": "無此人"}, []),
    ({"person": "C121103509"}, []),
    ({"since": "2020-01-01", "until": "2020-12-31"}, []),
]


@pytest.mark.parametrize(("fields", "expected"), FILTERS)
def test_by_period_person_service_action_and_result(clinic, browser, fields, expected) -> None:
    note(clinic)
    note(
        clinic,
        Action.QUERY_RECORDS,
        by=clinic.manager,
        service="TCH",
        outcome=Outcome.REFUSED,
        reason="not_granted",
    )
    page = search(browser, **fields)
    assert actions(page) == expected
    assert NUMBERS[1] not in str(page.redirect_chain).upper()
    assert NUMBERS[1] not in page.content.decode().upper()


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"since": "昨天"}, "since"),
        ({"until": ""}, "until"),
        ({"until": "2019-01-01"}, "until"),
        ({"since": "1999-01-01"}, "since"),
        ({"action": "drop_table"}, "action"),
        ({"outcome": "maybe"}, "outcome"),
        ({"service": "XXX"}, "service"),
    ],
)
def test_a_wrong_value_is_an_error_and_never_an_unfiltered_list(browser, fields, wrong) -> None:
    page = search(browser, **fields)
    assert page.status_code == 400
    assert wrong in page.context["form"].errors
    assert "found" not in page.context
    assert not LogSearch.objects.exists()


def test_a_number_of_somebody_elsewhere_does_not_tell_whose_it_is(browser) -> None:
    other = Clinic(numbers=OTHERS)
    Person.objects.filter(pk=other.user.pk).update(name="歐陽不凡")
    page = search(browser, person=OTHERS[1])
    assert page.context["found"].rows == []
    assert page.context["form"]["person"].value() == "—"
    assert "歐陽不凡" not in page.content.decode()


def test_one_of_several_of_a_name_is_chosen(clinic, browser) -> None:
    for person in (clinic.manager, clinic.user):
        type(person).objects.filter(pk=person.pk).update(name="林小明")
        note(clinic, by=person)
    page = search(browser, person="林小明")
    assert page.status_code == 400
    assert {each.pk for each in page.context["form"].namesakes} == {
        clinic.manager.pk,
        clinic.user.pk,
    }
    page = search(browser, person="林小明", person_choice=str(clinic.user.pk))
    assert {row.event.actor for row in page.context["found"].rows} == {clinic.user.pk}


def test_words_instead_of_codes_and_the_name_of_whom_it_was_about(clinic, browser) -> None:
    given = grant(clinic.user, clinic.entitlement)
    close_grant(grant=given.pk, reason="離職", by=clinic.actor())
    note(clinic, Action.READ_CARD, outcome=Outcome.REFUSED, reason="wrong_card_kind", service="VBK")
    refused, closed = search(browser).context["found"].rows[:2]
    assert refused.reason == "該服務須使用其他種類的卡片。"
    assert refused.service.startswith("VBK ")
    assert (refused.who, refused.role) == ("張志豪", str(SessionRole.STAFF.label))
    assert closed.about == "張志豪"


def test_older_events_are_a_click_away_and_no_page_costs_more(
    clinic, browser, monkeypatch, round_trips
) -> None:
    monkeypatch.setattr(own_log, "PAGE", 2)
    for _ in range(5):
        note(clinic)
    page = search(browser, action="read_card")
    seen = [row.event.pk for row in page.context["found"].rows]
    address = page.redirect_chain[-1][0]
    with round_trips(at_most=20) as few:
        page = browser.get(f"{address}?before={page.context['found'].next_cursor}")
    seen += [row.event.pk for row in page.context["found"].rows]
    monkeypatch.setattr(own_log, "PAGE", 50)
    with round_trips(at_most=20) as many:
        whole = browser.get(address)
    assert len(whole.context["found"].rows) == 5
    assert len(few.captured_queries) == len(many.captured_queries)
    assert len(seen) == len(set(seen)) == 4
    assert browser.get(f"{address}?before=1").status_code == 400


def test_a_search_belongs_to_one_session_and_one_institution(clinic, browser) -> None:
    page = search(browser)
    address = page.redirect_chain[-1][0]
    assert browser.get(address).status_code == 200
    assert clinic.browser(clinic.manager).get(address).status_code == 410
    found = LogSearch.objects.get()
    found.criteria |= {"institution": str(Clinic(numbers=OTHERS).institution.pk)}
    found.save()
    assert browser.get(address).status_code == 410
    assert browser.post(f"{address}export/").status_code == 410
    auditors = make_auditor()
    assert auditors.get(address).status_code == 403


# --- the file ------------------------------------------------------------------------------------


def test_the_file_holds_every_row_of_the_search_and_is_an_event_before(
    clinic, browser, events, monkeypatch
) -> None:
    monkeypatch.setattr(own_log, "ROWS_AT_ONCE", 2)
    for _ in range(5):
        note(clinic)
    note(clinic, Action.LOG_OUT)
    note(Clinic(numbers=OTHERS))
    address = search(browser, action="read_card").redirect_chain[-1][0]
    answer = browser.post(f"{address}export/")
    assert answer["Content-Disposition"].startswith("attachment")
    heading, *rows = table(answer)
    assert heading[:3] == ["時間", "人員", "角色"]
    assert {row[4] for row in rows} == {"讀卡"}
    assert len(rows) == len({row[-1] for row in rows}) == 5
    exported = events()[-1]
    assert (exported["action"], exported["result_count"]) == ("export_log", 5)
    assert exported["detail"]["format"] == "csv"


def test_without_a_search_the_file_holds_the_last_days(clinic, browser) -> None:
    note(clinic)
    browser.get(PATH)
    heading, *rows = table(browser.post(f"{PATH}export/"))
    assert [row[4] for row in rows] == ["查詢存取紀錄", "讀卡"]
    assert len(heading) == len(rows[0])


def test_a_name_that_would_run_as_a_formula_is_text_in_the_file(clinic, browser) -> None:
    type(clinic.user).objects.filter(pk=clinic.user.pk).update(name="=HYPERLINK(1)")
    note(clinic)
    _heading, row = table(browser.post(f"{PATH}export/"))
    assert row[1] == "'=HYPERLINK(1)"


def test_no_event_no_file(clinic, browser, monkeypatch) -> None:
    def fail(*args: object) -> None:
        raise LogUnavailable

    monkeypatch.setattr(own_log, "record", fail)
    assert browser.post(f"{PATH}export/").status_code == 503


@pytest.mark.parametrize("path", [PATH, f"{PATH}export/"])
def test_wrong_method_is_405(browser, path) -> None:
    assert browser.put(path).status_code == 405


def test_a_user_who_is_no_manager_is_refused(clinic) -> None:
    for call in ("get", "post"):
        assert getattr(clinic.browser(clinic.user), call)(PATH).status_code == 403
    assert clinic.browser(clinic.user).post(f"{PATH}export/").status_code == 403


def test_a_refusal_is_told_in_words_also_where_no_condition_failed(clinic, browser) -> None:
    """The program's own word for it ("name_differs") says nothing to a manager."""
    typed = {"national_id": NUMBERS[1], "name": "別的名字", "birth_date": "075/01/31"}
    assert browser.post("/access/users/add/", typed).status_code == 400
    page = browser.get(PATH)
    (row,) = [each for each in page.context["found"].rows if each.event.outcome == Outcome.REFUSED]
    assert row.reason == "身分證號、姓名與出生日期不相符。"
    assert "name_differs" not in page.content.decode()
