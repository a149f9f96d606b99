"""Runs of imports, and what was wrong in which line."""

from datetime import datetime, timedelta
from pathlib import Path

from django.conf import settings
from django.db import models
from django.utils.functional import Promise
from django.utils.translation import gettext_lazy as _

from apps.accounts.models import Person
from apps.core import clock
from apps.core.models import Record
from apps.imports.kinds import Kind, find_kind
from apps.imports.terms import AT_WORK, CANCELLABLE, ErrorMode, RunState
from apps.imports.wording import fault_message

ENCODING_NAMES = {"utf-8-sig": "UTF-8", "cp950": "Big5 (cp950)", "big5hkscs": "Big5-HKSCS"}

# A worker at work writes down where it is at least every few seconds.
SILENT_AFTER = timedelta(seconds=60)


class ImportRunQuerySet(models.QuerySet["ImportRun"]):
    def left_alone(self, at: datetime) -> "ImportRunQuerySet":
        """Runs that a worker should be at, and none is: it was killed, or Redis lost the task."""
        return self.filter(state__in=AT_WORK, beat_at__lt=at - SILENT_AFTER)

    def same_file(self, run: "ImportRun") -> "ImportRunQuerySet":
        return self.filter(
            kind=run.kind,
            sha256=run.sha256,
            state=RunState.PUBLISHED,
            created_at__lt=run.created_at,
        ).order_by("-ended_at")


class ImportRun(Record):
    """One file on its way into the tables. The file itself lies in var/ until the run has ended."""

    kind = models.CharField(_("kind of file"), max_length=20)
    file_name = models.CharField(_("file name"), max_length=200)
    size = models.BigIntegerField(_("bytes"))
    sha256 = models.CharField(_("SHA-256"), max_length=64)
    encoding = models.CharField(_("encoding"), max_length=12, blank=True)
    mode = models.CharField(
        _("if lines are wrong"), max_length=4, choices=ErrorMode, default=ErrorMode.ALL
    )
    publish_at_once = models.BooleanField(_("publish when the check has passed"), default=False)
    state = models.CharField(
        _("state"), max_length=10, choices=RunState, default=RunState.WAITING, db_index=True
    )
    attempts = models.PositiveSmallIntegerField(_("attempts"), default=0)
    bytes_read = models.BigIntegerField(_("bytes read"), default=0)
    lines = models.BigIntegerField(_("lines"), default=0)
    bad_lines = models.BigIntegerField(_("lines with errors"), default=0)
    published_lines = models.BigIntegerField(_("lines published"), default=0)
    made = models.BigIntegerField(_("added"), default=0)
    changed = models.BigIntegerField(_("corrected"), default=0)
    removed = models.BigIntegerField(_("removed"), default=0)
    started_by = models.ForeignKey(
        Person, on_delete=models.PROTECT, null=True, verbose_name=_("started by")
    )
    created_at = models.DateTimeField(_("started at"), default=clock.now)
    phase_began_at = models.DateTimeField(_("phase began at"), default=clock.now)
    beat_at = models.DateTimeField(_("last heard of"), default=clock.now)
    ended_at = models.DateTimeField(_("ended at"), null=True)

    objects = ImportRunQuerySet.as_manager()

    class Meta:
        verbose_name = _("import")
        verbose_name_plural = _("imports")
        ordering = ["-created_at"]

    def __str__(self) -> str:
        return f"{self.kind} {self.file_name}"

    @property
    def definition(self) -> Kind:
        """Raises LookupError for a kind that this version of the program no longer has."""
        kind = find_kind(self.kind)
        if kind is None:
            raise LookupError(f"there is no kind of file {self.kind!r}")
        return kind

    @property
    def label(self) -> str | Promise:
        kind = find_kind(self.kind)
        return kind.label if kind else self.kind

    @property
    def encoding_name(self) -> str:
        return ENCODING_NAMES.get(self.encoding, self.encoding)

    @property
    def path(self) -> Path:
        folder: Path = settings.IMPORTS
        return folder / f"{self.pk}.csv"

    @property
    def at_work(self) -> bool:
        return self.state in AT_WORK

    @property
    def cancellable(self) -> bool:
        return self.state in CANCELLABLE

    @property
    def good_lines(self) -> int:
        return self.lines - self.bad_lines

    @property
    def unchanged(self) -> int:
        """Good lines that said what the tables knew already."""
        return max(0, self.published_lines - self.made - self.changed - self.removed)

    @property
    def done_percent(self) -> int:
        """Of the present phase."""
        if self.state == RunState.PUBLISHING:
            return _percent(self.published_lines, self.good_lines)
        return _percent(self.bytes_read, self.size)

    @property
    def lines_per_second(self) -> int:
        seconds = (self.beat_at - self.phase_began_at).total_seconds()
        lines = self.published_lines if self.state == RunState.PUBLISHING else self.lines
        return round(lines / seconds) if seconds > 0 else 0

    @property
    def seconds_left(self) -> int | None:
        """Of the present phase, at the rate so far; None before there is one."""
        done = self.done_percent
        seconds = (self.beat_at - self.phase_began_at).total_seconds()
        return round(seconds * (100 - done) / done) if done and seconds > 0 else None


def _percent(part: int, whole: int) -> int:
    return min(100, part * 100 // whole) if whole else 0


class LineError(models.Model):
    """One fault in one line. The value itself is not kept: it may be a person's number."""

    id = models.BigAutoField(primary_key=True)
    run = models.ForeignKey(ImportRun, on_delete=models.CASCADE, related_name="line_errors")
    line = models.BigIntegerField(_("line"))
    column = models.CharField(_("column"), max_length=60, blank=True)
    code = models.CharField(_("code"), max_length=24)

    class Meta:
        verbose_name = _("line with an error")
        verbose_name_plural = _("lines with errors")
        indexes = [models.Index(fields=["run", "line"], name="errors_of_run")]

    def __str__(self) -> str:
        return f"{self.line} {self.code}"

    @property
    def message(self) -> str | Promise:
        return fault_message(self.code)
