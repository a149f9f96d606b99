"""Visits that did not take place: the number is taken back (退掛, API 1.39)."""

from datetime import datetime

from django.db import transaction
from django.db.models import F

from apps.audit.actors import Actor
from apps.audit.services import record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.visits import policies
from apps.visits.cards import PresentedCard
from apps.visits.events import visit_event
from apps.visits.models import InsuranceStatus, Prescription, Treatment, Visit
from apps.visits.services.numbers import Place, locked_status


def take_back_visit(
    *, card: PresentedCard, visited_at: datetime, place: Place, function: str, by: Actor
) -> Visit:
    """The visit counts no more, and the visit that it cost is left again. Its number stays used up, so
    that no two signatures ever have the same one.

    Raises NothingToTakeBack, VisitElsewhere, KindStays, AlreadyTakenBack, TakenBackTooLate or
    VisitWritten.
    """
    with transaction.atomic():
        status = locked_status(card.patient)
        visit = _locked(card, visited_at)
        policies.check_taking_back(None if visit is None else _facts(visit, place))
        assert visit is not None
        visit.taken_back_at = clock.now()
        visit.save(update_fields=["taken_back_at"])
        if status is not None:
            InsuranceStatus.objects.filter(pk=status.pk).update(visits_left=F("visits_left") + 1)
        record_change(visit_event(Action.TAKE_BACK_VISIT, visit, function=function, by=by))
    return visit


def is_taken_back(*, identifier: str) -> bool:
    """Whether the visit of this identifier was taken back: its signature is right all the same."""
    return Visit.objects.filter(identifier=identifier, taken_back_at__isnull=False).exists()


def _locked(card: PresentedCard, visited_at: datetime) -> Visit | None:
    """After the insured person's row, as giving a number does; writes wait at the visit's row."""
    return (
        Visit.objects.select_for_update()
        .filter(patient_id=card.patient, visited_at=visited_at)
        .first()
    )


def _facts(visit: Visit, place: Place) -> policies.TakingBack:
    written = (
        Treatment.objects.filter(visit=visit).exists()
        or Prescription.objects.filter(visit=visit).exists()
    )
    return policies.TakingBack(
        visit=visit, institution=place.institution, now=clock.now(), written=written
    )
