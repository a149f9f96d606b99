"""What the agencies' lists say: who practises which profession where, and who is named on a unified
list. Filled by imports only; a grant never follows from these rows by themselves.
"""

from datetime import date

from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import Institution


class PracticeQuerySet(models.QuerySet["Practice"]):
    def in_force(self, on: date) -> "PracticeQuerySet":
        return self.filter(
            Q(valid_from=None) | Q(valid_from__lte=on), Q(valid_until=None) | Q(valid_until__gte=on)
        )


class Practice(Record):
    """A line of the practice register (執業登記): this person practises this profession there."""

    practitioner = models.ForeignKey(
        Identity, on_delete=models.PROTECT, verbose_name=_("practitioner")
    )
    name = models.CharField(_("name"), max_length=100, blank=True)
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    profession = models.CharField(_("profession"), max_length=4)
    valid_from = models.DateField(_("valid from"), null=True)
    valid_until = models.DateField(_("valid until"), null=True)

    objects = PracticeQuerySet.as_manager()

    class Meta:
        verbose_name = _("practice")
        verbose_name_plural = _("practice register")
        constraints = [
            models.UniqueConstraint(
                fields=["practitioner", "institution", "profession"],
                name="one_practice_per_profession_and_place",
            )
        ]

    def __str__(self) -> str:
        return f"{self.institution_id} {self.profession}"


class UnifiedListEntry(Record):
    """An institution on the agency's list for a unified authorization (統一授權), with the
    professional who is responsible there. Campaigns read it; the row itself permits nothing.
    """

    list_code = models.CharField(_("list"), max_length=20)
    service = models.ForeignKey("access.Service", on_delete=models.PROTECT)
    institution = models.ForeignKey(
        Institution, on_delete=models.PROTECT, verbose_name=_("institution")
    )
    responsible = models.ForeignKey(
        Identity, on_delete=models.PROTECT, null=True, verbose_name=_("responsible professional")
    )
    name = models.CharField(_("name"), max_length=100, blank=True)

    class Meta:
        verbose_name = _("entry of a unified list")
        verbose_name_plural = _("unified lists")
        constraints = [
            models.UniqueConstraint(
                fields=["list_code", "service", "institution"], name="listed_once_for_a_service"
            )
        ]

    def __str__(self) -> str:
        return f"{self.list_code} {self.service_id} {self.institution_id}"
