"""What every record has: whose it is, where and when it came about, and where we know it from."""

from collections.abc import Sequence
from datetime import date
from typing import Any, Self
from uuid import UUID

from django.db import models
from django.db.models.functions import Coalesce, Left, NullIf
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import Institution
from apps.records.terms import CodeSystem, Origin

# What a line of a claim or of an upload is about. The unique index over it also finds a person's
# latest records, because it begins with both.
KEY = ("patient", "visited_on", "institution_code", "visit_number", "code", "sequence", "origin")


def unique(table: str, *more: str, key: Sequence[str] = KEY) -> models.UniqueConstraint:
    """The constraint behind an import that may be repeated."""
    return models.UniqueConstraint(fields=[*key, *more], name=f"one_{table}_per_line")


class RecordQuerySet(models.QuerySet[Any]):
    def of(self, patient: UUID, *, since: date | None, until: date) -> Self:
        """A person's records of these days (both included), the latest first."""
        found = self.filter(patient=patient, visited_on__lte=until)
        if since is not None:
            found = found.filter(visited_on__gte=since)
        return found.order_by("-visited_on", "institution_code", "visit_number", "sequence", "pk")

    def with_names(self) -> Self:
        """`institution_label` and `department_name`, in the same statement."""
        register = Institution.objects.filter(code=models.OuterRef("institution_code"))
        return self.annotate(
            institution_label=Coalesce(
                NullIf("institution_name", models.Value("")),
                models.Subquery(register.values("name")[:1]),
                models.Value(""),
            ),
            department_name=name_of(CodeSystem.DEPARTMENT, "department"),
        )

    def with_drug_names(self) -> Self:
        """As `with_names`, and `atc3_name`, `atc5_name`, `frequency_name`, `route_name`."""
        return self.with_names().annotate(
            atc3_name=name_of(CodeSystem.ATC, "atc_code", length=4),
            atc5_name=name_of(CodeSystem.ATC, "atc_code"),
            frequency_name=name_of(CodeSystem.FREQUENCY, "frequency"),
            route_name=name_of(CodeSystem.ROUTE, "route"),
        )


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

    objects = RecordQuerySet.as_manager()

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


def name_of(system: CodeSystem, code: str, *, length: int | None = None) -> Coalesce:
    """The name that a code list has for the column `code` (its first `length` characters); or the code."""
    outer = models.OuterRef(code)
    wanted = Left(outer, length) if length else outer
    found = CodeName.objects.filter(system=system, code=wanted)
    own = Left(code, length) if length else models.F(code)
    return Coalesce(models.Subquery(found.values("name")[:1]), own, output_field=models.TextField())


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
