"""The exception desk: people without a card, each with a rule, a reason and a trace (FEATURES C17).

What is typed becomes a reading that opens booking alone; from there everything is as with a card:
eligibility, form, waiting list, change, cancel.
"""

import unicodedata
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

from django.db import transaction

from apps.access.policies import Decision
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.booking.models import Booking, ExceptionCase, ExceptionRule
from apps.booking.policies import age_on
from apps.booking.services.booking import book_slot
from apps.booking.services.refusals import OtherPerson, RuleDoesNotFit
from apps.booking.terms import DESK_SERVICE, DocumentKind
from apps.cards.models import Reading
from apps.cards.readings import NhiReading, seal_reading
from apps.core import clock
from apps.identities.services import identify
from apps.identities.terms import IdentifierKind
from apps.workstations.models import Workstation

# ISO 3166-1 leaves XAA to XZZ to its users: a newborn without a number is known by the mother's, the
# birth date and the order among those born with it, as a document of this "country".
NEWBORN = "XNB"


@dataclass(frozen=True)
class Typed:
    """What was typed and checked (forms.ExceptionForm). `number` is in its one spelling."""

    document: DocumentKind
    number: str
    name: str
    birth_date: date
    nationality: str = ""
    birth_order: int = 1

    def identifier(self) -> tuple[IdentifierKind, str]:
        if self.document == DocumentKind.MOTHER:
            born = f"{self.birth_date:%y%m%d}{self.birth_order}"
            return IdentifierKind.PASSPORT, f"{NEWBORN}{self.number}{born}"
        if self.document == DocumentKind.PASSPORT:
            return IdentifierKind.PASSPORT, f"{self.nationality}{self.number}"
        return IdentifierKind(self.document), self.number


@dataclass(frozen=True)
class Grounds:
    """Why, and on whose consent."""

    reason: str
    guardian_name: str = ""
    guardian_relation: str = ""


def open_exception(
    *, rule: str, typed: Typed, grounds: Grounds, decision: Decision, by: Actor
) -> Reading:
    """Lets somebody in by a rule and returns the reading that stands for the card.

    Raises RuleDoesNotFit or OtherPerson.
    """
    held = ExceptionRule.objects.filter(pk=rule, enabled=True).first()
    if held is None or not _fits(held, typed, grounds):
        raise RuleDoesNotFit(reason="rule_does_not_fit")
    kind, number = typed.identifier()
    patient = identify(kind=kind, value=number)
    _check_name(patient, typed.name)
    with transaction.atomic():
        reading = _keep_reading(patient, typed, by)
        ExceptionCase.objects.create(
            rule=held,
            reading=reading.pk,
            patient_id=patient,
            document=typed.document,
            reason=grounds.reason,
            guardian_name=grounds.guardian_name,
            guardian_relation=grounds.guardian_relation,
            opened_by_id=by.a_person,
            institution_id=by.an_institution,
        )
        _record(held, patient, reading, grounds, decision=decision, by=by)
    return reading


def _fits(rule: ExceptionRule, typed: Typed, grounds: Grounds) -> bool:
    today = clock.today()
    return (
        typed.document in rule.documents
        and typed.birth_date <= today
        and (rule.max_age is None or age_on(typed.birth_date, today) <= rule.max_age)
        and (rule.max_days is None or (today - typed.birth_date).days <= rule.max_days)
        and (not rule.needs_guardian or bool(grounds.guardian_name and grounds.guardian_relation))
    )


def _check_name(patient: UUID, name: str) -> None:
    """Whoever was booked before under this number had another name: a slip, or another person."""
    known = Booking.objects.filter(patient=patient).order_by("-booked_at")
    earlier = known.values_list("name", flat=True).first()
    if earlier and _plain(earlier) != _plain(name):
        raise OtherPerson(reason="name_differs_from_earlier_booking")


def _plain(name: str) -> str:
    return "".join(unicodedata.normalize("NFKC", name).split()).casefold()


def _keep_reading(patient: UUID, typed: Typed, by: Actor) -> Reading:
    facts = NhiReading(
        card_number="",
        name=typed.name,
        national_id=typed.number,
        birth_date=typed.birth_date,
        sex="",
        issued_on=clock.today(),
        emergency_phone="",
    )
    assert by.workstation is not None  # the service needs an enrolled one
    reading = Reading(
        patient_id=patient,
        session_id=by.a_session,
        workstation=Workstation.objects.get(pk=by.workstation),
        typed=True,
    )
    seal_reading(reading, facts).save()
    return reading


def _record(
    rule: ExceptionRule,
    patient: UUID,
    reading: Reading,
    grounds: Grounds,
    *,
    decision: Decision,
    by: Actor,
) -> None:
    record_change(
        event(
            Action.OPEN_EXCEPTION,
            by=by,
            service=DESK_SERVICE,
            patient=patient,
            object_type="reading",
            object_id=str(reading.pk),
            entitlement_id=decision.entitlement_id,
            grant_id=decision.grant_id,
            detail={"rule": rule.code, "note": grounds.reason},
        )
    )


def book_exception(*, case: UUID, **asked: Any) -> UUID:
    """As book_slot, with an action of its own in the log, and the case names its booking."""
    with transaction.atomic():
        booking = book_slot(**asked, action=Action.BOOK_EXCEPTION)
        ExceptionCase.objects.filter(pk=case, booking=None).update(booking=booking)
    return booking
