"""Showing one event, and what its person did around it."""

from apps.audit.actors import Actor
from apps.audit.models import Event
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.oversight.models import LogSearch
from apps.oversight.terms import SearchPurpose


def show_event(*, shown: Event, search: LogSearch | None, page: str = "", by: Actor) -> None:
    """Records the look, with the purpose of the search that led to it."""
    detail = {"page": page, "note": search.note if search else ""}
    record(
        event(
            Action.SHOW_EVENT,
            by=by,
            patient=shown.patient,
            purpose=search.purpose if search else SearchPurpose.ROUTINE,
            object_type="event",
            object_id=str(shown.id),
            detail={key: value for key, value in detail.items() if value},
        )
    )
