"""Vaccines and vaccination records."""

from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.models import Identity


class Vaccine(models.Model):
    code = models.CharField(_("vaccine code"), max_length=12, primary_key=True)
    name = models.CharField(_("name"), max_length=60)
    name_en = models.CharField(_("name in English"), max_length=60)
    is_influenza = models.BooleanField(_("influenza"), default=False)

    class Meta:
        verbose_name = _("vaccine")
        verbose_name_plural = _("vaccines")

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class VaccinationRecord(Record):
    """One dose that somebody was given, as the institution reported it."""

    patient = models.ForeignKey(Identity, on_delete=models.PROTECT, verbose_name=_("patient"))
    vaccine = models.ForeignKey(Vaccine, on_delete=models.PROTECT)
    brand = models.CharField(_("brand"), max_length=20)
    dose_number = models.PositiveSmallIntegerField(_("dose"))
    given_on = models.DateField(_("given on"))
    institution_code = models.CharField(_("institution code"), max_length=10)
    lot = models.CharField(_("lot"), max_length=30, blank=True)
    lot_expires_on = models.DateField(_("lot expires on"), null=True, blank=True)
    giver = models.CharField(_("given by"), max_length=40, blank=True, db_default="")
    source = models.CharField(_("source"), max_length=30)

    class Meta:
        verbose_name = _("vaccination record")
        verbose_name_plural = _("vaccination records")
        indexes = [
            models.Index(fields=["patient", "-given_on"], name="records_of_patient"),
            # What an institution gave, newest first, a page at a time.
            models.Index(
                fields=["institution_code", "-given_on", "-id"], name="records_of_institution"
            ),
        ]
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "vaccine", "dose_number", "given_on"], name="one_record_per_dose"
            )
        ]

    def __str__(self) -> str:
        return f"{self.vaccine_id} {self.dose_number} {self.given_on}"
