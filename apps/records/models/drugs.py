"""Drugs that were dispensed."""

from datetime import date

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.records.models.base import ClinicalRecord, unique
from apps.records.terms import Schedule


class Dispensed(ClinicalRecord):
    """A drug for a number of days. `quantity` is what was handed out in all, in the drug's unit."""

    ingredient = models.CharField(_("ingredient"), max_length=120, blank=True, db_default="")
    atc_code = models.CharField(_("ATC code"), max_length=7, blank=True, db_default="")
    frequency = models.CharField(_("frequency"), max_length=20, blank=True, db_default="")
    route = models.CharField(_("route"), max_length=5, blank=True, db_default="")
    dose = models.CharField(_("single dose"), max_length=20, blank=True, db_default="")
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2, null=True)
    days = models.PositiveSmallIntegerField(_("days supplied"), default=0, db_default=0)

    class Meta(ClinicalRecord.Meta):
        abstract = True


class Medication(Dispensed):
    """One dispensing of one drug.

    Of a prescription for chronic illness each dispensing is a record: `visited_on` is the visit at
    which it was prescribed, `dispensed_on` the day of this dispensing, `refill` its number (1 is the
    first) of `refills` that may be dispensed in all, for `prescribed_months` months.
    """

    dispensed_on = models.DateField(_("dispensed on"), null=True)
    prescriber_code = models.CharField(
        _("prescribing institution"), max_length=10, blank=True, db_default=""
    )
    is_chronic = models.BooleanField(_("chronic prescription"), default=False, db_default=False)
    refill = models.PositiveSmallIntegerField(_("dispensing"), default=0, db_default=0)
    refills = models.PositiveSmallIntegerField(_("dispensings allowed"), default=0, db_default=0)
    prescribed_months = models.PositiveSmallIntegerField(
        _("months prescribed"), default=0, db_default=0
    )

    class Meta(Dispensed.Meta):
        abstract = False
        verbose_name = _("medication")
        verbose_name_plural = _("medications")
        constraints = [unique("medication", "refill")]

    @property
    def supplied_on(self) -> date:
        """The first day that this supply covers."""
        return self.dispensed_on or self.visited_on


class ControlledDrug(Dispensed):
    """A dispensing of a drug under the Controlled Drugs Act; `ddd` is how many daily doses it was."""

    schedule = models.CharField(_("schedule"), max_length=1, choices=Schedule, blank=True)
    ddd = models.DecimalField(_("defined daily doses"), max_digits=8, decimal_places=2, null=True)

    class Meta(Dispensed.Meta):
        abstract = False
        verbose_name = _("controlled drug")
        verbose_name_plural = _("controlled drugs")
        constraints = [unique("controlled_drug")]


class CoagulationFactor(Dispensed):
    class Meta(Dispensed.Meta):
        abstract = False
        verbose_name = _("coagulation factor")
        verbose_name_plural = _("coagulation factors")
        constraints = [unique("coagulation_factor")]


class ChineseMedicine(Dispensed):
    """`formula` is the classical formula that a preparation follows (基準方名)."""

    formula = models.CharField(_("reference formula"), max_length=60, blank=True, db_default="")
    effect = models.CharField(_("effect"), max_length=60, blank=True, db_default="")
    form = models.CharField(_("dosage form"), max_length=30, blank=True, db_default="")
    is_compound = models.BooleanField(_("compound"), default=False, db_default=False)
    ends_on = models.DateField(_("last day"), null=True)

    class Meta(Dispensed.Meta):
        abstract = False
        verbose_name = _("Chinese medicine")
        verbose_name_plural = _("Chinese medicines")
        constraints = [unique("chinese_medicine")]
