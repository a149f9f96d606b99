"""Counting at the edge: how many answers about patients left, to be compared with the log (FEATURES H1).

An event is written before its answer leaves, and this counts the answers, by another way: a view that
forgot its event is found by the job that compares both (apps.oversight.services.comparing), whoever
wrote the view.
"""

import logging
import time
from collections import Counter
from collections.abc import Callable
from datetime import datetime
from typing import Any

from django.db import DatabaseError, connection
from django.http import HttpRequest, HttpResponse

from apps.audit.models import AnswerCount
from apps.core import clock

FLUSH_EVERY = 30.0  # seconds; a killed process forgets what it counted since
# Answers that show of the patient what the card just said and no more, and the reading of the card has
# its event: a fragment of a form, and forms that wait for input.
UNTRACED = frozenset(
    {
        *("choose_slot", "join_waiting_list", "ask_vaccinations", "ask_travel_history_by_card"),
        *("start_emergency_by_card", "give_emergency_consent"),
    }
)

_ADD = f"""
    INSERT INTO {AnswerCount._meta.db_table} (hour, route, answers)
    SELECT * FROM unnest(%s::timestamptz[], %s::text[], %s::bigint[])
    ON CONFLICT (hour, route) DO UPDATE
    SET answers = {AnswerCount._meta.db_table}.answers + excluded.answers
"""

logger = logging.getLogger(__name__)


class Answers:
    """What this process has counted and not yet written down."""

    def __init__(self) -> None:
        self.counted: Counter[tuple[datetime, str]] = Counter()
        self.flushed_at = time.monotonic()

    def count(self, route: str) -> None:
        hour = clock.now().replace(minute=0, second=0, microsecond=0)
        self.counted[hour, route] += 1
        if time.monotonic() - self.flushed_at > FLUSH_EVERY:
            self.flush()

    def flush(self) -> None:
        """One statement. When it fails the answer stands all the same, and the next one tries again."""
        if not self.counted:
            return
        hours, routes = zip(*self.counted, strict=True)
        try:
            with connection.cursor() as cursor:
                cursor.execute(_ADD, [list(hours), list(routes), list(self.counted.values())])
        except DatabaseError as error:
            logger.warning("answers were not counted: %s", type(error).__name__)
        else:
            self.counted.clear()
        self.flushed_at = time.monotonic()


answers = Answers()


class CountingMiddleware:
    """Counts each answer that shows something of a patient: the view has said whom it is about."""

    def __init__(self, get_response: Callable[[HttpRequest], HttpResponse]) -> None:
        self.get_response = get_response

    def __call__(self, request: HttpRequest) -> HttpResponse:
        response = self.get_response(request)
        if response.status_code == 200 and getattr(request, "patient", None) is not None:
            match: Any = request.resolver_match
            route = match.view_name if match else ""
            if route not in UNTRACED:
                answers.count(route)
        return response
