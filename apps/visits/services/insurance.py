"""What the list of the insured says, for a HIS (APIs 1.2, 1.14, 1.36, 1.38 and 1.55)."""

from apps.audit.actors import Actor
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.core import clock
from apps.visits import policies
from apps.visits.cards import PresentedCard
from apps.visits.models import InsuranceStatus
from apps.visits.refusals import NotInsured
from apps.visits.terms import SERVICE


def read_register(*, card: PresentedCard, function: str, by: Actor) -> InsuranceStatus:
    """The row of the card's holder, recorded before it is told. Raises NotInsured."""
    status = InsuranceStatus.objects.filter(patient_id=card.patient).first()
    if status is None:
        raise NotInsured(reason="no_insurance_status")
    _record(Action.READ_REGISTER, card, function, by)
    return status


def check_insurance(*, card: PresentedCard, function: str, by: Actor) -> None:
    """即時查保 alone (API 1.55). Raises NotInsured, IdentityMismatch, InsuranceEnded, InArrears."""
    status = InsuranceStatus.objects.filter(patient_id=card.patient).first()
    policies.check_insurance(
        policies.Facts(
            status=status, today=clock.today(), born_on=card.born_on, cancelled=card.cancelled
        )
    )
    _record(Action.CHECK_INSURANCE, card, function, by)


def _record(action: Action, card: PresentedCard, function: str, by: Actor) -> None:
    record(event(action, by=by, service=SERVICE, patient=card.patient, detail={"action": function}))
