"""Unified authorization: what an operator gives to many institutions at once."""

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.access.terms import CampaignState
from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import Institution


class UnifiedCampaign(Record):
    """統一授權: the operator entitles a list of institutions; a second operator publishes."""

    name = models.CharField(_("name"), max_length=100)
    service = models.ForeignKey(
        "access.Service", on_delete=models.PROTECT, verbose_name=_("service")
    )
    to_responsible = models.BooleanField(_("also to the responsible professional"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=CampaignState, default=CampaignState.DRAFT
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("made by")
    )
    made_at = models.DateTimeField(_("made at"), default=clock.now)
    published_by = models.ForeignKey(
        Person,
        on_delete=models.PROTECT,
        null=True,
        related_name="+",
        verbose_name=_("published by"),
    )
    published_at = models.DateTimeField(_("published at"), null=True)

    class Meta:
        verbose_name = _("unified authorization")
        verbose_name_plural = _("unified authorizations")
        ordering = ["-made_at"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=models.F("made_by")),
                name="campaign_published_by_another",
            )
        ]

    def __str__(self) -> str:
        return self.name


class CampaignLine(Record):
    """One institution of a unified authorization, with its responsible professional if listed."""

    campaign = models.ForeignKey(UnifiedCampaign, on_delete=models.CASCADE, related_name="lines")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT)
    responsible = models.ForeignKey(Identity, on_delete=models.PROTECT, null=True)
    responsible_name = models.CharField(_("name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("line of a unified authorization")
        verbose_name_plural = _("lines of a unified authorization")
        constraints = [
            models.UniqueConstraint(
                fields=["campaign", "institution"], name="one_line_per_campaign_and_institution"
            )
        ]

    def __str__(self) -> str:
        return str(self.institution)
