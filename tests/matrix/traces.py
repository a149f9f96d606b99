"""Nothing escapes: what the log must say about the answer of a route (FEATURES H1).

The matrix drives every route of the product as every kind of person, and compares by this.

What an answer is about, the view says itself (`request.patient`); the middleware counts the same at
run time (apps.audit.edge).
"""

from typing import Any

from django.db import connection

from apps.audit.edge import UNTRACED
from tests.matrix.cells import Row

# Answers that show nothing of anybody, so that there is nothing to record: forms that wait for a card
# or for input, one's own rights and tasks, public texts. A route outside this list, answered with 200
# to somebody who is logged in, leaves an event. Adding one here is a decision, not a formality.
QUIET = frozenset(
    {
        *("home", "my_home", "site_map", "healthz", "readyz", "schema", "log_in", "my_account"),
        *("security_notes", "set_up_computer", "questions", "for_staff", "downloads", "contact"),
        *("card_component", "links", "look_up_code", "check_components", "stay_logged_in"),
        *(
            "ask_own",
            "start_booking",
            "start_vaccination_query",
            "ask_travel_history",
            "start_emergency_query",
            "open_exception",
            "repeat_search",
            "list_cases",
            "list_exports",
        ),
        # Rights, cards and modules of the own institution; its sites and slots.
        *("list_cards", "list_modules", "set_card_password", "show_sites", "show_slots"),
        *("publish_slots", "change_slot", "change_day", "show_month"),
        # Lists of people: one event for each person on them, and the matrix has nobody on them.
        *("show_site_day", "print_site_day", "show_waiting_list", "list_bookings"),
        # Keys, challenges and descriptions for programs.
        *("make_challenge", "show_visit_keys", "make_nonce", "read_capabilities"),
    }
)


def recorded(answer: Any) -> list[dict[str, Any]]:
    """The events that carry the id of the request."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT action, outcome, patient, actor FROM audit.event WHERE request_id = %s::uuid",
            [answer["X-Request-Id"]],
        )
        names = [column.name for column in cursor.description]
        return [dict(zip(names, row, strict=True)) for row in cursor.fetchall()]


def check_trace(row: Row, subject: str, answer: Any, events: list[dict[str, Any]]) -> None:
    """Fails unless the events of this request say what its answer showed."""
    patient = getattr(answer.wsgi_request, "patient", None)
    if answer.status_code == 200 and patient is not None and row.route not in UNTRACED:
        assert patient in {event["patient"] for event in events}, f"{subject}: about nobody"
    if subject != "visitor" and answer.status_code in (403, 409, 410):
        # Django's admin refuses by itself, after the event of the page was written.
        outcomes = {event["outcome"] for event in events}
        assert "refused" in outcomes or (row.route.startswith("admin:") and events), subject
    if subject != "visitor" and answer.status_code == 200 and row.route not in QUIET:
        assert events or row.route in UNTRACED, f"{subject}: no event"
