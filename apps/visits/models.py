"""Who is insured, the visits that got a number, and what was written to them.

The comments name the fields of the upload 2.0 (健保卡資料上傳, manual 4 chapter 6): M01 to M40 of a
visit, D02 to D11 of each order.
"""

from datetime import date
from uuid import UUID

from django.contrib.postgres.fields import ArrayField
from django.contrib.postgres.indexes import BrinIndex
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import Institution
from apps.visits.terms import DeliveryMark, IdentityMark, InsuranceState, OrderKind
from apps.workstations.models import Workstation


class InsuranceStatus(Record):
    """What the agency says of one insured person; imported (file kind `insurance`).

    `visits_left` goes down with each number that is given and up with each that is taken back. An
    import sets it anew when the list says something new: another number than last time
    (`visits_reported`), or a later day (`known_on`).
    """

    patient = models.OneToOneField(Identity, on_delete=models.PROTECT, verbose_name=_("patient"))
    state = models.CharField(
        _("state"), max_length=10, choices=InsuranceState, default=InsuranceState.INSURED
    )
    arrears = models.BooleanField(_("arrears"), default=False)
    insurer = models.CharField(_("insurer code"), max_length=2, default="01")
    identity_mark = models.CharField(
        _("identity mark"), max_length=1, choices=IdentityMark, default=IdentityMark.GENERAL
    )
    born_on = models.DateField(_("birth date"), null=True, blank=True)
    card_valid_until = models.DateField(_("card valid until"), null=True, blank=True)
    card_cancelled = models.BooleanField(_("card cancelled"), default=False)
    card_password = models.BooleanField(_("card has a password"), null=True, blank=True)
    visits_left = models.PositiveSmallIntegerField(_("visits left"), default=0)
    visits_reported = models.PositiveSmallIntegerField(
        _("visits left by the list"), null=True, blank=True
    )
    known_on = models.DateField(_("as of"), null=True, blank=True)
    newborn_born_on = models.DateField(_("birth date of the newborn"), null=True, blank=True)
    newborn_mark = models.CharField(_("which of twins"), max_length=1, blank=True)
    # The count of this person's numbers in `number_year`. Only `services.numbers` counts, under the
    # lock of this row: so there is no gap and no number twice.
    number_year = models.PositiveSmallIntegerField(
        _("year of the last number"), default=0, db_default=0
    )
    last_number = models.PositiveSmallIntegerField(_("last number"), default=0, db_default=0)
    last_visited_at = models.DateTimeField(_("last visit"), null=True, blank=True)

    class Meta:
        verbose_name = _("insurance status")
        verbose_name_plural = _("insurance statuses")

    def __str__(self) -> str:
        return f"{self.patient_id} {self.state}"

    def number_in(self, year: int) -> int:
        """The last number of this year; 0 before the first."""
        return self.last_number if self.number_year == year else 0


class VisitQuerySet(models.QuerySet["Visit"]):
    def at_institution(self, institution: UUID | None) -> "VisitQuerySet":
        return self.filter(institution_id=institution)

    def standing(self) -> "VisitQuerySet":
        """Without those that were taken back."""
        return self.filter(taken_back_at=None)


class Visit(Record):
    """One visit that got its number or its identifier from us.

    `visited_at` has whole seconds and is, with the patient, what the HIS names a visit by.
    `sealed` holds card number (M02) and birth date (M04); the national ID (M03) is the patient's.
    """

    patient = models.ForeignKey(Identity, on_delete=models.PROTECT, verbose_name=_("patient"))
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )  # M05
    workstation = models.ForeignKey(Workstation, on_delete=models.PROTECT)
    module_code = models.CharField(_("module code"), max_length=12)  # M01
    treat_item = models.CharField(_("kind of visit"), max_length=2, blank=True)  # M07
    newborn_born_on = models.DateField(_("birth date of the newborn"), null=True)  # M08
    newborn_mark = models.CharField(_("which of twins"), max_length=1, blank=True)  # M09
    newborn = models.BooleanField(_("newborn"), default=False)  # M10
    visited_at = models.DateTimeField(_("visited at"))  # M11
    make_up = models.BooleanField(_("made up later"), default=False)  # M12
    sequence = models.CharField(_("visit number"), max_length=4, blank=True)  # M13
    signature = models.CharField(_("signature"), max_length=256, blank=True)  # M14
    identifier = models.CharField(_("visit identifier"), max_length=20, unique=True)  # M15
    year = models.PositiveSmallIntegerField(_("year"))
    counted = models.BooleanField(_("takes a number of the year"), default=True)
    same_day = models.BooleanField(_("same day"), default=False)
    without_card = models.BooleanField(_("without a card"), default=False)
    key_id = models.CharField(max_length=20, blank=True)
    sealed = models.BinaryField(default=bytes)
    request = models.UUIDField(_("request"))
    opened_at = models.DateTimeField(_("opened at"), default=clock.now)
    # 退掛 (API 1.39): the number stays used up, the visit does not count any more.
    taken_back_at = models.DateTimeField(_("taken back at"), null=True, blank=True)

    objects = VisitQuerySet.as_manager()

    class Meta:
        verbose_name = _("visit")
        verbose_name_plural = _("visits")
        # Operators search by day; rows come in the order of their days, so a few pages tell.
        indexes = [BrinIndex(fields=["visited_at"], name="visits_by_day")]
        constraints = [
            models.UniqueConstraint(fields=["patient", "visited_at"], name="one_visit_per_second"),
            models.UniqueConstraint(
                fields=["workstation", "request"], name="one_visit_per_request"
            ),
            models.UniqueConstraint(
                fields=["patient", "year", "sequence"],
                condition=Q(counted=True),
                name="no_number_twice",
            ),
        ]

    def __str__(self) -> str:
        return self.identifier

    @property
    def visited_on(self) -> date:
        return clock.day_of(self.visited_at)


class TreatmentQuerySet(models.QuerySet["Treatment"]):
    def of_patient(self, patient: UUID) -> "TreatmentQuerySet":
        """Newest visit first, with visit and institution."""
        return (
            self.filter(visit__patient_id=patient)
            .select_related("visit__institution")
            .order_by("-visit__visited_at")
        )


class Treatment(Record):
    """Diagnoses and fees of a visit (APIs 1.16, 1.17, 1.47). Written again they are corrected."""

    visit = models.OneToOneField(Visit, on_delete=models.PROTECT, related_name="treatment")
    make_up = models.BooleanField(_("made up later"), default=False)  # M12
    # M35 to M40, ICD-10-CM without the dot, the main one first.
    diagnoses = ArrayField(models.CharField(max_length=7), default=list, blank=True)
    fee = models.PositiveIntegerField(_("outpatient fee"), null=True)
    copayment = models.PositiveIntegerField(_("outpatient copayment"), null=True)
    inpatient_fee = models.PositiveIntegerField(_("inpatient fee"), null=True)
    inpatient_copayment_30 = models.PositiveIntegerField(_("copayment to 30 days"), null=True)
    inpatient_copayment_180 = models.PositiveIntegerField(_("copayment to 180 days"), null=True)
    doctor = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True)
    doctor_name = models.CharField(_("physician"), max_length=60, blank=True)
    revision = models.PositiveSmallIntegerField(_("revision"), default=1)
    written_at = models.DateTimeField(_("written at"), default=clock.now)

    objects = TreatmentQuerySet.as_manager()

    class Meta:
        verbose_name = _("treatment")
        verbose_name_plural = _("treatments")

    def __str__(self) -> str:
        return str(self.visit_id)


class PrescriptionQuerySet(models.QuerySet["Prescription"]):
    def of_patient(self, patient: UUID) -> "PrescriptionQuerySet":
        """Newest visit first, with visit and institution."""
        return (
            self.filter(visit__patient_id=patient)
            .select_related("visit__institution")
            .order_by("-visit__visited_at", "code")
        )


class Prescription(Record):
    """One order of a visit (APIs 1.48, 1.49), with the server's message authentication code.

    The same order twice is one row: a HIS may repeat what it is not sure of.
    """

    visit = models.ForeignKey(Visit, on_delete=models.PROTECT, related_name="prescriptions")
    kind = models.CharField(_("kind of order"), max_length=1, choices=OrderKind)  # D02
    code = models.CharField(_("item code"), max_length=12)  # D06
    part = models.CharField(_("part of the body"), max_length=6, blank=True)  # D07
    usage = models.CharField(_("usage"), max_length=18, blank=True)  # D08
    days = models.PositiveSmallIntegerField(_("days"))  # D09
    total = models.DecimalField(_("total"), max_digits=6, decimal_places=1)  # D10
    delivery = models.CharField(_("delivery"), max_length=2, choices=DeliveryMark)
    signature = models.CharField(_("signature"), max_length=40)  # D11
    doctor = models.ForeignKey(Identity, on_delete=models.PROTECT)
    doctor_name = models.CharField(_("physician"), max_length=60, blank=True)
    written_at = models.DateTimeField(_("written at"), default=clock.now)

    objects = PrescriptionQuerySet.as_manager()

    class Meta:
        verbose_name = _("prescription")
        verbose_name_plural = _("prescriptions")
        constraints = [
            models.UniqueConstraint(
                fields=["visit", "kind", "code", "part", "usage", "days", "total", "delivery"],
                name="one_row_per_order",
            )
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.total}"


class RandomNumber(Record):
    """A random number of the web API, signed by a security module within its time (manual 4)."""

    number = models.CharField(_("random number"), max_length=20, unique=True)
    workstation = models.ForeignKey(Workstation, on_delete=models.CASCADE)
    expires_at = models.DateTimeField(_("expires at"), db_index=True)

    class Meta:
        verbose_name = _("random number")
        verbose_name_plural = _("random numbers")

    def __str__(self) -> str:
        return str(self.pk)
