"""Campaigns in the back office (C1, C15): rules with four eyes, sites, the preview, the end."""

from datetime import timedelta
from typing import Any

import pytest
from django.test import Client

from apps.access.models import Entitlement, Proposal
from apps.booking.models import Booking, Campaign, EligibilityEntry, Site
from apps.booking.terms import BookingState, EntryKind
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.immunizations.models import VaccinationRecord
from tests.support.booking import make_booking, make_campaign, make_site, make_slot
from tests.support.counter import Counter, code_of
from tests.support.institution import operator_browser
from tests.support.world import in_days, make_institution, years_ago

pytestmark = pytest.mark.django_db

CAMPAIGNS = "/backoffice/booking/campaign/"
RULES = {
    "code": "FLU115",
    "name": "115年流感疫苗",
    "vaccine": "FLU",
    "brands": "VAXI,FLUA",
    "prefix": "FL,115",
    "published": "on",
    "books_from_0": "2026-10-01",
    "books_from_1": "08:00",
    "books_until_0": "2099-12-31",
    "books_until_1": "17:00",
    "offer_hours": "12",
    "listed_kinds": ["INTENT", "GROUP"],
    "group_from_age": "50",
    "min_age": "3",
    "max_age": "",
    "dose_number": "1",
    "min_interval_days": "0",
    "previous_brands": "",
}
NUMBER = "C121103509"


@pytest.fixture
def operator() -> Client:
    return operator_browser()


def draft(browser: Client, path: str = f"{CAMPAIGNS}add/", **changes: Any) -> Any:
    return browser.post(path, RULES | changes)


def publish(browser: Client) -> str:
    page = f"/backoffice/access/proposal/{Proposal.objects.waiting().get().pk}/"
    browser.post(f"{page}publish-change/")
    return browser.get(f"{page}change/").content.decode()


def page_of_campaign(campaign: Campaign, *parts: str) -> str:
    return "/".join([f"{CAMPAIGNS}{campaign.pk}", *parts, ""])


class TestRules:
    def test_a_campaign_is_drafted_by_one_and_published_by_another(self, operator) -> None:
        assert draft(operator).status_code == 302
        assert "ACC-FOUR-EYES" in publish(operator)
        assert not Campaign.objects.exists()
        publish(operator_browser("周大同"))
        made = Campaign.objects.get()
        assert (made.code, made.brands, made.offer_hours) == ("FLU115", ["VAXI", "FLUA"], 12)
        assert (made.group_from_age, made.max_age, made.published) == (50, None, True)

    def test_published_rules_hold_at_the_next_card(self, operator) -> None:
        counter = Counter()
        path = counter.read_card()["Location"]
        assert counter.browser.get(path).status_code == 200
        shown = operator.get(page_of_campaign(counter.campaign, "change"))
        form = shown.context["adminform"].form
        sent = {name: form[name].value() for name in form.fields}
        for name in ("books_from", "books_until"):
            moment = clock.timezone.localtime(sent.pop(name))
            sent |= {f"{name}_0": f"{moment:%Y-%m-%d}", f"{name}_1": f"{moment:%H:%M:%S}"}
        sent = {k: "" if v is None else v for k, v in sent.items()} | {"min_age": "60"}
        answer = operator.post(page_of_campaign(counter.campaign, "change"), sent)
        assert answer.status_code == 302, answer.context["adminform"].form.errors
        assert counter.browser.get(path).status_code == 200
        page = publish(operator_browser("周大同"))
        assert "60" in page
        assert code_of(counter.browser.get(path)) == "VBK-C03"

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"books_until_0": "2026-09-01"}, "預約期間的結束時間須晚於開始時間"),
            ({"max_age": "2"}, "年齡上限不得小於年齡下限"),
            ({"name": ""}, "errornote"),
            ({"listed_kinds": ["OTHER"]}, "OTHER"),
        ],
    )
    def test_rules_that_make_no_sense_are_refused(self, operator, changes, message) -> None:
        answer = draft(operator, **changes)
        assert answer.status_code == 200
        assert message in answer.content.decode()
        assert not Proposal.objects.exists()

    def test_draft_says_in_numbers_what_it_concerns(self, operator) -> None:
        campaign = make_campaign()
        make_booking(make_slot(make_site(campaign)))
        operator.post(page_of_campaign(campaign, "change"), RULES | {"code": campaign.code})
        drafted = Proposal.objects.waiting().get()
        page = operator.get(f"/backoffice/access/proposal/{drafted.pk}/change/")
        effects = {effect.name: effect.count for effect in page.context["effects"]}
        assert (effects["sites"], effects["live"], effects["late"]) == (1, 1, 0)

    @pytest.mark.parametrize(
        ("kinds", "code"),
        [(["INTENT", "GROUP"], ""), (["INTENT"], ""), (["GROUP"], "VBK-C02"), ([], "VBK-C02")],
    )
    def test_which_lists_count_is_data(self, kinds, code) -> None:
        counter = Counter()
        Campaign.objects.update(group_from_age=None, listed_kinds=kinds)
        person = identify(kind=IdentifierKind.NATIONAL_ID, value=NUMBER)
        EligibilityEntry.objects.create(
            campaign=counter.campaign, patient_id=person, kind=EntryKind.INTENT
        )
        assert code_of(counter.open_form()) == code


class TestEnd:
    def test_true_at_the_next_click(self, operator, events) -> None:
        counter = Counter()
        page = counter.open_form()
        operator.post(
            page_of_campaign(counter.campaign, "end-campaign"), {"end_campaign-reason": "疫苗用罄"}
        )
        assert code_of(counter.book(page)) == "VBK-C01"
        assert not Booking.objects.exists()
        (ended,) = [event for event in events() if event["action"] == "end_campaign"]
        assert ended["detail"]["note"] == "疫苗用罄"
        again = operator.post(
            page_of_campaign(counter.campaign, "end-campaign"),
            {"end_campaign-reason": "x"},
            follow=True,
        )
        assert "VBC-STATE" in again.content.decode()

    def test_needs_a_reason(self, operator) -> None:
        campaign = make_campaign()
        operator.post(page_of_campaign(campaign, "end-campaign"))
        campaign.refresh_from_db()
        assert campaign.books_until > clock.now()


class TestSites:
    def appoint(self, browser: Client, campaign: Campaign, lines: str) -> str:
        path = page_of_campaign(campaign, "appoint-sites")
        answer = browser.post(path, {"appoint_sites-appointed": lines}, follow=True)
        return answer.content.decode()

    def test_institutions_get_their_brands_and_may_manage_them(self, operator, events) -> None:
        campaign = make_campaign(brands=["AZ", "MO"])
        hospital, other = make_institution(name="培靈醫院"), make_institution()
        self.appoint(operator, campaign, f"{hospital.code}, AZ, MO\n\n{other.code}，AZ")
        sites = {(site.institution.code, site.brand) for site in Site.objects.all()}
        assert sites == {(hospital.code, "AZ"), (hospital.code, "MO"), (other.code, "AZ")}
        assert Entitlement.objects.filter(service="VBS", source="OPERATOR").count() == 2
        (event,) = [each for each in events() if each["action"] == "appoint_sites"]
        assert event["result_count"] == 3
        self.appoint(operator, campaign, f"{hospital.code} AZ")
        assert Site.objects.count() == 3

    @pytest.mark.parametrize(
        ("lines", "code"),
        [
            ("1234567890 AZ", "VBC-CODES"),
            ("{code} BNT", "VBC-BRAND"),
            ("{code}", "未填廠牌"),
            ("12345 AZ", "第 2 列"),
            ("", "請至少輸入一個機構"),
        ],
    )
    def test_all_or_none(self, operator, lines, code) -> None:
        campaign = make_campaign(brands=["AZ"])
        place = make_institution()
        good = f"{place.code} AZ\n" if lines else ""
        html = self.appoint(operator, campaign, good + lines.format(code=place.code))
        assert code in html
        assert not Site.objects.exists()

    def test_an_ended_site_cannot_be_booked_and_comes_back(self, operator) -> None:
        counter = Counter()
        page = counter.open_form()
        path = f"/backoffice/booking/site/{counter.site.pk}/"
        operator.post(f"{path}end-site/", {"end_site-reason": "冷藏設備故障"})
        assert code_of(counter.book(page)) == "VBK-CLOSED"
        operator.post(f"{path}resume-site/")
        assert counter.book(counter.open_form()).status_code == 303

    def test_operator_calls_off_a_typhoon_day(self, operator) -> None:
        booking = make_booking(make_slot(make_site(make_campaign())))
        path = f"/backoffice/booking/site/{booking.slot.site_id}/cancel-site-day/"
        day = in_days(1).isoformat()
        operator.post(path, {"cancel_site_day-day": day})
        booking.refresh_from_db()
        assert booking.state == BookingState.BOOKED
        operator.post(path, {"cancel_site_day-day": day, "cancel_site_day-sure": "on"})
        booking.refresh_from_db()
        assert booking.state == BookingState.CALLED_OFF

    def test_operator_moves_a_day(self, operator) -> None:
        booking = make_booking(make_slot(make_site(make_campaign())))
        path = f"/backoffice/booking/site/{booking.slot.site_id}/move-site-day/"
        days = {"day": in_days(1).isoformat(), "to": in_days(5).isoformat()}
        operator.post(path, {f"move_site_day-{name}": day for name, day in days.items()})
        booking.refresh_from_db()
        assert booking.slot.day == in_days(5)


class TestPreview:
    def show(self, browser: Client, campaign: Campaign, **changes: str) -> Any:
        typed = {"kind": "NATIONAL_ID", "number": NUMBER, "birth_date": years_ago(50).isoformat()}
        return browser.post(page_of_campaign(campaign, "preview"), typed | changes)

    def test_says_what_a_person_would_get_and_leaves_a_trace(self, operator, events) -> None:
        campaign = make_campaign(published=False)
        make_slot(make_site(campaign), hour=9)
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=NUMBER)
        html = self.show(operator, campaign).content.decode()
        assert "可立即預約" in html
        assert "培靈醫院-AZ" in html
        assert "尚未發布" in html
        assert NUMBER not in html.replace(f'value="{NUMBER}"', "")
        (event,) = [each for each in events() if each["action"] == "preview_rules"]
        assert event["patient"] == patient

    def test_gives_the_code_the_reason_and_the_day(self, operator) -> None:
        campaign = make_campaign(min_interval_days=28)
        patient = identify(kind=IdentifierKind.NATIONAL_ID, value=NUMBER)
        VaccinationRecord.objects.create(
            patient_id=patient,
            vaccine_id="COVID19",
            brand="AZ",
            dose_number=1,
            given_on=in_days(-10),
            institution_code="1101010021",
            source="NIIS",
        )
        page = self.show(operator, campaign)
        assert "[C][VBK-C05]" in page.content.decode()
        assert f"{in_days(18):%Y/%m/%d}" in page.content.decode()

    def test_drafted_rules_stand_beside_those_of_now(self, operator) -> None:
        campaign = make_campaign()
        operator.post(
            page_of_campaign(campaign, "change"), RULES | {"code": campaign.code, "min_age": "60"}
        )
        codes = [
            outlook.verdict.rule and outlook.verdict.rule.value
            for _label, outlook in self.show(operator, campaign).context["outlooks"]
        ]
        assert codes == [None, "VBK-C03"]

    def test_before_the_period_it_says_what_comes(self, operator) -> None:
        opens = clock.now() + timedelta(days=3)
        html = self.show(operator, make_campaign(books_from=opens)).content.decode()
        assert "[C][VBK-C01]" in html
        assert "預約期間內可預約" in html

    @pytest.mark.parametrize(
        ("changes", "message"),
        [
            ({"number": "C121103500"}, "檢查碼"),
            ({"number": ""}, "請輸入號碼"),
            ({"birth_date": "x"}, "輸入出生日期，例如"),
            ({"kind": "X"}, "X"),
        ],
    )
    def test_bad_input_shows_nobody(self, operator, events, changes, message) -> None:
        page = self.show(operator, make_campaign(), **changes)
        assert page.status_code == 400
        assert message in page.content.decode()
        assert "preview_rules" not in [event["action"] for event in events()]


@pytest.mark.parametrize(
    "typed",
    [
        "VBK-C02",
        " vbk-c02 ",
        "[C][VBK-C02]",
        "您不符合本期可施打資格[C][VBK-C02]",
        "［C］［VBK-C02］",
    ],
)
def test_help_desk_looks_up_what_the_counter_saw(client, typed) -> None:
    page = client.get("/refusal-codes/", {"code": typed})
    assert "未完成意願登記" in page.content.decode()
