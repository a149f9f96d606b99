"""What every record has: whose it is, where and when it came about, and where we know it from."""

from collections.abc import Sequence

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.models import Identity
from apps.records.terms import CodeSystem, Origin

# What a line of a claim or of an upload is about. The unique index over it also finds a person's
# latest records, because it begins with both.
KEY = ("patient", "visited_on", "institution_code", "visit_number", "code", "sequence", "origin")


def unique(table: str, *more: str, key: Sequence[str] = KEY) -> models.UniqueConstraint:
    """The constraint behind an import that may be repeated."""
    return models.UniqueConstraint(fields=[*key, *more], name=f"one_{table}_per_line")


class ClinicalRecord(Record):
    """A line of a claim, or what an institution uploaded after writing an NHI card.

    `visited_on` is the day that a tab sorts by. `institution_name` is what the source calls the
    institution; empty, the register is asked.
    """

    patient = models.ForeignKey(
        Identity,
        on_delete=models.PROTECT,
        related_name="+",
        db_index=False,
        verbose_name=_("patient"),
    )
    origin = models.CharField(
        _("data source"),
        max_length=5,
        choices=Origin,
        default=Origin.CLAIM,
        db_default=Origin.CLAIM,
    )
    institution_code = models.CharField(_("institution code"), max_length=10)
    institution_name = models.CharField(
        _("institution name"), max_length=60, blank=True, db_default=""
    )
    visited_on = models.DateField(_("date of visit"))
    visit_number = models.CharField(_("visit number"), max_length=8, blank=True, db_default="")
    department = models.CharField(_("department"), max_length=2, blank=True, db_default="")
    practitioner = models.CharField(
        _("name of the professional"), max_length=40, blank=True, db_default=""
    )
    diagnosis_code = models.CharField(_("diagnosis code"), max_length=9, blank=True, db_default="")
    diagnosis = models.CharField(_("main diagnosis"), max_length=120, blank=True, db_default="")
    code = models.CharField(_("order code"), max_length=16)
    name = models.CharField(_("order name"), max_length=200, blank=True, db_default="")
    sequence = models.PositiveSmallIntegerField(_("order line"), default=1, db_default=1)

    class Meta:
        abstract = True

    def __str__(self) -> str:
        return f"{self.code} {self.visited_on}"


class CodeName(models.Model):
    """What a code of one of the lists means. The Ministry adds codes between our releases."""

    system = models.CharField(_("code list"), max_length=10, choices=CodeSystem)
    code = models.CharField(_("code"), max_length=20)
    name = models.CharField(_("name"), max_length=300)

    class Meta:
        verbose_name = _("code")
        verbose_name_plural = _("codes")
        constraints = [
            models.UniqueConstraint(fields=["system", "code"], name="one_name_per_code"),
        ]

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class Drug(Record):
    """A drug of the NHI's list: what a code on a card or a claim stands for."""

    code = models.CharField(_("drug code"), max_length=16, unique=True)
    name = models.CharField(_("drug name"), max_length=200)
    ingredient = models.CharField(_("ingredient"), max_length=120, blank=True, db_default="")
    atc_code = models.CharField(_("ATC code"), max_length=7, blank=True, db_default="")

    class Meta:
        verbose_name = _("drug")
        verbose_name_plural = _("drugs")

    def __str__(self) -> str:
        return f"{self.code} {self.name}"


class PasswordFlag(models.Model):
    """Whether the holder has set a password on the NHI card, as last imported or read (1.36)."""

    patient = models.OneToOneField(
        Identity,
        on_delete=models.PROTECT,
        primary_key=True,
        related_name="+",
        verbose_name=_("patient"),
    )
    is_set = models.BooleanField(_("the card has a password"))
    known_on = models.DateField(_("known on"))

    class Meta:
        verbose_name = _("card password flag")
        verbose_name_plural = _("card password flags")

    def __str__(self) -> str:
        return str(self.patient_id)
