"""Enrolled workstations: an agent's key, tied to an institution by its security module."""

from datetime import datetime
from uuid import UUID

from django.core.validators import RegexValidator
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record
from apps.institutions.models import Institution
from apps.workstations.terms import ModuleState, WorkstationState

MODULE_CODE = RegexValidator(r"^[0-9A-Z]{12}$", _("A module code has 12 positions."))


class WorkstationQuerySet(models.QuerySet["Workstation"]):
    def active(self) -> "WorkstationQuerySet":
        return self.filter(state=WorkstationState.ACTIVE)


class Workstation(Record):
    """One agent of an institution. Its key came in by a security module (SAM, 安全模組)."""

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    module_code = models.CharField(
        _("module code"),
        max_length=12,
        unique=True,
        validators=[MODULE_CODE],
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    # Ed25519, the `x` of its JWK: 43 characters of URL-safe base64.
    public_key = models.CharField(_("public key"), max_length=43, unique=True)
    state = models.CharField(
        _("state"), max_length=8, choices=WorkstationState, default=WorkstationState.ACTIVE
    )
    enrolled_at = models.DateTimeField(_("enrolled at"), auto_now_add=True)
    last_seen_at = models.DateTimeField(_("last seen at"), null=True, blank=True)
    agent_version = models.CharField(_("version of the reader program"), max_length=20, blank=True)

    objects = WorkstationQuerySet.as_manager()

    class Meta:
        verbose_name = _("workstation")
        verbose_name_plural = _("workstations")

    def __str__(self) -> str:
        return f"{self.module_code} · {self.institution}"

    @property
    def is_active(self) -> bool:
        return self.state == WorkstationState.ACTIVE


class SecurityModuleQuerySet(models.QuerySet["SecurityModule"]):
    def at_institution(self, institution: UUID | None) -> "SecurityModuleQuerySet":
        return self.filter(institution_id=institution)


class SecurityModule(Record):
    """Permission to make one agent a workstation of an institution (安全模組, `.SAM`; manual 4).

    The token is made when the module is downloaded and kept as a digest: the file exists once.
    """

    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    module_code = models.CharField(
        _("module code"), max_length=12, unique=True, validators=[MODULE_CODE]
    )
    name = models.CharField(_("name"), max_length=60, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=ModuleState, default=ModuleState.APPLIED
    )
    token_digest = models.CharField(max_length=64, blank=True)
    applied_by = models.ForeignKey(
        Person, null=True, on_delete=models.PROTECT, verbose_name=_("applied by")
    )
    applied_at = models.DateTimeField(_("applied at"), auto_now_add=True)
    expires_at = models.DateTimeField(_("expires at"), null=True, blank=True)
    used_at = models.DateTimeField(_("used at"), null=True, blank=True)
    workstation = models.ForeignKey(
        Workstation,
        null=True,
        blank=True,
        on_delete=models.PROTECT,
        related_name="modules",
        verbose_name=_("workstation"),
    )

    objects = SecurityModuleQuerySet.as_manager()

    class Meta:
        verbose_name = _("security module")
        verbose_name_plural = _("security modules")
        ordering = ["-applied_at"]

    def __str__(self) -> str:
        return f"{self.module_code} · {self.institution}"

    @property
    def is_late(self) -> bool:
        """Downloaded, and never put to use within its 30 days."""
        return self.has_expired(clock.now())

    def has_expired(self, at: datetime) -> bool:
        """Not put to use in time; one in use does not expire."""
        return self.state == ModuleState.DOWNLOADED and bool(
            self.expires_at and self.expires_at <= at
        )


class AgentRelease(Record):
    """A version of the agent that the downloads page offers, or offered."""

    version = models.CharField(_("version"), max_length=20, unique=True)
    published_at = models.DateTimeField(_("published at"), default=clock.now)

    class Meta:
        verbose_name = _("release of the reader program")
        verbose_name_plural = _("releases of the reader program")

    def __str__(self) -> str:
        return self.version
