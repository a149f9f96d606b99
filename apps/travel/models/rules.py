"""Rules and texts of the alert, in versions (FEATURES E4)."""

from datetime import date

from django.contrib.postgres.fields import ArrayField
from django.core.validators import URLValidator
from django.db import models
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record
from apps.identities.terms import IdentifierKind
from apps.travel.terms import FactKind, Part, RulesState, Slot


class RuleSetQuerySet(models.QuerySet["RuleSet"]):
    def in_force(self, on: date) -> "RuleSetQuerySet":
        """Published and valid; the newest version comes first and is the one that counts."""
        return self.filter(
            Q(valid_until=None) | Q(valid_until__gte=on),
            state=RulesState.PUBLISHED,
            valid_from__lte=on,
        ).order_by("-version")


class RuleSet(Record):
    """One version of everything that the alert says. A draft is edited, a published one never.

    `content` is the version as it was published: what queries read, in one row.
    """

    version = models.PositiveIntegerField(_("version"), unique=True)
    note = models.CharField(_("what is new"), max_length=200, blank=True)
    state = models.CharField(
        _("state"), max_length=10, choices=RulesState, default=RulesState.DRAFT
    )
    valid_from = models.DateField(_("valid from"), default=clock.today)
    valid_until = models.DateField(_("valid until"), null=True, blank=True)
    content = models.JSONField(_("content"), default=dict, editable=False)
    made_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("made by")
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

    objects = RuleSetQuerySet.as_manager()

    class Meta:
        verbose_name = _("version of the alert")
        verbose_name_plural = _("versions of the alert")
        ordering = ["-version"]
        constraints = [
            models.CheckConstraint(
                condition=Q(published_by=None) | ~Q(published_by=models.F("made_by")),
                name="rules_published_by_another",
            )
        ]

    def __str__(self) -> str:
        return f"{self.version}"


class Worded(Record):
    """A part of a version with words, and where the words come from."""

    rules = models.ForeignKey(RuleSet, on_delete=models.CASCADE, verbose_name=_("version"))
    # Not printed in a manual: we wrote it, and the agency has not confirmed it.
    ours = models.BooleanField(_("our own wording"), default=True)
    origin = models.CharField(_("source of the wording"), max_length=100, blank=True)

    class Meta:
        abstract = True


class AlertRule(Worded):
    """When the alert says something. Lower `priority` comes first.

    `text` may hold {date} (of the fact, ROC), {name} (country, site, occupation, list).
    """

    fact = models.CharField(_("looks at"), max_length=10, choices=FactKind)
    part = models.CharField(_("part of the alert"), max_length=10, choices=Part)
    services = ArrayField(models.CharField(max_length=8), verbose_name=_("services"))
    priority = models.PositiveSmallIntegerField(_("priority"), default=100)
    days = models.PositiveSmallIntegerField(
        _("days back"), null=True, blank=True, help_text=_("Empty: however long ago.")
    )
    not_before = models.DateField(_("not before"), null=True, blank=True)
    least_level = models.PositiveSmallIntegerField(_("advisory level"), null=True, blank=True)
    detail = models.CharField(
        _("kind"),
        max_length=10,
        blank=True,
        help_text=_("ENTRY, EXIT, ISOLATION, QUARANTINE, OCCUPATION or CLUSTER; empty: any."),
    )
    name = models.CharField(
        _("name"), max_length=100, blank=True, help_text=_("Of a list, an occupation; empty: any.")
    )
    text = models.CharField(_("text"), max_length=300)
    text_en = models.CharField(_("text in English"), max_length=300)

    class Meta:
        verbose_name = _("rule of the alert")
        verbose_name_plural = _("rules of the alert")
        ordering = ["rules", "priority"]

    def __str__(self) -> str:
        return self.text


class AlertText(Worded):
    """A text of the alert that does not depend on a fact."""

    service = models.CharField(_("service"), max_length=8)
    slot = models.CharField(_("place"), max_length=16, choices=Slot)
    number_kind = models.CharField(
        _("kind of number"),
        max_length=12,
        choices=IdentifierKind,
        blank=True,
        help_text=_("For texts that differ by it; empty: any."),
    )
    text = models.TextField(_("text"))
    text_en = models.TextField(_("text in English"))

    class Meta:
        verbose_name = _("text of the alert")
        verbose_name_plural = _("texts of the alert")
        ordering = ["rules", "service", "slot", "number_kind"]
        constraints = [
            models.UniqueConstraint(
                fields=["rules", "service", "slot", "number_kind"], name="one_text_per_place"
            )
        ]

    def __str__(self) -> str:
        return f"{self.service} {self.slot}"


class AlertLink(Worded):
    """參考資料."""

    service = models.CharField(_("service"), max_length=8)
    position = models.PositiveSmallIntegerField(_("position"), default=0)
    label = models.CharField(_("name"), max_length=100)
    label_en = models.CharField(_("name in English"), max_length=100)
    address = models.CharField(
        _("address"), max_length=300, validators=[URLValidator(schemes=["https", "http"])]
    )

    class Meta:
        verbose_name = _("link of the alert")
        verbose_name_plural = _("links of the alert")
        ordering = ["rules", "service", "position"]

    def __str__(self) -> str:
        return self.label


class RuleChange(models.Model):
    """Who changed which field of a draft, from what to what. Rows are only ever added."""

    rules = models.ForeignKey(
        RuleSet, on_delete=models.PROTECT, related_name="changes", verbose_name=_("version")
    )
    part = models.CharField(_("part"), max_length=120)
    field = models.CharField(_("field"), max_length=40)
    old = models.TextField(_("before"), blank=True)
    new = models.TextField(_("after"), blank=True)
    changed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, related_name="+", verbose_name=_("changed by")
    )
    changed_at = models.DateTimeField(_("changed at"), default=clock.now)

    class Meta:
        verbose_name = _("change of the alert")
        verbose_name_plural = _("changes of the alert")
        ordering = ["-changed_at", "-pk"]

    def __str__(self) -> str:
        return f"{self.part} {self.field}"
