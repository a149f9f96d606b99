"""The operators' figures: each number against bookings made by hand, and what they cost."""

import csv
import io
import random
import re
from collections import Counter
from dataclasses import asdict
from datetime import timedelta
from typing import Any

import pytest
from django.conf import settings
from django.core.cache import cache
from django.test import Client

from apps.accounts.sessions import SessionStore
from apps.accounts.terms import CardKind, SessionRole
from apps.booking.figures import Figures, Period, report_on
from apps.booking.models import Booking, Slot
from apps.booking.terms import BookingState
from apps.core import clock
from apps.institutions.models import District
from apps.institutions.terms import InstitutionKind
from tests.support.booking import (
    make_booking,
    make_campaign,
    make_entry,
    make_site,
    make_slot,
)
from tests.support.world import at_hour, in_days, make_institution, make_operator, session_columns

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def nothing_kept(db):
    cache.clear()


@pytest.fixture
def operator() -> Client:
    store = SessionStore()
    person = make_operator()
    store.open(**session_columns(person, role=SessionRole.OPERATOR, card_kind=CardKind.CITIZEN))
    client = Client()
    client.cookies[settings.SESSION_COOKIE_NAME] = store.session_key
    return client


@pytest.fixture
def campaign():
    """Two sites in Taipei and one in Kaohsiung; today and tomorrow."""
    made = make_campaign()
    taipei = make_site(made)
    other = make_site(
        made, institution=make_institution(name="信義診所", kind=InstitutionKind.CLINIC)
    )
    south = District.objects.filter(city="高雄市").first()
    far = make_site(made, institution=make_institution(name="高雄醫院", district=south))
    today = make_slot(taipei, days=0, hour=9, capacity=4)
    for state in ("VACCINATED", "VACCINATED", "NO_SHOW", "ARRIVED", "CANCELLED"):
        make_booking(today, state=state)
    make_booking(make_slot(taipei, days=1, capacity=6))
    make_booking(make_slot(other, days=0, capacity=10))
    make_slot(far, days=1, capacity=80)
    make_booking(make_slot(far, days=9, capacity=5))
    return made


def period(campaign, **changes) -> Period:
    values = {"campaign": campaign.pk, "first_day": in_days(0), "last_day": in_days(1)}
    return Period(**values | changes)


def test_every_number_of_the_whole_country(campaign) -> None:
    total = report_on(period(campaign)).total
    assert (total.capacity, total.booked, total.left) == (100, 5, 95)
    assert (total.vaccinated, total.no_shows, total.arrived) == (2, 1, 1)
    assert (total.expected, total.cancelled, total.waiting) == (2, 1, 0)
    assert (total.fill_rate, total.no_show_rate) == (5.0, 33.3)


def test_sites_add_up_to_districts_and_cities(campaign) -> None:
    report = report_on(period(campaign))
    assert [site.capacity for site in report.sites] == [10, 10, 80]
    assert [(city.name, city.capacity) for city in report.cities] == [
        ("臺北市", 20),
        ("高雄市", 80),
    ]
    for parts in (report.sites, report.districts, report.cities):
        assert sum(each.booked for each in parts) == report.total.booked
        assert sum(each.vaccinated for each in parts) == report.total.vaccinated


def test_one_city(campaign) -> None:
    report = report_on(period(campaign, city="高雄市"))
    assert (report.total.capacity, report.total.booked) == (80, 0)
    assert [each.name for each in report.sites] == ["高雄醫院-AZ"]
    assert sum(number for _hour, number in report.bookings) == 1  # for a day outside


def test_days_of_vaccination(campaign) -> None:
    today, tomorrow = report_on(period(campaign)).days
    assert (today.vaccinated, today.no_shows, today.expected) == (2, 1, 1)
    assert (today.capacity, today.booked, today.fill_rate) == (14, 4, 28.6)
    assert (tomorrow.vaccinated, tomorrow.expected, tomorrow.capacity) == (0, 1, 86)


@pytest.fixture
def lively(campaign):
    """Slots at every edge of the days, bookings in every state made at any hour, people who wait, and
    another campaign at the same places.
    """
    dice = random.Random(5)
    another = make_campaign(code="AZ02")
    sites = list(campaign.site_set.all())
    sites += [make_site(another, institution=each.institution) for each in sites]
    for site in sites:
        make_entry(site)
        for day in (-1, 0, 1, 2):
            for hour in (0, 12, 23):
                slot = make_slot(site, days=day, hour=hour, capacity=20)
                for _booking in range(dice.randrange(3)):
                    made_at = at_hour(in_days(dice.randrange(-1, 3)), dice.randrange(24))
                    state = dice.choice(BookingState.values)
                    make_booking(slot, state=state, booked_at=made_at)
    make_entry(sites[0], state="LEFT")
    return campaign


def naive(asked: Period, slots: list[Slot], name: str = "") -> dict[str, Any]:
    """The figures of these slots, one booking after the other."""
    of_period = [slot for slot in slots if asked.first_day <= slot.day <= asked.last_day]
    states = Counter(each.state for slot in of_period for each in slot.booking_set.all())
    counted = Figures(
        name,
        capacity=sum(slot.capacity for slot in of_period),
        booked=sum(slot.booked for slot in of_period),
        expected=states["BOOKED"],
        arrived=states["ARRIVED"],
        vaccinated=states["VACCINATED"],
        no_shows=states["NO_SHOW"],
        cancelled=states["CANCELLED"] + states["CALLED_OFF"],
    )
    return asdict(counted)


@pytest.mark.parametrize("city", ["", "臺北市", "高雄市"])
def test_every_figure_is_that_of_a_count_by_hand(lively, city) -> None:
    asked = period(lively, city=city)
    report = report_on(asked)
    sites = list(lively.site_set.order_by("institution__district__position", "institution__code"))
    here = [each for each in sites if city in ("", each.institution.district.city)]
    slots = list(Slot.objects.filter(site__in=here).prefetch_related("booking_set"))
    assert len(slots) >= 12
    for site, figures in zip(here, report.sites, strict=True):
        of_site = naive(asked, [slot for slot in slots if slot.site_id == site.pk], site.label)
        found = asdict(figures)
        assert {name: found[name] for name in of_site} == of_site | {"waiting": 1}
    for day, figures in zip(asked.days, report.days, strict=True):
        of_day = [slot for slot in slots if slot.day == day]
        assert asdict(figures) == naive(asked, of_day, day.isoformat())
    assert asdict(report.total) == naive(asked, slots) | {"waiting": len(here)}
    made = Counter(
        f"{clock.as_local(each.booked_at):.13}" for slot in slots for each in slot.booking_set.all()
    )
    hours = {f"{day:%Y/%m/%d} {hour:02d}" for day in asked.days for hour in range(24)}
    assert [number for _hour, number in report.bookings] == [
        made[hour] if hour in hours else 0 for hour in sorted(hours)
    ]


def test_bookings_per_hour_are_counted_when_they_were_made(campaign) -> None:
    Booking.objects.update(booked_at=at_hour(in_days(0), 10) + timedelta(minutes=59))
    report = report_on(period(campaign))
    assert len(report.bookings) == 48
    counted = {hour: number for hour, number in report.bookings if number}
    assert counted == {f"{in_days(0):%m/%d} 10:00": 8}


def test_a_long_period_is_shown_by_days(campaign) -> None:
    Booking.objects.update(booked_at=at_hour(in_days(0), 23))
    report = report_on(period(campaign, first_day=in_days(-6), last_day=in_days(0)))
    assert [number for _day, number in report.bookings] == [0, 0, 0, 0, 0, 0, 8]


def test_another_campaign_counts_nothing(campaign) -> None:
    other = make_campaign(code="AZ02")
    assert report_on(period(other)).total.capacity == 0


@pytest.mark.parametrize("city", ["", "臺北市"])
def test_the_figures_are_two_statements(campaign, round_trips, city) -> None:
    with round_trips(at_most=2):
        report_on(period(campaign, city=city))


def test_numbers_are_kept_for_a_minute(campaign, round_trips) -> None:
    first = report_on(period(campaign))
    with round_trips(at_most=0):
        assert report_on(period(campaign)) == first


def test_the_page_costs_the_same_for_one_site_and_for_many(operator, campaign, round_trips) -> None:
    for number in range(40):
        make_booking(make_slot(make_site(campaign, brand=f"B{number}"), days=0))
    # Session, campaigns, cities, two counts, the event with its savepoint, and the frame.
    with round_trips(at_most=10):
        page = operator.get("/booking/figures/")
    assert page.status_code == 200


def test_the_page_shows_charts_and_tables_of_the_latest_campaign(
    operator, campaign, events
) -> None:
    text = operator.get(
        "/booking/figures/", {"first_day": in_days(0), "last_day": in_days(1)}
    ).content.decode()
    for name in ("bookings", "days", "districts", "sites"):
        assert f'data-table="{name}"' in text
    for name in ("bookings_chart", "days_chart", "places_chart"):
        assert f'data-chart="{name}"' in text
    assert "5 / 100" in text
    shown = events()[-1]
    assert (shown["action"], shown["role"], shown["patient"]) == ("show_figures", "OPERATOR", None)


def test_sites_come_in_pages_that_keep_the_choice(operator, campaign) -> None:
    for number in range(55):
        make_site(campaign, brand=f"B{number}")
    page = operator.get("/booking/figures/", {"city": "臺北市"}).content.decode()
    assert "1 / 2" in page
    link = page.split('rel="next" href="')[1].split('"')[0].replace("&amp;", "&").split("#")[0]
    second = operator.get(f"/booking/figures/{link}").content.decode()
    assert "2 / 2" in second
    assert 'value="臺北市" selected' in second


def test_what_is_a_name_is_not_lined_up_as_a_number(operator, campaign) -> None:
    page = operator.get("/booking/figures/", {"city": "臺北市"}).content.decode()
    row = page.split('data-table="sites"')[1].split("<tbody>")[1].split("</tr>")[0]
    kinds = re.findall(r'<(?:td|th scope="row")( class="[a-z-]+")?>', row)
    assert [kind == ' class="amount"' for kind in kinds] == [False] * 3 + [True] * 10


@pytest.mark.parametrize("table", ["bookings", "days", "districts", "sites"])
def test_every_table_is_saved_whole_and_logged(operator, campaign, events, table) -> None:
    for number in range(60):
        make_site(campaign, brand=f"B{number}")
    query = {"first_day": str(in_days(0)), "last_day": str(in_days(1))}
    page = operator.get("/booking/figures/", query).content.decode()
    answer = operator.get(f"/booking/figures/{table}.csv", query)
    assert answer["Content-Type"] == "text/csv; charset=utf-8"
    text = b"".join(answer.streaming_content).decode("utf-8-sig")
    columns, *rows = list(csv.reader(io.StringIO(text, newline="")))
    assert all(f">{column}<" in page for column in columns)
    assert len(rows) == {"bookings": 48, "days": 2, "districts": 2, "sites": 63}[table]
    saved = events()[-1]
    assert (saved["action"], saved["result_count"]) == ("export_figures", len(rows))
    assert saved["detail"]["format"] == f"csv {table}"


@pytest.mark.parametrize(
    "query",
    [
        {"campaign": "x"},
        {"first_day": "x"},
        {"first_day": "2026-02-02", "last_day": "2026-02-01"},
        {"first_day": "2025-01-01", "last_day": "2026-02-01"},
        {"city": "火星市"},
    ],
)
def test_a_wrong_choice_is_said_and_shows_nothing(operator, campaign, query) -> None:
    page = operator.get("/booking/figures/", query)
    assert page.status_code == 400
    assert b"error-summary" in page.content
    assert b"<table" not in page.content
    assert operator.get("/booking/figures/sites.csv", query).status_code == 400


def test_without_any_campaign_the_page_says_so(operator) -> None:
    page = operator.get("/booking/figures/")
    assert page.status_code == 200
    assert b"<table" not in page.content
    assert clock.today()


def test_a_drafted_campaign_is_not_the_one_that_is_shown(operator, campaign) -> None:
    make_campaign(code="FLU115", published=False, books_from=clock.now())
    page = operator.get("/booking/figures/")
    assert page.context["form"].data["campaign"] == str(campaign.pk)
