"""How long what is kept: one rule for each kind of data (FEATURES H7). The log's own months: audit.archives.

A rule counts and removes what is older than its days. How many days, operators decide within the
rule's limits; that something was removed is an event.
"""

from collections.abc import Callable
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import Q, QuerySet
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.audit.models import AnswerCount
from apps.booking.models import Booking
from apps.booking.waiting import WaitingEntry
from apps.cards.models import CardTransaction, Reading
from apps.core.models import OutboxMessage
from apps.oversight.models import LogSearch
from apps.queries.models import Query

Old = Callable[[datetime], "QuerySet[Any]"]
Remove = Callable[["QuerySet[Any]"], int]


def _delete(rows: "QuerySet[Any]") -> int:
    return rows.delete()[0]


def _blank_phones(rows: "QuerySet[Any]") -> int:
    """The record stays for the statistics of the campaign; whom to call does not."""
    return rows.update(phone="")


@dataclass(frozen=True)
class Kept:
    """`old` are the rows that lie before a moment, `remove` takes what the rule takes from them."""

    code: str
    title: str | Promise
    days: int
    lowest: int
    highest: int
    old: Old
    remove: Remove = _delete


RULES: dict[str, Kept] = {
    rule.code: rule
    for rule in (
        Kept(
            "readings",
            _("Readings of NHI cards"),
            1,
            1,
            1,
            lambda before: Reading.objects.filter(read_at__lt=before),
        ),
        Kept(
            "card_transactions",
            _("Card transactions"),
            2,
            1,
            7,
            lambda before: CardTransaction.objects.filter(expires_at__lt=before),
        ),
        Kept(
            "queries",
            _("Queries with their consents; the log keeps the evidence"),
            2,
            1,
            30,
            lambda before: Query.objects.filter(expires_at__lt=before),
        ),
        Kept(
            "booking_phones",
            _("Phone numbers of bookings, after the booked day and the campaign"),
            30,
            7,
            180,
            lambda before: Booking.objects.filter(
                ~Q(phone=""), slot__ends_at__lt=before, campaign__books_until__lt=before
            ),
            _blank_phones,
        ),
        Kept(
            "waiting_phones",
            _("Phone numbers of waiting lists, after the campaign"),
            30,
            7,
            180,
            lambda before: WaitingEntry.objects.filter(
                ~Q(phone=""), campaign__books_until__lt=before
            ),
            _blank_phones,
        ),
        Kept(
            "sent_messages",
            _("Messages that were sent"),
            30,
            1,
            365,
            lambda before: OutboxMessage.objects.filter(sent_at__lt=before),
        ),
        Kept(
            "log_searches",
            _("Searches of the access log that are over"),
            2,
            1,
            30,
            lambda before: LogSearch.objects.filter(made_at__lt=before),
        ),
        Kept(
            "answer_counts",
            _("Counts of answers"),
            400,
            30,
            3650,
            lambda before: AnswerCount.objects.filter(hour__lt=before),
        ),
    )
}
