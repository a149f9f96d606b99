"""(Registered intent or group) and age and dose interval and previous brand.

The first failing rule gives the code (C1).
"""

from datetime import UTC, date, datetime, timedelta
from typing import Any

import pytest

from apps.booking.models import Campaign
from apps.booking.policies import Facts, age_on, birthday, judge
from apps.booking.services import NotEligible, choose_campaign
from apps.booking.terms import Rule

NOW = datetime(2026, 11, 21, 4, 0, tzinfo=UTC)
TODAY = date(2026, 11, 21)


def campaign(**fields: Any) -> Campaign:
    """From 12 to 90, everybody from 18 on; 28 days after the last dose, which may have been AZ or MO."""
    values = {
        "books_from": NOW - timedelta(days=1),
        "books_until": NOW + timedelta(days=30),
        "group_from_age": 18,
        "min_age": 12,
        "max_age": 90,
        "min_interval_days": 28,
        "previous_brands": ["AZ", "MO"],
    }
    return Campaign(**values | fields)


def facts(**fields: Any) -> Facts:
    values = {"campaign": campaign(), "birth_date": date(1968, 2, 29), "listed": False}
    return Facts(**values | fields)


def days_ago(days: int) -> date:
    return TODAY - timedelta(days=days)


@pytest.mark.parametrize(
    ("given", "rule", "next_eligible_on"),
    [
        # nobody has to be listed who belongs to the group by age
        ({}, None, None),
        ({"birth_date": date(2008, 11, 21)}, None, None),  # 18 today
        ({"birth_date": date(2008, 11, 22)}, Rule.LISTED, date(2026, 11, 22)),  # 18 tomorrow
        ({"birth_date": date(2012, 1, 1)}, Rule.LISTED, None),  # 18 long after the campaign
        ({"birth_date": date(2012, 1, 1), "listed": True}, None, None),
        # a campaign without a group by age
        ({"campaign": campaign(group_from_age=None)}, Rule.LISTED, None),
        ({"campaign": campaign(group_from_age=None), "listed": True}, None, None),
        # age counts for the listed too
        ({"birth_date": date(2014, 11, 21), "listed": True}, None, None),  # 12 today
        ({"birth_date": date(2014, 11, 22), "listed": True}, Rule.TOO_YOUNG, date(2026, 11, 22)),
        ({"birth_date": date(1936, 11, 21)}, None, None),  # 90 today
        ({"birth_date": date(1935, 11, 21)}, Rule.TOO_OLD, None),  # 91 today
        # the last dose
        ({"last_given_on": days_ago(28), "last_brand": "AZ"}, None, None),
        ({"last_given_on": days_ago(27), "last_brand": "AZ"}, Rule.INTERVAL, date(2026, 11, 22)),
        ({"last_given_on": TODAY, "last_brand": "AZ"}, Rule.INTERVAL, date(2026, 12, 19)),
        ({"last_given_on": days_ago(40), "last_brand": "BNT"}, Rule.BRAND, None),
        (
            {
                "campaign": campaign(previous_brands=[]),
                "last_given_on": days_ago(40),
                "last_brand": "BNT",
            },
            None,
            None,
        ),
        # the window comes first
        (
            {"campaign": campaign(books_from=NOW + timedelta(days=3)), "listed": True},
            Rule.WINDOW,
            date(2026, 11, 24),
        ),
        (
            {"campaign": campaign(books_until=NOW - timedelta(seconds=1)), "listed": True},
            Rule.WINDOW,
            None,
        ),
    ],
)
def test_rules(given: dict[str, Any], rule: Rule | None, next_eligible_on: date | None) -> None:
    verdict = judge(facts(**given), at=NOW)
    assert (verdict.rule, verdict.next_eligible_on) == (rule, next_eligible_on)
    assert verdict.eligible is (rule is None)


def test_the_first_failing_rule_gives_the_code() -> None:
    """Too young, too soon and another brand at once: the list is asked first, then age."""
    given = facts(birth_date=date(2020, 1, 1), last_given_on=TODAY, last_brand="BNT")
    assert judge(given, at=NOW).rule == Rule.LISTED
    listed = facts(birth_date=date(2020, 1, 1), last_given_on=TODAY, last_brand="BNT", listed=True)
    assert judge(listed, at=NOW).rule == Rule.TOO_YOUNG


def test_refusal_carries_code_reason_and_next_day() -> None:
    refusal = NotEligible(judge(facts(last_given_on=TODAY, last_brand="AZ"), at=NOW))
    assert refusal.code == "VBK-C05"
    assert refusal.reason == "interval"
    assert refusal.detail == {"next_eligible_on": "2026-12-19"}


@pytest.mark.parametrize(
    ("born", "day", "age"),
    [
        (date(2008, 2, 29), date(2026, 2, 28), 17),
        (date(2008, 2, 29), date(2026, 3, 1), 18),
        (date(2008, 2, 29), date(2028, 2, 29), 20),
        (date(2000, 12, 31), date(2026, 1, 1), 25),
        (date(2026, 11, 21), date(2026, 11, 21), 0),
    ],
)
def test_age(born: date, day: date, age: int) -> None:
    assert age_on(born, day) == age


def test_born_on_29_february_comes_of_age_on_1_march() -> None:
    assert birthday(date(2008, 2, 29), 18) == date(2026, 3, 1)
    assert birthday(date(2008, 2, 29), 20) == date(2028, 2, 29)


def test_the_first_campaign_that_admits_is_chosen(time_machine_at_noon: None) -> None:
    closed = facts(campaign=campaign(code="A", books_until=NOW - timedelta(days=1)))
    open_one = facts(campaign=campaign(code="B"))
    chosen, verdict = choose_campaign([closed, open_one])
    assert (chosen, verdict.eligible) == (open_one, True)


def test_a_live_booking_comes_before_everything(time_machine_at_noon: None) -> None:
    import uuid

    booked = facts(campaign=campaign(min_age=70), live_booking=uuid.uuid4())
    chosen, _ = choose_campaign([facts(), booked])
    assert chosen is booked


def test_without_any_campaign_the_window_is_closed(time_machine_at_noon: None) -> None:
    chosen, verdict = choose_campaign([])
    assert chosen is None
    assert verdict.rule == Rule.WINDOW


@pytest.fixture
def time_machine_at_noon(time_machine: Any) -> None:
    time_machine.move_to(NOW, tick=False)
