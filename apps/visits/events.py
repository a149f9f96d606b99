"""The access event of what is done with one visit."""

from apps.audit.actors import Actor
from apps.audit.events import Event, event
from apps.audit.terms import Action
from apps.visits.models import Visit
from apps.visits.terms import SERVICE


def visit_event(
    action: Action, visit: Visit, *, function: str, count: int | None = None, by: Actor
) -> Event:
    """`function` is the call's number or way, `count` how much was written."""
    return event(
        action,
        by=by,
        service=SERVICE,
        patient=visit.patient_id,
        object_type="visit",
        object_id=str(visit.pk),
        result_count=count,
        detail={"action": function},
    )
