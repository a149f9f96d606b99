"""Reviewing a case: taking it, noting, closing. Each is an event, and so is sealed."""

from uuid import UUID

from django.db import transaction

from apps.accounts.models import Person, PlatformRole
from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.oversight.models import CaseNote, ReviewCase
from apps.oversight.policies import may_review
from apps.oversight.refusals import CaseClosed, NoReviewer, OwnCase
from apps.oversight.terms import CaseState, SearchPurpose


def assign_case(*, case: ReviewCase, to: UUID, by: Actor) -> None:
    """Raises OwnCase when the case is about the one or the other, NoReviewer when `to` is no auditor."""
    with transaction.atomic():
        locked = _lock(case, by=by)
        if to == locked.person:
            raise OwnCase(reason="assigned_to_the_reviewed")
        if to not in {reviewer.pk for reviewer in find_reviewers()}:
            raise NoReviewer(reason="assigned_to_no_auditor")
        locked.assigned_to_id = to
        locked.state = CaseState.ASSIGNED
        locked.save(update_fields=["assigned_to", "state"])
        _record(locked, Action.ASSIGN_CASE, by=by, person=str(to))


def note_case(*, case: ReviewCase, text: str, by: Actor) -> None:
    """The note itself stays with the case; the event says that there is one."""
    with transaction.atomic():
        locked = _lock(case, by=by)
        CaseNote.objects.create(case=locked, by_id=by.a_person, text=text)
        _record(locked, Action.NOTE_CASE, by=by)


def close_case(*, case: ReviewCase, finding: str, text: str, by: Actor) -> None:
    """With a finding and the words for it, which the event keeps; raises OwnCase and CaseClosed."""
    with transaction.atomic():
        locked = _lock(case, by=by)
        CaseNote.objects.create(case=locked, by_id=by.a_person, text=text)
        locked.state, locked.finding = CaseState.CLOSED, finding
        locked.closed_by_id, locked.closed_at = by.a_person, clock.now()
        locked.save(update_fields=["state", "finding", "closed_by", "closed_at"])
        _record(locked, Action.CLOSE_CASE, by=by, outcome=finding, note=text)


def show_case(*, case: ReviewCase, by: Actor) -> None:
    """Looking at a case is looking at the log."""
    record(
        event(
            Action.SHOW_CASE,
            by=by,
            patient=case.patient,
            purpose=SearchPurpose.REVIEW,
            object_type="review_case",
            object_id=str(case.pk),
        )
    )


def find_reviewers() -> list[Person]:
    """The auditors of today."""
    roles = PlatformRole.objects.in_force(clock.today()).filter(role=SessionRole.AUDITOR)
    return [each.person for each in roles.select_related("person").order_by("person__name")]


def _lock(case: ReviewCase, *, by: Actor) -> ReviewCase:
    """The case as it is now, held until the end of the transaction."""
    locked = ReviewCase.objects.select_for_update().get(pk=case.pk)
    if not may_review(locked, by):
        raise OwnCase(reason="reviewer_is_the_reviewed")
    if locked.is_closed:
        raise CaseClosed(reason="case_closed")
    return locked


def _record(case: ReviewCase, action: Action, *, by: Actor, **detail: str) -> None:
    record_change(
        event(
            action,
            by=by,
            patient=case.patient,
            object_type="review_case",
            object_id=str(case.pk),
            detail={"code": case.rule, **detail},
        )
    )
