"""A site publishes, copies, changes and closes slots (C2)."""

from datetime import date, time, timedelta
from itertools import pairwise
from time import perf_counter
from typing import Any

import pytest

from apps.booking.choices import Wish, offer_choices
from apps.booking.models import Slot
from apps.booking.patterns import Pattern, monday_of, public_holidays
from tests.support.booking import make_site, make_slot
from tests.support.counter import code_of
from tests.support.site import SiteDesk
from tests.support.world import at_hour, in_days, make_institution

MONDAY = date(2027, 3, 1)


def pattern(**changes: Any) -> Pattern:
    values: dict[str, Any] = {
        "first_day": MONDAY,
        "last_day": MONDAY + timedelta(days=13),
        "weekdays": frozenset({0, 2}),
        "opens": time(9),
        "closes": time(11),
        "minutes": 60,
        "capacity": 5,
    }
    return Pattern(**values | changes)


def test_a_pattern_means_its_weekdays_and_hours_in_taiwan() -> None:
    spans = list(pattern(last_day=MONDAY + timedelta(days=6)).spans())
    assert [f"{begins:%d %H}-{ends:%H}" for begins, ends in spans] == [
        "01 09-10",
        "01 10-11",
        "03 09-10",
        "03 10-11",
    ]
    assert spans[0][0].utcoffset() == timedelta(hours=8)


def test_a_rest_shorter_than_a_slot_is_left_out() -> None:
    given = pattern(last_day=MONDAY, closes=time(10, 50), minutes=30)
    assert len(list(given.spans())) == 3


def test_days_to_leave_out_are_left_out() -> None:
    assert next(pattern(without=frozenset({MONDAY})).days()) == MONDAY + timedelta(days=2)


def test_public_holidays_of_taiwan_are_known() -> None:
    assert date(2027, 1, 1) in public_holidays(date(2026, 12, 28), date(2027, 1, 3))
    assert public_holidays(date(2027, 3, 2), date(2027, 3, 6)) == frozenset()


@pytest.fixture
def desk(db: None) -> SiteDesk:
    return SiteDesk()


def next_monday() -> date:
    return monday_of(in_days(7))


def form(**changes: Any) -> dict[str, Any]:
    values: dict[str, Any] = {
        "first_day": next_monday().isoformat(),
        "last_day": (next_monday() + timedelta(days=6)).isoformat(),
        "weekdays": ["0", "1", "2", "3", "4"],
        "opens": "09:00",
        "closes": "11:00",
        "minutes": "60",
        "capacity": "7",
        "exceptions": "",
    }
    return values | changes


def test_published_slots_are_bookable_everywhere_at_once(desk, events) -> None:
    answer = desk.post("slots", "publish", **form())
    assert answer.status_code == 303
    assert desk.site.slots.count() == 10
    assert set(desk.site.slots.values_list("capacity", "booked", "closed")) == {(7, 0, False)}
    (event,) = [event for event in events() if event["action"] == "publish_slots"]
    assert (event["result_count"], event["object_id"]) == (10, str(desk.site.pk))
    week = desk.browser.get(answer["Location"]).content.decode()
    assert week.count("data-slot=") == 10
    choices = offer_choices(campaign=desk.campaign, wish=Wish())
    assert [str(site.pk) for site in choices.sites] == [str(desk.site.pk)]
    assert choices.sites[0].left == 70


def test_publishing_again_makes_nothing_twice(desk) -> None:
    desk.post("slots", "publish", **form())
    again = desk.post("slots", "publish", **form())
    page = desk.browser.get(again["Location"])
    assert desk.site.slots.count() == 10
    assert "10 個時段未公布" in page.content.decode()


def test_a_pattern_never_overlaps_what_is_there(desk) -> None:
    desk.post("slots", "publish", **form())
    desk.post("slots", "publish", **form(opens="09:30", closes="12:30"))
    spans = sorted(desk.site.slots.values_list("begins_at", "ends_at"))
    assert all(ends <= begins for (_, ends), (begins, _) in pairwise(spans))
    assert len(spans) == 15


@pytest.mark.django_db
def test_exceptions_and_holidays_are_left_out(time_machine) -> None:
    time_machine.move_to(at_hour(date(2026, 12, 1), 12), tick=False)
    desk = SiteDesk()
    desk.post(
        "slots",
        "publish",
        **form(
            first_day="2026-12-28",
            last_day="2027-01-03",
            skip_holidays="on",
            exceptions="2026-12-29",
        ),
    )
    days = {slot.day for slot in desk.site.slots.all()}
    assert days == {date(2026, 12, 28), date(2026, 12, 30), date(2026, 12, 31)}


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"first_day": "2020-01-01"}, "起始日期已過"),
        ({"last_day": "2020-01-01"}, "結束日期須在起始日期當日或之後，且不超過 92 日"),
        ({"opens": "11:00"}, "此時間內無法安排任何時段"),
        ({"exceptions": "12/24"}, "排除日期請以 2026-12-24 格式輸入，並以空白分隔"),
        ({"capacity": "0"}, "每時段名額須為 1 至 1000"),
        ({"capacity": "1001"}, "每時段名額須為 1 至 1000"),
        ({"minutes": "x"}, "每時段須為 5 至 480 分鐘"),
        ({"weekdays": []}, "請至少勾選一個星期幾"),
        ({"opens": "25:00"}, "請輸入開始時間"),
        ({"first_day": ""}, "請輸入起始日"),
        ({"weekdays": ["7"]}, None),
    ],
)
def test_bad_patterns_are_refused(desk, changes, message) -> None:
    page = desk.post("slots", "publish", **form(**changes))
    assert page.status_code == 400
    assert page.context["form"].errors
    assert message is None or message in page.content.decode()
    assert not Slot.objects.exists()


def test_a_week_is_copied_without_closed_slots(desk) -> None:
    desk.post("slots", "publish", **form())
    first = desk.site.slots.order_by("begins_at")[0]
    Slot.objects.filter(pk=first.pk).update(closed=True, capacity=9)
    to = next_monday() + timedelta(days=9)  # any day of the week names it
    answer = desk.post("slots", "copy", week=next_monday().isoformat(), to=to.isoformat())
    assert answer.status_code == 303
    copied = desk.site.slots.filter(begins_at__gte=at_hour(next_monday() + timedelta(days=7), 0))
    off = public_holidays(next_monday() + timedelta(days=7), next_monday() + timedelta(days=13))
    assert copied.count() == 9 - 2 * len([day for day in off if day.weekday() < 5])


def test_a_week_without_slots_is_not_copied(desk) -> None:
    to = next_monday() + timedelta(days=7)
    answer = desk.post("slots", "copy", week=next_monday().isoformat(), to=to.isoformat())
    assert (answer.status_code, code_of(answer)) == (409, "VBS-NO-SLOTS")
    assert answer.context["form"].errors["to"]


def test_a_week_is_not_copied_into_the_past_or_itself(desk) -> None:
    week = next_monday().isoformat()
    assert desk.post("slots", "copy", week=week, to=week).status_code == 400


def test_capacity_goes_up_and_down_to_what_is_booked(desk, events) -> None:
    slot = make_slot(desk.site, capacity=5)
    Slot.objects.update(booked=3)
    path = f"/booking/slots/{slot.pk}/"
    assert desk.browser.get(path).context["form"]["capacity"].value() == 5
    for capacity in (8, 3):
        assert desk.browser.post(path, {"capacity": capacity}).status_code == 303
    refused = desk.browser.post(path, {"capacity": 2, "closed": "on"})
    assert (refused.status_code, code_of(refused)) == (409, "VBS-BOOKED")
    assert "請先將當日預約改期或取消" in refused.content.decode()
    slot.refresh_from_db()
    assert (slot.capacity, slot.closed) == (3, False)
    deeds = [(e["outcome"], e["reason"]) for e in events() if e["action"] == "change_slot"]
    assert deeds == [("permitted", "")] * 2 + [("refused", "capacity_below_booked")]


def test_a_form_from_before_somebody_else_changed_the_slot_changes_nothing(desk) -> None:
    """Two tabs: what one of them closed, the other does not open again unseen."""
    slot = make_slot(desk.site, capacity=5)
    path = f"/booking/slots/{slot.pk}/"
    form = desk.browser.get(path).context["form"]
    seen = {name: form[name].value() for name in ("shown_capacity", "shown_closed")}
    assert desk.browser.post(path, seen | {"capacity": 5, "closed": "on"}).status_code == 303
    late = desk.browser.post(path, seen | {"capacity": 8})
    assert (late.status_code, code_of(late)) == (409, "VBS-CHANGED")
    assert "此時段已被變更" in late.content.decode()
    slot.refresh_from_db()
    assert (slot.capacity, slot.closed) == (5, True)
    now = {name: late.context["form"][name].value() for name in ("shown_capacity", "shown_closed")}
    assert desk.browser.post(path, now | {"capacity": 8, "closed": "on"}).status_code == 303


def test_three_months_of_five_minutes_are_published_again_in_time(desk) -> None:
    """Day by day: compared with each other all at once, it would take half a minute."""
    days = {"first_day": in_days(1).isoformat(), "last_day": in_days(90).isoformat()}
    given = form(**days, weekdays=list("0123456"), opens="08:00", closes="18:00", minutes="5")
    desk.post("slots", "publish", **given)
    assert desk.site.slots.count() == 90 * 120
    begun = perf_counter()
    assert desk.post("slots", "publish", **given).status_code == 303
    assert perf_counter() - begun < 5
    assert desk.site.slots.count() == 90 * 120


def test_a_day_is_closed_early_and_keeps_its_bookings(desk) -> None:
    morning, noon, evening = (make_slot(desk.site, hour=hour) for hour in (9, 12, 17))
    other_day = make_slot(desk.site, days=2, hour=17)
    Slot.objects.filter(pk=evening.pk).update(booked=1)
    answer = desk.post("slots", "close", day=in_days(1).isoformat(), since="12:00")
    assert answer.status_code == 303
    closed = set(Slot.objects.filter(closed=True).values_list("pk", flat=True))
    assert closed == {noon.pk, evening.pk}
    assert {morning.pk, other_day.pk}.isdisjoint(closed)
    evening.refresh_from_db()
    assert evening.booked == 1
    again = desk.post("slots", "close", day=in_days(1).isoformat(), since="12:00")
    assert (again.status_code, code_of(again)) == (409, "VBS-NONE")
    assert again.context["form"].errors["since"]


@pytest.mark.parametrize("name", ["copy", "close"])
def test_a_refused_form_stays_on_the_week_that_it_is_about(desk, name) -> None:
    week = next_monday() + timedelta(days=14)
    values = {
        "copy": {"week": week.isoformat(), "to": week.isoformat()},
        "close": {"day": week.isoformat(), "since": ""},
    }
    page = desk.post("slots", name, **values[name])
    assert page.status_code == 400
    assert page.context["week"].monday == week


def test_sites_lists_only_ones_own(desk) -> None:
    make_site(desk.campaign, institution=make_institution(), brand="MO")
    page = desk.browser.get("/booking/sites/")
    html = page.content.decode()
    assert html.count('data-action="show_slots"') == 1
    assert "培靈醫院-AZ" in html


def test_slots_of_another_institution_are_not_found(desk) -> None:
    slot = make_slot(desk.site)
    type(desk.site).objects.update(institution=make_institution())
    assert desk.get("slots").status_code == 404
    assert desk.post("slots", "publish", **form()).status_code == 404
    assert desk.browser.post(f"/booking/slots/{slot.pk}/", {"capacity": 1}).status_code == 404
