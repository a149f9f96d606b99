"""The query services in the browser: the pages by the rules, and both services by keyboard alone."""

from collections.abc import Iterator
from datetime import timedelta

import pytest
from playwright.sync_api import expect

from tests.browser.conftest import NewPage
from tests.browser.desk import CITIZEN_READER, STAFF_READER, Desk
from tests.browser.people import (
    OPERATOR,
    PHARMACY,
    PIN,
    Citizen,
    Pharmacist,
    make_citizen,
    make_pharmacist,
)
from tests.browser.stack import Stack
from tests.browser.test_keyboard import focused, tab_to
from tests.browser.test_pages import LANGUAGES, Findings, examine
from tests.browser.tour import Stop


def make_querier(stack: Stack) -> Pharmacist:
    """A pharmacist who may use both query services."""
    from apps.access.models import Entitlement
    from apps.accounts.models import Person
    from tests.support.world import grant

    made = make_pharmacist(stack, authorized=False)
    with stack.database():
        for service in ("HIQS", "TCH"):
            of_demo = Entitlement.objects.get(institution__code=PHARMACY, service_id=service)
            grant(Person.objects.get(pk=made.person), of_demo)
    return made


def make_patient(stack: Stack, *, doses: bool = False, alert: bool = False) -> Citizen:
    from apps.core import clock
    from apps.identities.services import identify
    from apps.identities.terms import IdentifierKind
    from apps.immunizations.models import VaccinationRecord
    from apps.travel.models import Label, Referral, Release, TravelRecord

    citizen = make_citizen(stack)
    with stack.database():
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=citizen.national_id)
        if doses:
            VaccinationRecord.objects.bulk_create(
                VaccinationRecord(
                    patient_id=patient,
                    vaccine_id=vaccine,
                    brand="國光",
                    dose_number=1,
                    given_on=clock.today() - timedelta(days=90 + number),
                    institution_code=PHARMACY,
                    lot=f"LOT-{number:04d}-A-VERY-LONG-LOT",
                    source="NIIS",
                )
                for number, vaccine in enumerate(("FLU", "MMR", "TDAP"))
            )
        if alert:
            day = clock.today() - timedelta(days=1)
            TravelRecord.objects.create(
                patient_id=patient,
                direction="ENTRY",
                moved_on=day,
                country="NZL",  # of no advisory level in the demo
                country_name="紐西蘭",
            )
            Release.objects.create(patient_id=patient, kind="QUARANTINE", released_on=day)
            Label.objects.create(patient_id=patient, kind="OCCUPATION", name="醫事人員")
            Referral.objects.create(patient_id=patient, referred_on=day, sampling_site="聯醫")
    return citizen


class QueryTour:
    """Every page of HIQS and TCH, empty, full and refused, and the back office of the alert."""

    def __init__(self, stack: Stack, new_page: NewPage, language: str) -> None:
        self.stack, self.new_page, self.language = stack, new_page, language
        self.desk = Desk(stack, new_page(language)).log_in_as(make_querier(stack))

    def here(self, name: str, data_page: str) -> Stop:
        self.desk.expect_page(data_page)
        return Stop(name, self.desk.page, data_page)

    def walk(self) -> Iterator[Stop]:
        yield from self.vaccinations()
        yield from self.travel()
        yield from self.refusals()
        yield from self.back_office()

    def vaccinations(self) -> Iterator[Stop]:
        self.desk.open("/immunizations/")
        yield self.here("hiqs-start", "start_vaccination_query")
        self.desk.present(make_patient(self.stack, doses=True)).read_card()
        yield self.here("hiqs-ask", "ask_vaccinations")
        self.desk.click("query_records").expect_page("show_vaccinations").click("show_other")
        yield self.here("hiqs-records", "show_vaccinations")
        self.desk.click("print_records")
        yield self.here("hiqs-print", "print_vaccinations")
        self.desk.present(make_patient(self.stack)).open("/immunizations/").read_card()
        self.desk.expect_page("ask_vaccinations").click("query_records")
        yield self.here("hiqs-empty", "show_vaccinations")

    def travel(self) -> Iterator[Stop]:
        self.desk.open("/travel/")
        yield self.here("tch-form", "ask_travel_history")
        self.desk.field("national_id").fill("Ａ123456789")
        self.desk.click("query_records").expect_page("ask_travel_history", "ID-FULLWIDTH")
        yield self.here("tch-errors", "ask_travel_history")
        self.desk.field("national_id").fill(make_patient(self.stack, alert=True).national_id)
        self.desk.click("query_records")
        yield self.here("tch-alert", "show_travel_history")
        self.desk.click("close_alert")
        yield self.here("tch-closed", "show_travel_history")
        self.desk.click("print_records")
        yield self.here("tch-print", "print_travel_history")
        self.desk.open("/travel/").field("passport").fill("X1234567")
        self.desk.field("nationality").fill("jpn")
        self.desk.click("query_records")
        yield self.here("tch-nothing", "show_travel_history")

    def refusals(self) -> Iterator[Stop]:
        gone = "00000000-0000-4000-8000-000000000000"
        self.desk.open(f"/immunizations/{gone}/").expect_page("show_vaccinations", "QRY-GONE")
        yield self.here("query-gone", "show_vaccinations")
        self.desk.present(make_patient(self.stack)).open("/travel/").click("read_card")
        self.desk.expect_page("ask_travel_history_by_card")
        self.desk.field("national_id").fill("A123456789")
        self.desk.click("query_records")
        self.desk.expect_page("ask_travel_history_by_card", "QRY-OTHER-CARD")
        yield self.here("tch-other-card", "ask_travel_history_by_card")

    def back_office(self) -> Iterator[Stop]:
        operator = Desk(self.stack, self.new_page(self.language)).log_in(OPERATOR, "CITIZEN")
        operator.open("/backoffice/travel/ruleset/").page.locator("#result_list a").last.click()
        yield Stop("alert-version", operator.page, None, admin=True)
        operator.click("preview_alert").field("moved_on").fill("2026-11-01")
        operator.page.locator('input[data-action="preview_alert"]').click()
        operator.page.locator('[data-preview="now"]').wait_for()
        yield Stop("alert-preview", operator.page, None, admin=True)


@pytest.mark.timeout(240)
@pytest.mark.parametrize("language", LANGUAGES)
def test_every_query_page_keeps_the_rules(stack: Stack, new_page: NewPage, language: str) -> None:
    findings = Findings()
    for stop in QueryTour(stack, new_page, language).walk():
        examine(stop, language, findings)
    assert not findings.wrong, findings.report()


def test_vaccinations_with_one_reader_without_a_mouse(stack: Stack, desk: Desk) -> None:
    """2-1 of manual 0: the NHI card, then the HPC in the same reader, then the PIN."""
    from apps.accounts.models import Session
    from apps.core import clock

    querier, patient = make_querier(stack), make_patient(stack, doses=True)
    desk.log_in_as(querier)
    with stack.database():  # half an hour later
        old = clock.now() - timedelta(minutes=31)
        Session.objects.filter(person=querier.person).update(card_proof_at=old)
    stack.insert(patient.card, reader=STAFF_READER)
    desk.open("/immunizations/")
    assert focused(desk.page, "data-action") == "read_card"
    desk.page.keyboard.press("Enter")
    desk.expect_page("ask_vaccinations")
    assert focused(desk.page, "data-action") == "query_records"
    stack.insert(querier.card, reader=STAFF_READER)
    desk.page.keyboard.press("Enter")
    desk.expect_page("card_pin")
    desk.page.keyboard.type(PIN)
    desk.page.keyboard.press("Enter")
    desk.expect_page("show_vaccinations")
    expect(desk.page.locator('[data-table="influenza"] tbody tr')).to_have_count(1)
    tab_to(desk.page, "data-action", "show_other")
    desk.page.keyboard.press("Enter")
    expect(desk.page.locator('[data-table="other"] tbody tr')).to_have_count(2)
    # Within the half hour the next patient needs no HPC: two readers, F2 and Enter.
    stack.insert(make_patient(stack).card, reader=CITIZEN_READER)
    desk.press_f2()
    desk.expect_page("ask_vaccinations")
    desk.page.keyboard.press("Enter")
    desk.expect_page("show_vaccinations")
    expect(desk.page.locator("[data-nothing]")).to_be_visible()


def test_travel_history_without_a_mouse(stack: Stack, desk: Desk) -> None:
    desk.log_in_as(make_querier(stack))
    desk.open("/travel/")
    tab_to(desk.page, "name", "national_id")
    desk.page.keyboard.type(make_patient(stack, alert=True).national_id)
    desk.page.keyboard.press("Enter")
    desk.expect_page("show_travel_history")
    window = desk.page.locator("dialog[open]")
    expect(window).to_contain_text("自主健康管理個案")
    assert focused(desk.page, "data-action") == "close_alert"
    desk.page.keyboard.press("Escape")
    expect(window).to_have_count(0)
    expect(desk.action("next_query")).to_be_focused()
    expect(desk.main).to_contain_text("自主健康管理個案")
    desk.press_f2()
    desk.expect_page("ask_travel_history")
    tab_to(desk.page, "name", "passport")
    desk.page.keyboard.type("X1234567")
    expect(desk.page.locator('[name="number_kind"][value="PASSPORT"]')).to_be_checked()
    desk.page.keyboard.press("Tab")
    desk.page.keyboard.type("usa")
    desk.page.keyboard.press("Enter")
    desk.expect_page("show_travel_history")
