"""Who may review what."""

from apps.audit.actors import Actor
from apps.oversight.models import ReviewCase


def may_review(case: ReviewCase, by: Actor) -> bool:
    """Nobody reviews himself (the database refuses it as well)."""
    return by.person is not None and by.person != case.person
