"""A typhoon keeps a city at home: an operator moves or calls off its day at every site (C16)."""

from datetime import timedelta
from typing import Any

import pytest
from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext

from apps.booking.models import Booking, Campaign, Slot, WaitingEntry
from apps.booking.services import cities
from apps.booking.terms import BookingState, Priority
from apps.core.errors import NotFound
from apps.core.models import OutboxMessage
from tests.support.booking import make_booking, make_campaign, make_site, make_slot
from tests.support.institution import operator as make_actor
from tests.support.institution import operator_browser
from tests.support.world import in_days, make_institution

pytestmark = pytest.mark.django_db
DAY, LATER = in_days(1), in_days(8)


class Storm:
    """Two sites in 臺北市, one in 高雄市, and one in 臺北市 of another campaign; one person in each."""

    def __init__(self) -> None:
        self.campaign = make_campaign()
        here = [make_institution(district_id="105"), make_institution(district_id="100")]
        self.struck = [self._book(self.campaign, place) for place in here]
        far = make_institution(district_id="801")
        self.elsewhere = self._book(self.campaign, far)
        self.other_campaign = self._book(make_campaign(code="FLU1", prefix="FL"), here[0])
        self.another_day = make_booking(make_slot(self.struck[0].slot.site, days=2))

    def _book(self, campaign: Campaign, place: Any) -> Booking:
        return make_booking(make_slot(make_site(campaign, institution=place)))

    def post(self, operator: Any, what: str, **typed: Any) -> Any:
        path = f"/backoffice/booking/campaign/{self.campaign.pk}/{what}-city-day/"
        fields = {f"{what}_city_day-{name}": value for name, value in typed.items()}
        return operator.post(path, fields, follow=True)

    def call_off(self) -> int:
        return cities.cancel_city_day(
            campaign=self.campaign.pk, city="臺北市", day=DAY, sure=True, by=make_actor()
        )

    def cancel(self, operator: Any, **changes: Any) -> Any:
        typed = {"city": "臺北市", "day": DAY.isoformat(), "sure": "on"} | changes
        return self.post(operator, "cancel", **typed)

    def move(self, operator: Any, **changes: Any) -> Any:
        typed = {"city": "臺北市", "day": DAY.isoformat(), "to": LATER.isoformat()} | changes
        return self.post(operator, "move", **typed)

    def states(self) -> list[str]:
        return [Booking.objects.get(pk=each.pk).state for each in self.struck]

    def untouched(self) -> bool:
        rest = [self.elsewhere, self.other_campaign, self.another_day]
        return not any(
            Booking.objects.get(pk=each.pk).revision != 1
            or Slot.objects.get(pk=each.slot_id).closed
            for each in rest
        )


@pytest.fixture
def operator() -> Client:
    return operator_browser()


@pytest.fixture
def storm() -> Storm:
    return Storm()


def test_a_city_is_called_off_and_nobody_else(storm, operator, events) -> None:
    assert "本縣市所有接種站皆已取消" in storm.cancel(operator).content.decode()
    assert storm.states() == [BookingState.CALLED_OFF] * 2
    assert storm.untouched()
    assert OutboxMessage.objects.filter(topic="day_called_off").count() == 2
    first_in_line = WaitingEntry.objects.filter(priority=Priority.CALLED_OFF)
    assert {entry.site_id for entry in first_in_line} == {b.slot.site_id for b in storm.struck}
    logged = [e for e in events() if e["action"] == "cancel_day"]
    assert {e["patient"] for e in logged} == {None, *(b.patient_id for b in storm.struck)}
    (about_the_city,) = [e for e in logged if e["object_type"] == "campaign"]
    assert about_the_city["detail"] == {"campaign": "AZ01", "query": f"臺北市 {DAY}"}
    assert about_the_city["result_count"] == 2


def test_nothing_can_be_booked_there_any_more(storm, operator) -> None:
    storm.cancel(operator)
    assert all(Slot.objects.get(pk=each.slot_id).closed for each in storm.struck)


def test_a_city_is_moved_and_nobody_else(storm, operator) -> None:
    assert "本縣市所有接種站皆已改期" in storm.move(operator).content.decode()
    for booking in storm.struck:
        before = booking.slot
        booking.refresh_from_db()
        assert booking.slot.begins_at == before.begins_at + timedelta(days=7)
        assert booking.slot.site_id == before.site_id
    assert storm.states() == [BookingState.BOOKED] * 2
    assert storm.untouched()
    assert OutboxMessage.objects.filter(topic="day_moved").count() == 2


def test_asked_again_it_goes_on_where_it_was_interrupted(storm, operator, monkeypatch) -> None:
    """The first site is told, then the worker is killed; nobody is told twice."""
    told = []

    def cancel_day(**which: Any) -> int:
        if told:
            raise KeyboardInterrupt
        told.append(which["site"])
        return real(**which)

    real = cities.cancel_day
    with monkeypatch.context() as patch:
        patch.setattr(cities, "cancel_day", cancel_day)
        with pytest.raises(KeyboardInterrupt):
            storm.call_off()
    assert sorted(storm.states()) == sorted([BookingState.BOOKED, BookingState.CALLED_OFF])
    assert all(Slot.objects.get(pk=each.slot_id).closed for each in storm.struck)
    storm.cancel(operator)
    storm.cancel(operator)
    assert storm.states() == [BookingState.CALLED_OFF] * 2
    assert OutboxMessage.objects.filter(topic="day_called_off").count() == 2


@pytest.mark.parametrize(
    ("what", "changes", "says"),
    [
        ("cancel", {"sure": ""}, "請確認"),
        ("cancel", {"city": ""}, "請選擇要異動的縣市。"),
        ("cancel", {"city": "東京都"}, "東京都"),
        ("cancel", {"day": "昨天"}, "請以 2026-12-31 的格式輸入日期。"),
        ("cancel", {"city": "澎湖縣"}, "VBC-DAY"),
        ("cancel", {"day": in_days(60).isoformat()}, "VBC-DAY"),
        ("move", {"to": DAY.isoformat()}, "請選擇"),
        ("move", {"to": in_days(-1).isoformat()}, "請選擇"),
        ("move", {"to": ""}, "請選擇"),
        ("move", {"city": "澎湖縣"}, "VBC-DAY"),
    ],
)
def test_what_makes_no_sense_says_so_and_changes_nothing(
    storm, operator, what, changes, says
) -> None:
    page = getattr(storm, what)(operator, **changes)
    assert page.status_code == 200
    assert says in page.content.decode()
    assert storm.states() == [BookingState.BOOKED] * 2
    assert storm.untouched()
    assert not Slot.objects.filter(closed=True).exists()


def test_a_campaign_that_is_not_there() -> None:
    with pytest.raises(NotFound):
        cities.cancel_city_day(
            campaign=make_institution().pk,
            city="臺北市",
            day=DAY,
            sure=True,
            by=make_actor(),
        )


def test_a_site_where_nobody_is_booked_costs_few_trips(storm) -> None:
    """There are hundreds of sites in a city."""

    def statements() -> int:
        with CaptureQueriesContext(connection) as sent:
            storm.call_off()
        return len(sent)

    statements()  # afterwards nobody is booked at the two either
    few = statements()
    for _ in range(5):
        make_slot(make_site(storm.campaign, institution=make_institution(district_id="105")))
    assert statements() - few <= 5 * 14
