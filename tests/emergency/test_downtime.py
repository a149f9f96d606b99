"""Emergency downtime as an emergency room meets it (FEATURES F9): the log fails, or its sealing stands still.

The whole way: login, HPC, alert, consent, tab; then brought in, compared and reviewed.
"""

import time
from datetime import timedelta

import pytest
from django.conf import settings as django_settings
from django.db import connection
from django.test import Client
from django.urls import reverse

from apps.audit import services as audit
from apps.audit.bringing_in import bring_in
from apps.audit.downtime import journal
from apps.audit.lag import last_look
from apps.oversight.models import ReviewCase, ReviewRule
from apps.oversight.services import flagging
from tests.emergency.conftest import HSIEH, TSENG
from tests.support.auditing import make_auditor
from tests.support.cards import NHI_CARD, log_in, refusal_code, transaction_of
from tests.support.world import BY, entitle, grant

pytestmark = pytest.mark.django_db
SAYS_SO = {
    "zh-hant": "緊急應變作業",
    "en": "Emergency downtime",
}


@pytest.fixture(autouse=True)
def folder(settings, tmp_path):
    settings.DOWNTIME = tmp_path / "downtime"


@pytest.fixture
def others(room) -> None:
    """The same person may ask about travel as well."""
    grant(room.person, entitle(room.institution, "TCH"))


@pytest.fixture
def log_down(monkeypatch):
    """PostgreSQL refuses every event; `undo()` repairs it."""

    def refuse(_event):
        with connection.cursor() as cursor:
            cursor.execute("SELECT audit.append('[]')")

    monkeypatch.setattr(audit, "_append", refuse)
    return monkeypatch


def actions() -> list[str]:
    return [each.event["action"] for each in journal().entries()]


def says_so(page) -> bool:
    return "data-downtime" in page.content.decode()


def test_from_the_login_to_the_tab_nothing_waits_for_the_log(room, load, log_down) -> None:
    load(HSIEH)
    room.browser = Client()
    log_in(room.browser, room.agent, room.hpc)
    asked_for = room.open_tabs(HSIEH)
    assert asked_for.context["page"].name == "give_emergency_consent"
    path = room.path("give_emergency_consent")
    consent = {"consent": "urgent", "reference": "昏迷，GCS 5"}
    tab = room.follow(room.browser.post(path, consent))
    assert (tab.status_code, tab.context["tab"].name) == (200, "cloud_medication")
    assert tab.context["answer"].rows
    assert says_so(tab)
    assert actions() == [*("log_in", "step_up", "query_records", "record_consent", "query_records")]


@pytest.mark.parametrize("language", SAYS_SO)
def test_the_page_says_it_in_the_persons_language(room, load, log_down, language) -> None:
    load(TSENG)
    room.browser.cookies[django_settings.LANGUAGE_COOKIE_NAME] = language
    page = room.open_tabs(TSENG).content.decode()
    assert SAYS_SO[language] in page


def test_the_patients_card_is_read_as_always(room, log_down) -> None:
    page = room.read_card(reverse("read_patient_card"))
    assert page.status_code == 200
    assert "read_card" in actions()


def test_other_services_of_the_same_person_show_nothing(room, others, log_down) -> None:
    asked = room.browser.post(reverse("ask_travel_history"), {"read_card": "yes"})
    job = room.agent.claim(transaction_of(asked)).json()
    answer = room.agent.result(job, reading=NHI_CARD)
    assert (answer.status_code, answer.json()["code"]) == (503, "AUD-503")
    number = {"number_kind": "NATIONAL_ID", "national_id": TSENG}
    refused = room.follow(room.browser.post(reverse("ask_travel_history"), number))
    assert (refused.status_code, refusal_code(refused)) == (503, "AUD-503")
    assert "緊急醫療查詢仍可使用" in refused.content.decode()
    assert not {"read_card", "query_records"} & set(actions())


def test_afterwards_it_is_in_the_log_and_in_the_review_queue(room, load, log_down, events) -> None:
    load(TSENG)
    room.open_tabs(TSENG)
    kept = [each.at for each in journal().entries()]
    log_down.undo()
    assert bring_in(by=BY) == len(kept)
    brought = [each for each in events() if "kept" in each["detail"]]
    assert [each["detail"]["kept"] for each in brought] == kept
    ReviewRule.objects.exclude(code="downtime").update(enabled=False)
    flagging.find_flags(by=BY)
    cases = ReviewCase.objects.filter(rule="downtime", person=room.person.pk)
    assert {case.patient for case in cases} == {room.patient(TSENG)}
    assert {case.occurred_at.isoformat() for case in cases} <= set(kept)
    auditor = make_auditor()
    listed = auditor.get("/oversight/cases/?rule=downtime").content.decode()
    assert str(cases[0].pk) in listed
    finding = {"finding": "EXPLAINED", "text": "停機期間之急診查詢"}
    auditor.post(f"/oversight/cases/{cases[0].pk}/close/", finding)
    assert ReviewCase.objects.get(pk=cases[0].pk).state == "CLOSED"
    assert not says_so(room.tab("allergies"))


def test_where_sealing_stands_still_imq_goes_on_flagged_and_others_stop(
    room, others, load, monkeypatch, events
) -> None:
    load(TSENG)
    monkeypatch.setattr(last_look, "at", time.monotonic() + 3600)
    monkeypatch.setattr(last_look, "lag", timedelta(hours=5))
    tab = room.open_tabs(TSENG)
    assert (tab.status_code, says_so(tab)) == (200, True)
    assert events()[-1]["detail"]["unsealed"] is True
    assert refusal_code(room.browser.get(reverse("ask_travel_history"))) == "AUD-503"
