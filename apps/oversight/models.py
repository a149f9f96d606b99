"""Searches of the access log: under way in a session, and saved by an auditor."""

from typing import Any
from uuid import UUID

from django.db import models
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.audit.terms import Action, Outcome
from apps.core import clock
from apps.core.models import Record
from apps.oversight.criteria import Criteria
from apps.oversight.terms import SearchPurpose


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
