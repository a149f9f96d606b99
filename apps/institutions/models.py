"""Institutions (機構, the tenants) and the districts they lie in."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.terms import InstitutionKind, InstitutionStatus


class District(models.Model):
    """A city's district, by its postal code.

    A letter follows where several districts share one (300, 600).
    """

    code = models.CharField(_("postal code"), max_length=4, primary_key=True)
    city = models.CharField(_("city"), max_length=10)
    name = models.CharField(_("district"), max_length=10)
    # Cities are listed from north to south, as every form in Taiwan does, not by stroke count.
    position = models.PositiveSmallIntegerField(_("position"))

    class Meta:
        verbose_name = _("district")
        verbose_name_plural = _("districts")
        ordering = ["position"]

    def __str__(self) -> str:
        return f"{self.city}{self.name}"


class Institution(Record):
    """A medical institution or government unit, by its ten-digit code."""

    code = models.CharField(
        _("institution code"),
        max_length=10,
        unique=True,
        validators=[RegexValidator(r"^[0-9]{10}$", _("An institution code has ten digits."))],
    )
    name = models.CharField(_("name"), max_length=200)
    kind = models.CharField(_("kind"), max_length=16, choices=InstitutionKind)
    contracted = models.BooleanField(_("contracted"), default=True)
    offers_video_consultation = models.BooleanField(_("offers video consultation"), default=False)
    has_emergency_department = models.BooleanField(_("has an emergency department"), default=False)
    # The agencies' shortest lists say code and name only; such an institution is no site yet.
    district = models.ForeignKey(
        District, on_delete=models.PROTECT, null=True, blank=True, verbose_name=_("district")
    )
    address = models.CharField(_("address"), max_length=200, blank=True)
    phone = models.CharField(_("phone"), max_length=30, blank=True)
    branch = models.CharField(_("branch"), max_length=30, blank=True)
    responsible = models.ForeignKey(
        Identity,
        on_delete=models.PROTECT,
        null=True,
        blank=True,
        verbose_name=_("responsible person"),
    )
    status = models.CharField(
        _("status"), max_length=12, choices=InstitutionStatus, default=InstitutionStatus.ACTIVE
    )

    class Meta:
        verbose_name = _("institution")
        verbose_name_plural = _("institutions")
        ordering = ["code"]

    def __str__(self) -> str:
        return f"{self.name}（{self.code}）"

    @property
    def full_address(self) -> str:
        place = f"{self.district.city}{self.district.name}" if self.district else ""
        return f"{place}{self.address}"
