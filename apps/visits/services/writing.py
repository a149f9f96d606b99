"""Diagnoses, fees and prescriptions of a visit (APIs 1.16, 1.17, 1.47, 1.48, 1.49).

A visit is named by patient, moment and institution. Its row is locked, so that the writes of one
visit come one after the other. What is written here appears in the emergency query as
健保卡上傳資料: `apps.records` keeps its copy in the same transaction.
"""

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from datetime import datetime

from django.db import transaction

from apps.audit.actors import Actor
from apps.audit.services import record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.records.services import (
    ExaminationOrder,
    MedicationOrder,
    UploadedVisit,
    record_upload,
    withdraw_upload,
)
from apps.visits.cards import PresentedCard
from apps.visits.events import visit_event
from apps.visits.models import Prescription, Treatment, Visit
from apps.visits.moments import write_day, write_moment
from apps.visits.orders import Order
from apps.visits.professionals import Professional
from apps.visits.refusals import FieldInvalid, OtherPatient, VisitUnknown
from apps.visits.services.numbers import Place
from apps.visits.signatures import sign_order
from apps.visits.terms import OrderKind


@dataclass(frozen=True)
class Target:
    """The visit that a HIS writes to, as it names it. `birth_date` is YYYMMDD of the Republic."""

    visited_at: datetime
    national_id: str
    birth_date: str


@dataclass(frozen=True)
class Diagnoses:
    """M12 and M35 to M40; ICD-10-CM without the dot, the main one first."""

    make_up: bool
    codes: Sequence[str]
    professional: Professional


def write_treatment(
    *,
    card: PresentedCard,
    target: Target,
    diagnoses: Diagnoses | None,
    fees: Mapping[str, int | None] | None,
    place: Place,
    function: str,
    by: Actor,
) -> Treatment:
    """Writes or corrects diagnoses, fees or both. The same again changes nothing.

    Raises OtherPatient, VisitUnknown.
    """
    values = _treatment_values(diagnoses, fees)
    with transaction.atomic():
        visit = _locked_visit(card, target, place)
        treatment = Treatment.objects.filter(visit=visit).first()
        new = treatment is None
        treatment = treatment or Treatment(visit=visit, revision=0)
        changed = new or any(getattr(treatment, name) != value for name, value in values.items())
        if changed:
            for name, value in values.items():
                setattr(treatment, name, value)
            treatment.revision += 1
            treatment.written_at = clock.now()
            treatment.save(force_insert=new)
            if diagnoses is not None:
                _upload(visit, place)
        record_change(visit_event(Action.WRITE_TREATMENT, visit, function=function, by=by))
    return treatment


def write_prescriptions(
    *,
    card: PresentedCard,
    target: Target,
    orders: Sequence[Order],
    professional: Professional,
    place: Place,
    function: str,
    by: Actor,
) -> list[str]:
    """Stores the orders that are new and answers the 40-character signature of each, in order.

    The same order again gets the same signature and makes no second row. Raises OtherPatient,
    VisitUnknown, and FieldInvalid for an order of another visit.
    """
    moment = write_moment(target.visited_at)
    if any(order.visited_at != moment for order in orders):
        raise FieldInvalid(detail={"fields": {"visited_at": ["M11"]}})
    with transaction.atomic():
        visit = _locked_visit(card, target, place)
        known = {_key(each): each.signature for each in visit.prescriptions.all()}
        signatures, new = [], []
        for order in orders:
            if order.key not in known:
                known[order.key] = sign_order(
                    identifier=visit.identifier,
                    national_id=target.national_id,
                    order=order.line.encode("ascii"),
                )
                new.append(_prescription(visit, order, known[order.key], professional))
            signatures.append(known[order.key])
        Prescription.objects.bulk_create(new)
        if new:
            _upload(visit, place)
        record_change(
            visit_event(
                Action.WRITE_PRESCRIPTIONS, visit, function=function, count=len(orders), by=by
            )
        )
    return signatures


def _locked_visit(card: PresentedCard, target: Target, place: Place) -> Visit:
    told = (card.reading.national_id, write_day(card.born_on))
    if told != (target.national_id, target.birth_date):
        raise OtherPatient(reason="data_of_another_patient")
    visit = (
        Visit.objects.standing()
        .at_institution(place.institution)
        .select_for_update()
        .filter(patient_id=card.patient, visited_at=target.visited_at)
        .first()
    )
    if visit is None:
        raise VisitUnknown(reason="visit_unknown_here")
    return visit


def _treatment_values(
    diagnoses: Diagnoses | None, fees: Mapping[str, int | None] | None
) -> dict[str, object]:
    values: dict[str, object] = dict(fees or {})
    if diagnoses is not None:
        values |= {
            "make_up": diagnoses.make_up,
            "diagnoses": list(diagnoses.codes),
            "doctor_id": diagnoses.professional.identity,
            "doctor_name": diagnoses.professional.name,
        }
    return values


def _key(stored: Prescription) -> tuple[object, ...]:
    return (
        stored.kind,
        stored.code,
        stored.part,
        stored.usage,
        stored.days,
        stored.total,
        stored.delivery,
    )


def _prescription(
    visit: Visit, order: Order, signature: str, professional: Professional
) -> Prescription:
    return Prescription(
        visit=visit,
        kind=order.kind,
        code=order.code,
        part=order.part,
        usage=order.usage,
        days=order.days,
        total=order.total,
        delivery=order.delivery,
        signature=signature,
        doctor_id=professional.identity,
        doctor_name=professional.name,
    )


def _upload(visit: Visit, place: Place) -> None:
    """The visit's lines in the records, written anew: a diagnosis may come after the orders."""
    stored = list(visit.prescriptions.order_by("written_at", "id"))
    treatment = Treatment.objects.filter(visit=visit).first()
    codes = treatment.diagnoses if treatment else []
    uploaded = UploadedVisit(
        patient=visit.patient_id,
        institution_code=place.institution_code,
        visited_on=visit.visited_on,
        # A course has the number of its first visit: its own lines are told apart by identifier.
        visit_number=visit.sequence if visit.counted else visit.identifier[-8:],
        practitioner=stored[0].doctor_name[:40] if stored else "",
        diagnosis_code=_dotted(codes[0]) if codes else "",
    )
    withdraw_upload(visit=uploaded)
    record_upload(
        visit=uploaded,
        medications=[
            MedicationOrder(
                sequence=number,
                code=each.code,
                frequency=each.usage,
                days=each.days,
                quantity=each.total,
            )
            for number, each in enumerate(stored, start=1)
            if each.kind in {OrderKind.DRUG, OrderKind.LONG_TERM_DRUG}
        ],
        examinations=[
            ExaminationOrder(
                sequence=number, code=each.code, body_site=each.part, quantity=each.total
            )
            for number, each in enumerate(stored, start=1)
            if each.kind == OrderKind.TREATMENT
        ],
    )


def _dotted(code: str) -> str:
    """`I4891` as people write it: I48.91."""
    return f"{code[:3]}.{code[3:]}" if len(code) > 3 else code
