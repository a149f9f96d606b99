"""The exception desk (FEATURES C17): its rules, which are data, and the cases that it opened."""

from django.contrib.postgres.fields import ArrayField
from django.db import models
from django.utils.translation import get_language
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record
from apps.identities.models import Identity
from apps.institutions.models import Institution


class ExceptionRule(models.Model):
    """Who may be booked without a card, and by what. `max_age` in full years, `max_days` since birth."""

    code = models.CharField(_("rule code"), max_length=12, primary_key=True)
    name = models.CharField(_("name"), max_length=40)
    name_en = models.CharField(_("name in English"), max_length=60)
    enabled = models.BooleanField(_("enabled"), default=True)
    # Of terms.DocumentKind.
    documents = ArrayField(models.CharField(max_length=12), verbose_name=_("documents"))
    max_age = models.PositiveSmallIntegerField(_("oldest age"), null=True, blank=True)
    max_days = models.PositiveSmallIntegerField(_("most days since birth"), null=True, blank=True)
    needs_guardian = models.BooleanField(_("needs a guardian's consent"), default=False)
    position = models.PositiveSmallIntegerField(_("position"), default=0)

    class Meta:
        verbose_name = _("rule of the exception desk")
        verbose_name_plural = _("rules of the exception desk")
        ordering = ["position", "code"]

    def __str__(self) -> str:
        return self.label

    @property
    def label(self) -> str:
        return self.name_en if get_language() == "en" else self.name


class ExceptionCase(Record):
    """One person who was let in without a card: why, by whom, on whose consent."""

    rule = models.ForeignKey(ExceptionRule, on_delete=models.PROTECT)
    # Of the typed reading, which is gone after a day; so no foreign key.
    reading = models.UUIDField(_("reading"), unique=True)
    patient = models.ForeignKey(Identity, on_delete=models.PROTECT)
    document = models.CharField(_("document"), max_length=12)
    reason = models.CharField(_("reason"), max_length=200)
    guardian_name = models.CharField(_("guardian"), max_length=40, blank=True)
    guardian_relation = models.CharField(_("relation"), max_length=20, blank=True)
    opened_by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    institution = models.ForeignKey(Institution, on_delete=models.PROTECT, related_name="+")
    opened_at = models.DateTimeField(_("opened at"), default=clock.now)
    booking = models.OneToOneField(
        "booking.Booking", on_delete=models.SET_NULL, null=True, related_name="exception"
    )

    class Meta:
        verbose_name = _("case of the exception desk")
        verbose_name_plural = _("cases of the exception desk")

    def __str__(self) -> str:
        return f"{self.rule_id} {self.opened_at:%Y-%m-%d}"
