"""A person sees who looked at the own data: with the own card, without an account, leaving nothing behind."""

from typing import Any

import pytest
from django.test import Client

from apps.accounts.terms import CardKind
from apps.audit.terms import Action, Outcome
from apps.cards.models import CardTransaction, Reading
from apps.oversight import own
from apps.oversight.services import proving
from tests.support.auditing import CITIZEN, make_citizen, note
from tests.support.cards import NHI_CARD, FakeAgent, issue, path_of, transaction_of, trust
from tests.support.counter import code_of
from tests.support.world import Pharmacy, make_person

pytestmark = pytest.mark.django_db


@pytest.fixture
def world() -> Pharmacy:
    return Pharmacy()


@pytest.fixture
def agent(world) -> FakeAgent:
    made = FakeAgent()
    made.enrol(world.institution)
    return made


def come_back(browser: Client, done: Any) -> Any:
    address = browser.get(path_of(done.json()["return_url"]))["Location"]
    page = browser.get(address)
    page.address = address
    return page


def with_nhi_card(browser: Client, agent: FakeAgent, **changes: Any) -> Any:
    transaction = transaction_of(browser.post("/oversight/own-accesses/", {"card_kind": "NHI"}))
    job = agent.claim(transaction).json()
    return come_back(browser, agent.result(job, reading=NHI_CARD | changes))


def told(page: Any) -> list[int]:
    return [each.line.event.id for each in page.context["found"].lines]


class TestWhatIsShown:
    def test_who_when_where_what_and_why(self, world, agent) -> None:
        patient = make_citizen()
        note(world, Action.READ_CARD, patient=patient)
        number = note(world, Action.SHOW_BOOKING, patient=patient)
        note(world, Action.SHOW_BOOKING, patient=make_person().identity_id)
        page = with_nhi_card(Client(), agent)
        first = page.context["found"].lines[0]
        assert first.line.event.id == number
        assert (first.who, first.line.institution) == ("陳怡君 (機構人員)", "健全藥局")
        assert first.what == "公費疫苗接種預約：檢視預約"
        assert any("剛在此讀取" in why for why in first.why)
        assert len(told(page)) == 2

    def test_refusals_too(self, world, agent) -> None:
        patient = make_citizen()
        note(
            world, Action.BOOK_SLOT, patient=patient, outcome=Outcome.REFUSED, reason="not_granted"
        )
        (line,) = with_nhi_card(Client(), agent).context["found"].lines
        assert "拒絕" in line.why[0]

    def test_the_purpose_of_an_emergency_in_words(self, world, agent) -> None:
        more = {"service": "IMQ", "purpose": "TRIAGE_2"}
        note(world, Action.QUERY_RECORDS, patient=make_citizen(), **more)
        (line,) = with_nhi_card(Client(), agent).context["found"].lines
        assert line.why == ["緊急醫療：檢傷分類第二級（危急）"]

    def test_without_names_where_the_operator_keeps_them_back(self, world, agent, settings) -> None:
        settings.NAMES_FOR_PATIENTS = False
        number = note(world, Action.SHOW_BOOKING, patient=make_citizen())
        page = with_nhi_card(Client(), agent)
        assert page.context["found"].lines[0].who == "(機構人員)"
        text = page.content.decode()
        assert "陳怡君" not in text
        assert f"第 {number} 號" in text

    def test_with_a_citizen_certificate_at_any_computer(self, world) -> None:
        number = note(world, Action.SHOW_BOOKING, patient=make_citizen())
        browser, agent = Client(), FakeAgent()  # not enrolled
        card = issue(trust(CardKind.CITIZEN), CITIZEN, kind=CardKind.CITIZEN, profession="")
        asked = browser.post("/oversight/own-accesses/", {"card_kind": "CITIZEN"})
        job = agent.claim(transaction_of(asked)).json()
        page = come_back(browser, agent.result(job, card=card))
        assert told(page) == [number]

    def test_page_by_page(self, world, agent, monkeypatch) -> None:
        monkeypatch.setattr(own, "PAGE", 2)
        patient = make_citizen()
        numbers = [note(world, patient=patient) for _ in range(3)]
        browser = Client()
        page = with_nhi_card(browser, agent)
        cursor = page.context["found"].next_cursor
        rest = browser.get(page.address, {"before": cursor})
        assert told(page) + told(rest) == numbers[::-1]
        assert browser.get(page.address, {"before": "x"}).status_code == 400

    def test_looking_is_an_event_of_the_person_and_not_of_the_staff(
        self, world, agent, events
    ) -> None:
        patient = make_citizen()
        with_nhi_card(Client(), agent)
        looked = events()[-1]
        assert (looked["action"], looked["patient"]) == ("show_own_log", patient)
        assert (looked["actor"], looked["role"], looked["session"]) == (None, "PATIENT", None)
        assert (looked["card_kind"], looked["institution"]) == ("NHI", world.institution.pk)


class TestWhoMayNot:
    def test_an_nhi_card_at_a_computer_that_is_not_enrolled(self) -> None:
        browser, agent = Client(), FakeAgent()
        asked = browser.post("/oversight/own-accesses/", {"card_kind": "NHI"})
        assert agent.claim(transaction_of(asked)).json()["code"] == "CARD-NOT-ENROLLED"

    def test_a_cancelled_card(self, agent) -> None:
        browser = Client()
        asked = browser.post("/oversight/own-accesses/", {"card_kind": "NHI"})
        job = agent.claim(transaction_of(asked)).json()
        refused = agent.result(job, reading=NHI_CARD | {"cancelled": True})
        assert refused.json()["code"] == "NHI-CANCELLED"

    def test_another_browser(self, world, agent) -> None:
        page = with_nhi_card(Client(), agent)
        other = Client().get(page.address)
        assert (other.status_code, code_of(other)) == (403, "CARD-OTHER-BROWSER")

    def test_a_transaction_of_another_purpose(self, agent) -> None:
        page = with_nhi_card(browser := Client(), agent)
        address = page.address
        CardTransaction.objects.update(purpose="read_card")
        assert code_of(browser.get(address)) == "CARD-EXPIRED"

    @pytest.mark.parametrize("data", [{}, {"card_kind": "HPC"}])
    def test_another_card(self, data) -> None:
        assert Client().post("/oversight/own-accesses/", data).status_code == 400


class TestResidue:
    def test_no_session_no_reading_no_number(self, world, agent) -> None:
        browser = Client()
        page = with_nhi_card(browser, agent)
        assert "ankang_session" not in browser.cookies
        assert Reading.objects.count() == 0
        assert CITIZEN not in page.content.decode() + page.address
        assert page["Cache-Control"] == "no-store"

    def test_after_finishing_nothing_opens_again(self, world, agent) -> None:
        browser = Client()
        address = with_nhi_card(browser, agent).address
        browser.post(f"{address}/finish")
        again = browser.get(address)
        assert again.status_code in (403, 410)
        assert "own_accesses" not in again.content.decode()
        assert CardTransaction.objects.latest("created_at").subject is None

    def test_after_a_quarter_of_an_hour_neither(self, world, agent, time_machine) -> None:
        from datetime import timedelta

        from apps.core import clock

        browser = Client()
        address = with_nhi_card(browser, agent).address
        time_machine.move_to(clock.now() + timedelta(minutes=16), tick=False)
        assert code_of(browser.get(address)) == "CARD-EXPIRED"


class TestProofs:
    def test_of_the_own_events_only(self, world, agent, monkeypatch) -> None:
        monkeypatch.setattr(proving, "make_proof", lambda *_, number: {"index": number})
        mine = note(world, patient=make_citizen())
        other = note(world, patient=make_person().identity_id)
        browser = Client()
        address = with_nhi_card(browser, agent).address
        assert browser.get(f"{address}/{mine}/proof").json() == {"index": mine}
        assert browser.get(f"{address}/{other}/proof").status_code == 404
