"""What is kept, how long, and that its removal is an event."""

from datetime import timedelta

import pytest
from django.core.management import call_command

from apps.access.models import Proposal
from apps.booking.models import Booking
from apps.core import clock
from apps.oversight.models import LogSearch, RetentionRule
from apps.oversight.retention import RULES
from apps.oversight.services.applying import apply_retention
from tests.oversight.test_rules import booked
from tests.support.auditing import make_auditor, search
from tests.support.institution import operator_browser
from tests.support.world import BY, Pharmacy

pytestmark = pytest.mark.django_db


def removed(code: str, **options) -> int:
    (found,) = [each for each in apply_retention(by=BY, **options) if each.rule.code == code]
    return found.count


@pytest.fixture
def phone() -> Booking:
    """Of a booking whose day and campaign are over since yesterday."""
    patient = booked(Pharmacy(), "王大明")
    booking = Booking.objects.get(patient=patient)
    yesterday = clock.now() - timedelta(days=1)
    type(booking.campaign).objects.update(books_until=yesterday)
    type(booking.slot).objects.update(begins_at=yesterday - timedelta(hours=1), ends_at=yesterday)
    return booking


class TestPhones:
    def test_go_when_the_campaign_is_over_for_long_enough(self, phone, events) -> None:
        assert removed("booking_phones") == 0
        RetentionRule.objects.filter(pk="booking_phones").update(days=0)
        assert removed("booking_phones") == 1
        phone.refresh_from_db()
        assert (phone.phone, phone.name) == ("", "王大明")
        gone = events()[-1]
        assert (gone["action"], gone["detail"]["code"]) == ("apply_retention", "booking_phones")
        assert removed("booking_phones") == 0

    def test_stay_while_somebody_may_be_called(self, phone) -> None:
        RetentionRule.objects.filter(pk="booking_phones").update(days=0)
        type(phone.slot).objects.update(ends_at=clock.now() + timedelta(days=1))
        assert removed("booking_phones") == 0

    def test_a_dry_run_counts_and_removes_nothing(self, phone, events, capsys) -> None:
        RetentionRule.objects.filter(pk="booking_phones").update(days=0)
        call_command("apply_retention", "--dry-run")
        assert "booking_phones: 1 to remove" in capsys.readouterr().out
        phone.refresh_from_db()
        assert (phone.phone, events()) == ("0912345678", [])


def test_searches_end_after_some_days() -> None:
    search(make_auditor())
    assert removed("log_searches") == 0
    LogSearch.objects.update(made_at=clock.now() - timedelta(days=3))
    assert removed("log_searches") == 1


def test_a_rule_that_is_off_removes_nothing() -> None:
    RetentionRule.objects.update(enabled=False)
    assert apply_retention(by=BY) == []


@pytest.mark.parametrize("code", RULES)
def test_every_rule_can_be_asked_and_has_limits_around_its_days(code) -> None:
    rule = RULES[code]
    assert rule.old(clock.now() - timedelta(days=rule.days)).count() >= 0
    assert 0 < rule.lowest <= rule.days <= rule.highest


@pytest.mark.parametrize(
    ("days", "drafted"), [("45", True), ("3", False), ("999", False), ("", False)]
)
def test_operators_change_the_days_within_the_limits(days, drafted) -> None:
    """How a second one publishes it: test_four_eyes."""
    path = "/backoffice/oversight/retentionrule/booking_phones/change/"
    operator_browser().post(path, {"enabled": "on", "days": days})
    assert Proposal.objects.filter(object_id="booking_phones").exists() == drafted
    assert RetentionRule.objects.get(pk="booking_phones").days == 30
