"""What the agencies' files say about people (FEATURES E5). Each key begins with the patient: it is the
index by which a query finds its rows.
"""

from typing import Any

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.core.models import Record
from apps.identities.models import Identity
from apps.travel.terms import Direction, LabelKind, ReleaseKind


def _patient() -> Any:
    # Every table has an index that begins with it.
    return models.ForeignKey(
        Identity, on_delete=models.PROTECT, verbose_name=_("patient"), db_index=False
    )


class TravelRecord(Record):
    """Somebody crossed the border (內政部移民署)."""

    patient = _patient()
    direction = models.CharField(_("direction"), max_length=5, choices=Direction)
    moved_on = models.DateField(_("day"))
    country = models.CharField(_("country code"), max_length=3)
    country_name = models.CharField(_("country"), max_length=40)

    class Meta:
        verbose_name = _("travel record")
        verbose_name_plural = _("travel records")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "moved_on", "direction", "country"], name="one_travel_record"
            )
        ]

    def __str__(self) -> str:
        return f"{self.direction} {self.country} {self.moved_on}"


class Contact(Record):
    """Somebody met a confirmed case, last on this day."""

    patient = _patient()
    contact_on = models.DateField(_("last contact"))

    class Meta:
        verbose_name = _("contact")
        verbose_name_plural = _("contacts")
        constraints = [
            models.UniqueConstraint(fields=["patient", "contact_on"], name="one_contact_per_day")
        ]

    def __str__(self) -> str:
        return str(self.contact_on)


class Release(Record):
    """Somebody was released from isolation or quarantine (解除隔離／檢疫)."""

    patient = _patient()
    kind = models.CharField(_("kind"), max_length=10, choices=ReleaseKind)
    released_on = models.DateField(_("released on"))

    class Meta:
        verbose_name = _("release")
        verbose_name_plural = _("releases")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "released_on", "kind"], name="one_release_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.kind} {self.released_on}"


class Referral(Record):
    """Somebody was referred to a sampling site (指定社區採檢院所)."""

    patient = _patient()
    referred_on = models.DateField(_("referred on"))
    sampling_site = models.CharField(_("sampling site"), max_length=100)
    answered_on = models.DateField(_("answered on"), null=True, blank=True)

    class Meta:
        verbose_name = _("referral")
        verbose_name_plural = _("referrals")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "referred_on", "sampling_site"], name="one_referral_per_day"
            )
        ]

    def __str__(self) -> str:
        return f"{self.sampling_site} {self.referred_on}"


class Label(Record):
    """「特定職業別或群聚史」: an occupation or a cluster that somebody belongs to, for a time."""

    patient = _patient()
    kind = models.CharField(_("kind"), max_length=10, choices=LabelKind)
    name = models.CharField(_("occupation or cluster"), max_length=100)
    valid_from = models.DateField(_("valid from"), null=True, blank=True)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("occupation or cluster")
        verbose_name_plural = _("occupations and clusters")
        constraints = [
            models.UniqueConstraint(fields=["patient", "kind", "name"], name="one_label_each")
        ]

    def __str__(self) -> str:
        return self.name


class ListEntry(Record):
    """Somebody stands on a list of the command centre, as 部桃專案名單."""

    patient = _patient()
    list_name = models.CharField(_("list"), max_length=40)
    listed_on = models.DateField(_("listed on"))
    ends_on = models.DateField(_("last day"), null=True, blank=True)

    class Meta:
        verbose_name = _("entry of a named list")
        verbose_name_plural = _("entries of named lists")
        constraints = [
            models.UniqueConstraint(
                fields=["patient", "list_name", "listed_on"], name="one_entry_per_list_and_day"
            )
        ]

    def __str__(self) -> str:
        return self.list_name


class Advisory(Record):
    """國際旅遊疫情建議等級: 1 注意, 2 警示, 3 警告."""

    country = models.CharField(_("country code"), max_length=3)
    country_name = models.CharField(_("country"), max_length=40)
    level = models.PositiveSmallIntegerField(_("level"))
    valid_from = models.DateField(_("valid from"))
    valid_until = models.DateField(_("valid until"), null=True, blank=True)

    class Meta:
        verbose_name = _("travel advisory")
        verbose_name_plural = _("travel advisories")
        constraints = [
            models.UniqueConstraint(fields=["country", "valid_from"], name="one_advisory_per_day"),
            models.CheckConstraint(
                condition=models.Q(level__gte=1, level__lte=3), name="advisory_level_1_to_3"
            ),
        ]

    def __str__(self) -> str:
        return f"{self.country} {self.level}"
