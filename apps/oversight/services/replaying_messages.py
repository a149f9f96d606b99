"""Messages to citizens against the log: whoever is to be told of a deed is told once, and of no other.

The outbox is a table like any other, and its owner could take a message out, put one in, or let it
speak of another booking. Every message but the reminder is written in the transaction of a deed, so
the sealed events say which messages there have to be.
"""

from dataclasses import dataclass
from datetime import datetime, timedelta
from typing import Any

from django.db import connection

from apps.audit.terms import Action
from apps.booking.terms import Topic
from apps.core import clock
from apps.core.models import OutboxMessage
from apps.oversight.models import RetentionRule

TOPICS: dict[Action, Topic] = {
    Action.BOOK_SLOT: Topic.BOOKING_MADE,
    Action.BOOK_EXCEPTION: Topic.BOOKING_MADE,
    Action.ACCEPT_OFFER: Topic.BOOKING_MADE,
    Action.CHANGE_BOOKING: Topic.BOOKING_CHANGED,
    Action.CANCEL_BOOKING: Topic.BOOKING_CANCELLED,
    Action.MOVE_PEOPLE: Topic.DAY_MOVED,
    Action.MOVE_DAY: Topic.DAY_MOVED,
    Action.CALL_OFF_PEOPLE: Topic.DAY_CALLED_OFF,
    Action.CANCEL_DAY: Topic.DAY_CALLED_OFF,
    Action.JOIN_WAITING_LIST: Topic.WAITING_JOINED,
    Action.OFFER_PLACE: Topic.PLACE_OFFERED,
    Action.EXPIRE_OFFER: Topic.OFFER_EXPIRED,
    Action.WITHDRAW_OFFER: Topic.OFFER_WITHDRAWN,
}
# Who was booked elsewhere meanwhile is not told that an offer ran out.
NOT_ALWAYS = [Topic.OFFER_EXPIRED.value]
# Events of these were written without one before 2026-12.
WITHOUT_REVISION = [Topic.DAY_MOVED.value, Topic.DAY_CALLED_OFF.value]
LONGEST = timedelta(days=365)
# The moments of a deed's event and message differ by a transaction: what lies so near to the begin
# of the period could be in it with one of them only.
EDGE = timedelta(hours=1)

_COMPARE = f"""
    WITH topics AS (
        SELECT * FROM unnest(%(actions)s::text[], %(topics)s::text[]) AS each (action, topic)
    ), both_sides AS (
        SELECT topic, object_id AS about, recorded_at AS at, id AS event,
            coalesce((detail ->> 'revision')::int, CASE WHEN topic <> ALL(%(whole_days)s) THEN 1 END)
                AS revision
        FROM audit.event JOIN topics USING (action)
        WHERE outcome = 'permitted' AND recorded_at >= %(since)s
            AND object_type IN ('booking', 'offer', 'waiting_entry')
        UNION ALL
        SELECT topic, coalesce(payload ->> 'booking', payload ->> 'offer', payload ->> 'entry', ''),
            created_at, NULL, CASE WHEN payload ->> 'revision' IS NULL THEN 1
                WHEN payload ->> 'revision' ~ '^[0-9]{{1,9}}$' THEN (payload ->> 'revision')::int END
        FROM {OutboxMessage._meta.db_table}
        WHERE created_at >= %(since)s AND topic = ANY(%(topics)s)
    ), counted AS (
        SELECT topic, about, count(event) AS events, count(*) - count(event) AS messages,
            array_agg(revision ORDER BY revision) FILTER (WHERE event IS NOT NULL) AS done,
            array_agg(revision ORDER BY revision) FILTER (WHERE event IS NULL) AS told,
            min(at) AS first_at, max(event) AS event
        FROM both_sides GROUP BY topic, about
    )
    SELECT topic, about, events, messages, event FROM counted
    WHERE first_at >= %(sure)s AND (
        messages > events
        OR messages < events AND topic <> ALL(%(not_always)s)
        OR messages = events AND done <> told AND array_position(done, NULL) IS NULL)
    ORDER BY topic, about
"""


@dataclass(frozen=True)
class Mismatch:
    """`about` is the id of the booking, the offer or the entry on the waiting list."""

    topic: str
    about: str
    events: int
    messages: int
    event: int | None

    def __str__(self) -> str:
        last = f" (last event {self.event})" if self.event else ""
        said = f"{self.messages} messages {self.topic} about {self.about}"
        if self.events == self.messages:
            return f"{said}, of another revision than the log says{last}"
        return f"{said}, {self.events} by the log{last}"


def compare_messages() -> list[Mismatch]:
    """What outbox and log say differently, as far back as messages are kept; both in one snapshot."""
    since = _kept_since()
    values: dict[str, Any] = {
        "actions": [action.value for action in TOPICS],
        "topics": [topic.value for topic in TOPICS.values()],
        "not_always": NOT_ALWAYS,
        "whole_days": WITHOUT_REVISION,
        "since": since,
        "sure": since + EDGE,
    }
    with connection.cursor() as cursor:
        cursor.execute(_COMPARE, values)
        return [Mismatch(*row) for row in cursor.fetchall()]


def _kept_since() -> datetime:
    """Messages that were sent after this are still there."""
    rule = RetentionRule.objects.filter(pk="sent_messages", enabled=True).first()
    return clock.now() - (timedelta(days=rule.days) if rule else LONGEST)
