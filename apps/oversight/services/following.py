"""From one event to everything that concerns its patient or its person."""

from datetime import timedelta

from apps.audit.actors import Actor
from apps.core import clock
from apps.core.errors import Invalid
from apps.oversight.criteria import Criteria
from apps.oversight.lines import Line
from apps.oversight.models import LogSearch
from apps.oversight.services.searching import start_search
from apps.oversight.terms import SearchPurpose

BEFORE = timedelta(days=30)
AFTER = timedelta(days=7)


def follow_event(*, line: Line, what: str, search: LogSearch | None, by: Actor) -> LogSearch:
    """A search for the month before the event and the week after. `what` is "patient" or "person".

    Raises Invalid when the event has no such thing.
    """
    event = line.event
    day = clock.day_of(event.recorded_at)
    patient = event.patient if what == "patient" else None
    person = event.actor if what == "person" else None
    if patient is None and person is None:
        raise Invalid(reason="nothing_to_follow")
    label = line.actor if what == "person" else f"{str(event.patient)[:8]}…"
    return start_search(
        criteria=Criteria(since=day - BEFORE, until=day + AFTER, patient=patient, person=person),
        labels={what: label},
        purpose=search.purpose if search else SearchPurpose.ROUTINE,
        note=search.note if search else "",
        by=by,
    )
