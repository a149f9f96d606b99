"""Examinations, operations, allergies and stays."""

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.records.models.base import ClinicalRecord, unique
from apps.records.terms import ResultFlag, Severity


class Performed(ClinicalRecord):
    """Something that was done, on a part of the body, from one day to another."""

    body_site = models.CharField(_("body site"), max_length=40, blank=True, db_default="")
    began_on = models.DateField(_("began on"), null=True)
    ended_on = models.DateField(_("ended on"), null=True)
    quantity = models.DecimalField(_("quantity"), max_digits=9, decimal_places=2, null=True)

    class Meta(ClinicalRecord.Meta):
        abstract = True


class Examination(Performed):
    category = models.CharField(_("category"), max_length=40, blank=True, db_default="")

    class Meta(Performed.Meta):
        abstract = False
        verbose_name = _("examination")
        verbose_name_plural = _("examinations")
        constraints = [unique("examination")]


class ExaminationResult(ClinicalRecord):
    """One item of a result; a report in words has no value and no range. `visited_on` is its day."""

    category = models.CharField(_("category"), max_length=40, blank=True, db_default="")
    item = models.CharField(_("item"), max_length=80, blank=True, db_default="")
    value = models.CharField(_("result"), max_length=1000, blank=True, db_default="")
    unit = models.CharField(_("unit"), max_length=20, blank=True, db_default="")
    reference_range = models.CharField(
        _("reference range"), max_length=60, blank=True, db_default=""
    )
    flag = models.CharField(
        _("assessment"), max_length=1, choices=ResultFlag, blank=True, db_default=""
    )

    class Meta(ClinicalRecord.Meta):
        abstract = False
        verbose_name = _("examination result")
        verbose_name_plural = _("examination results")
        constraints = [unique("examination_result", "item")]


class Surgery(Performed):
    class Meta(Performed.Meta):
        abstract = False
        verbose_name = _("operation")
        verbose_name_plural = _("operations")
        constraints = [unique("surgery")]


class DentalTreatment(Performed):
    """`body_site` names the teeth, as dentists number them (FDI)."""

    class Meta(Performed.Meta):
        abstract = False
        verbose_name = _("dental treatment")
        verbose_name_plural = _("dental treatments")
        constraints = [unique("dental_treatment")]


class Rehabilitation(Performed):
    category = models.CharField(_("category"), max_length=40, blank=True, db_default="")
    intensity = models.CharField(_("intensity"), max_length=20, blank=True, db_default="")

    class Meta(Performed.Meta):
        abstract = False
        verbose_name = _("rehabilitation")
        verbose_name_plural = _("rehabilitations")
        constraints = [unique("rehabilitation")]


class Allergy(ClinicalRecord):
    """A drug that a person does not tolerate; `visited_on` is the day of the upload.

    An ATC code of four, five or seven characters says how far it reaches: the substance, or its group.
    """

    ingredient = models.CharField(_("ingredient"), max_length=120)
    atc_code = models.CharField(_("ATC code"), max_length=7, blank=True, db_default="")
    severity = models.CharField(
        _("severity"), max_length=1, choices=Severity, blank=True, db_default=""
    )
    symptoms = models.CharField(_("symptoms"), max_length=120, blank=True, db_default="")

    class Meta(ClinicalRecord.Meta):
        abstract = False
        verbose_name = _("allergy")
        verbose_name_plural = _("allergies")
        constraints = [unique("allergy", "ingredient")]


class Discharge(ClinicalRecord):
    """The summary of a stay that ended on `visited_on`; `code` is its diagnosis."""

    admitted_on = models.DateField(_("admitted on"), null=True)
    complaint = models.CharField(_("chief complaint"), max_length=500, blank=True, db_default="")
    course = models.CharField(_("course of treatment"), max_length=4000, blank=True, db_default="")
    condition = models.CharField(
        _("condition at discharge"), max_length=200, blank=True, db_default=""
    )
    advice = models.CharField(_("advice"), max_length=1000, blank=True, db_default="")

    class Meta(ClinicalRecord.Meta):
        abstract = False
        verbose_name = _("discharge summary")
        verbose_name_plural = _("discharge summaries")
        constraints = [unique("discharge")]
