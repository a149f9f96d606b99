"""A dose becomes a vaccination record."""

from dataclasses import dataclass
from datetime import date
from uuid import UUID

from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.errors import Invalid, Refusal
from apps.immunizations.models import VaccinationRecord, Vaccine


class LotExpired(Invalid):
    code = "DOSE-EXPIRED"
    message = _("This lot has expired and must not be given.")
    way_on = _("Please take another lot and check the date on the vial.")


class DoseRecordedBefore(Refusal):
    code = "DOSE-TWICE"
    message = _("This dose of this person was already recorded today.")
    way_on = _("Please look at the person's vaccination records.")


@dataclass(frozen=True)
class Dose:
    """What was given: `lot` as it stands on the vial, with the last day on which it may be used."""

    brand: str
    lot: str
    lot_expires_on: date
    dose_number: int
    giver: str


def record_dose(
    *, patient: UUID, vaccine: Vaccine, dose: Dose, institution_code: str, source: str
) -> VaccinationRecord:
    """The record of a dose given today; the caller writes the access event of its deed.

    Raises LotExpired and DoseRecordedBefore.
    """
    today = clock.today()
    if dose.lot_expires_on < today:
        raise LotExpired(reason="lot_expired")
    try:
        with transaction.atomic():
            return VaccinationRecord.objects.create(
                patient_id=patient,
                vaccine=vaccine,
                brand=dose.brand,
                dose_number=dose.dose_number,
                given_on=today,
                institution_code=institution_code,
                lot=dose.lot,
                lot_expires_on=dose.lot_expires_on,
                giver=dose.giver,
                source=source,
            )
    except IntegrityError as error:
        raise DoseRecordedBefore(reason="one_record_per_dose") from error
