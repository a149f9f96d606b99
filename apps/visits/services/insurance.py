"""What the list of the insured says, for a HIS (APIs 1.2, 1.14, 1.36, 1.38 and 1.55)."""

from dataclasses import replace

from apps.accounts.terms import CardKind
from apps.audit.actors import Actor
from apps.audit.services import event, record
from apps.audit.terms import Action
from apps.core import clock
from apps.records.models import PasswordFlag
from apps.records.services import note_password
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


def note_reading(*, card: PresentedCard, function: str, by: Actor) -> None:
    """A HIS read this card at a workstation (API 1.1), where the data came from the card alone."""
    _record(Action.READ_CARD, card, function, replace(by, card_kind=CardKind.NHI))


def password_set(*, status: InsuranceStatus) -> bool | None:
    """Whether the card has a password (API 1.36): by the insurance list, else by the list of flags.

    What the insurance list says is kept for the emergency query. None when nobody knows.
    """
    told = status.card_password
    if told is not None:
        note_password(patient=status.patient_id, is_set=told, known_on=clock.today())
        return told
    flag = PasswordFlag.objects.filter(patient_id=status.patient_id).first()
    return flag.is_set if flag else None


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
