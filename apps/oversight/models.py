"""Searches of the access log, and the review queue."""

from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import UUID

from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.core.models import Record
from apps.oversight import rules
from apps.oversight.criteria import Criteria
from apps.oversight.terms import CaseState, ExportKind, ExportState, Finding, SearchPurpose

if TYPE_CHECKING:
    from apps.oversight.retention import Kept


def _outside(lowest: int, highest: int) -> str:
    return _("Please enter a number from %(lowest)s to %(highest)s.") % {
        "lowest": lowest,
        "highest": highest,
    }


class Sought(Record):
    """Criteria as JSON, with what the page says about them: names as they were, masked numbers."""

    criteria: Any = models.JSONField(_("criteria"))
    labels: Any = models.JSONField(_("shown as"), default=dict)

    class Meta:
        abstract = True

    @property
    def wanted(self) -> Criteria:
        return Criteria.of_json(self.criteria)

    @property
    def action_label(self) -> str:
        return str(Action(self.wanted.action).label)

    @property
    def outcome_label(self) -> str:
        return str(Outcome(self.wanted.outcome).label)


class LogSearchQuerySet(models.QuerySet["LogSearch"]):
    def visible_to(self, session: UUID | None) -> "LogSearchQuerySet":
        """A search belongs to the session that made it, and ends with it."""
        return self.filter(session_id=session)


class LogSearch(Sought):
    """A search under way. Its address is this random id: what was typed never stands in a URL."""

    session_id = models.UUIDField(_("session"), db_index=True)
    made_by = models.ForeignKey(Person, on_delete=models.CASCADE, verbose_name=_("made by"))
    purpose = models.CharField(_("purpose"), max_length=12, choices=SearchPurpose)
    note = models.CharField(_("file number or matter"), max_length=100, blank=True)
    made_at = models.DateTimeField(_("made at"), default=clock.now, db_index=True)

    objects = LogSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("search of the access log")
        verbose_name_plural = _("searches of the access log")

    def __str__(self) -> str:
        return str(self.pk)


class SavedSearchQuerySet(models.QuerySet["SavedSearch"]):
    def visible_to(self, person: UUID | None) -> "SavedSearchQuerySet":
        return self.filter(owner=person)


class SavedSearch(Sought):
    """An auditor's own search under a name. Its period moves along: the same number of days, up to today."""

    owner = models.ForeignKey(Person, on_delete=models.CASCADE, verbose_name=_("owner"))
    name = models.CharField(_("name"), max_length=60)
    saved_at = models.DateTimeField(_("saved at"), default=clock.now)

    objects = SavedSearchQuerySet.as_manager()

    class Meta:
        verbose_name = _("saved search")
        verbose_name_plural = _("saved searches")
        ordering = ["name"]
        constraints = [models.UniqueConstraint(fields=["owner", "name"], name="one_name_per_owner")]

    def __str__(self) -> str:
        return self.name


class ReviewRule(models.Model):
    """How strict a rule of the review queue is, which operators decide (apps.oversight.rules)."""

    code = models.CharField(_("rule"), max_length=20, primary_key=True)
    enabled = models.BooleanField(_("switched on"), default=True)
    limit = models.PositiveIntegerField(_("threshold"), default=0)
    floor = models.PositiveIntegerField(_("second threshold"), default=0)
    # Events up to here were looked at.
    looked_until = models.DateTimeField(_("looked until"), null=True, editable=False)

    class Meta:
        verbose_name = _("rule of the review queue")
        verbose_name_plural = _("rules of the review queue")
        ordering = ["code"]

    def __str__(self) -> str:
        return str(rules.ALL[self.code].title) if self.code in rules.ALL else self.code

    def clean(self) -> None:
        """Within the limits of the rule, also when a draft has lain since another version."""
        for name, threshold in self.thresholds.items():
            if not threshold.allows(getattr(self, name)):
                raise ValidationError(_outside(threshold.lowest, threshold.highest))

    @property
    def thresholds(self) -> "dict[str, rules.Threshold]":
        """By column, those that the rule has."""
        rule = rules.ALL.get(self.code)
        found = {name: getattr(rule, name, None) for name in ("limit", "floor")}
        return {name: each for name, each in found.items() if each is not None}


class ReviewCaseQuerySet(models.QuerySet["ReviewCase"]):
    def for_page(self) -> "ReviewCaseQuerySet":
        return self.select_related("assigned_to", "closed_by")

    def waiting(self) -> "ReviewCaseQuerySet":
        return self.exclude(state=CaseState.CLOSED)

    def newest_first(self) -> "ReviewCaseQuerySet":
        return self.order_by("-occurred_at", "-pk")


class ReviewCase(Record):
    """Something that a rule flagged, until somebody else than the person concerned has closed it.

    People are ids without foreign keys, as in the log: a case outlives what it is about.
    """

    rule = models.CharField(_("rule"), max_length=20)
    key = models.CharField(max_length=120)
    event = models.BigIntegerField(_("event"), null=True)
    occurred_at = models.DateTimeField(_("occurred at"))
    flagged_at = models.DateTimeField(_("flagged at"), default=clock.now)
    person = models.UUIDField(_("person"), null=True)
    institution = models.UUIDField(_("institution"), null=True)
    patient = models.UUIDField(_("patient"), null=True)
    facts: Any = models.JSONField(_("facts"), default=dict)
    explained = models.BooleanField(_("an explanation was found"), default=False)
    state = models.CharField(_("state"), max_length=8, choices=CaseState, default=CaseState.OPEN)
    assigned_to = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("assigned to")
    )
    finding = models.CharField(_("finding"), max_length=10, choices=Finding, blank=True)
    closed_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, related_name="+", verbose_name=_("closed by")
    )
    closed_at = models.DateTimeField(_("closed at"), null=True)

    objects = ReviewCaseQuerySet.as_manager()

    class Meta:
        verbose_name = _("case of the review queue")
        verbose_name_plural = _("cases of the review queue")
        indexes = [
            models.Index(
                fields=["-occurred_at", "-id"],
                condition=~models.Q(state=CaseState.CLOSED),
                name="cases_that_wait",
            ),
            models.Index(fields=["-occurred_at", "-id"], name="cases_by_time"),
        ]
        constraints = [
            models.UniqueConstraint(fields=["rule", "key"], name="flagged_once"),
            models.CheckConstraint(
                condition=models.Q(closed_by=None) | ~models.Q(closed_by=models.F("person")),
                name="closed_by_another_than_the_reviewed",
            ),
            models.CheckConstraint(
                condition=models.Q(assigned_to=None) | ~models.Q(assigned_to=models.F("person")),
                name="reviewed_by_another",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.rule} {self.key}"

    @property
    def title(self) -> str:
        return str(rules.ALL[self.rule].title) if self.rule in rules.ALL else self.rule

    @property
    def sentence(self) -> str:
        """What was seen, in words."""
        if self.rule not in rules.ALL:
            return self.rule
        return str(rules.ALL[self.rule].sentence).format_map(self.facts)

    @property
    def is_closed(self) -> bool:
        return self.state == CaseState.CLOSED


class CaseNote(Record):
    """What a reviewer wrote down. Notes are only ever added."""

    case = models.ForeignKey(ReviewCase, on_delete=models.PROTECT, related_name="notes")
    by = models.ForeignKey(Person, on_delete=models.PROTECT, related_name="+")
    at = models.DateTimeField(_("written at"), default=clock.now)
    text = models.CharField(_("note"), max_length=500)

    class Meta:
        verbose_name = _("note")
        verbose_name_plural = _("notes")
        ordering = ["at"]

    def __str__(self) -> str:
        return self.text[:40]


class LogExportQuerySet(models.QuerySet["LogExport"]):
    def visible_to(self, person: UUID | None) -> "LogExportQuerySet":
        return self.filter(made_by=person)


class LogExport(Sought):
    """A file of events that a worker writes; it is there for a day, for whoever asked for it."""

    kind = models.CharField(_("kind"), max_length=4, choices=ExportKind)
    purpose = models.CharField(_("purpose"), max_length=12, choices=SearchPurpose)
    note = models.CharField(_("file number or matter"), max_length=100, blank=True)
    language = models.CharField(_("language"), max_length=10)
    state = models.CharField(
        _("state"), max_length=8, choices=ExportState, default=ExportState.WAITING
    )
    made_by = models.ForeignKey(Person, on_delete=models.PROTECT, verbose_name=_("made by"))
    made_at = models.DateTimeField(_("made at"), default=clock.now)
    total = models.BigIntegerField(_("events"), null=True)
    written = models.BigIntegerField(_("events written"), default=0)
    sha256 = models.CharField(_("SHA-256"), max_length=64, blank=True)
    finished_at = models.DateTimeField(_("finished at"), null=True)

    objects = LogExportQuerySet.as_manager()

    class Meta:
        verbose_name = _("export of the access log")
        verbose_name_plural = _("exports of the access log")
        ordering = ["-made_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.pk}"

    @property
    def path(self) -> Path:
        ending = "csv" if self.kind == ExportKind.CSV else "ndjson"
        folder: Path = settings.EXPORTS
        return folder / f"{self.pk}.{ending}"

    @property
    def is_under_way(self) -> bool:
        return self.state in (ExportState.WAITING, ExportState.RUNNING)


class RetentionRule(models.Model):
    """How many days a kind of data is kept, which operators decide (apps.oversight.retention)."""

    code = models.CharField(_("kind of data"), max_length=30, primary_key=True)
    enabled = models.BooleanField(_("switched on"), default=True)
    days = models.PositiveIntegerField(_("days"))

    class Meta:
        verbose_name = _("rule of retention")
        verbose_name_plural = _("rules of retention")
        ordering = ["code"]

    def __str__(self) -> str:
        return str(self.kept.title) if self.kept else self.code

    def clean(self) -> None:
        if self.kept and not self.kept.lowest <= self.days <= self.kept.highest:
            raise ValidationError(_outside(self.kept.lowest, self.kept.highest))

    @property
    def kept(self) -> "Kept | None":
        """What this version keeps under the code; None for what another version kept."""
        from apps.oversight.retention import RULES  # knows the tables, also those of this module

        return RULES.get(self.code)
