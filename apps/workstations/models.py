"""Enrolled workstations: an agent's key, tied to an institution by its security module."""

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.institutions.models import Institution
from apps.workstations.terms import WorkstationState


class WorkstationQuerySet(models.QuerySet["Workstation"]):
    def active(self) -> "WorkstationQuerySet":
        return self.filter(state=WorkstationState.ACTIVE)


class Workstation(Record):
    """One agent of an institution. Its key came in by a security module (SAM, 安全模組)."""

    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    module_code = models.CharField(
        _("module code"),
        max_length=12,
        unique=True,
        validators=[RegexValidator(r"^[0-9A-Z]{12}$", _("A module code has 12 positions."))],
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    # Ed25519, the `x` of its JWK: 43 characters of URL-safe base64.
    public_key = models.CharField(_("public key"), max_length=43, unique=True)
    state = models.CharField(
        _("state"), max_length=8, choices=WorkstationState, default=WorkstationState.ACTIVE
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), auto_now_add=True)

    objects = WorkstationQuerySet.as_manager()

    class Meta:
        verbose_name = _("workstation")
        verbose_name_plural = _("workstations")

    def __str__(self) -> str:
        return f"{self.module_code} · {self.institution}"
