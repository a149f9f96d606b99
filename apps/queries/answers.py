"""What a source says, and how far that can be relied on."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Generic, TypeVar
from uuid import UUID

from django.utils.functional import Promise

from apps.queries.terms import AnswerState

Row = TypeVar("Row", covariant=True)


@dataclass(frozen=True, kw_only=True)
class Question:
    """Whose records, and of which days (both included). A service with more to ask extends it."""

    patient: UUID
    until: date
    since: date | None = None

    def covers(self, day: date) -> bool:
        """Whether records of this day are asked for."""
        return day <= self.until and (self.since is None or day >= self.since)


@dataclass(frozen=True, kw_only=True)
class Answer(Generic[Row]):
    """Rows of one or more sources. `missing` names those that did not answer, or not completely."""

    rows: Sequence[Row] = ()
    state: AnswerState = AnswerState.COMPLETE
    missing: tuple[str | Promise, ...] = ()
    reason: str = ""  # of a failure, for the access log

    @property
    def failed(self) -> bool:
        return self.state == AnswerState.FAILED

    @property
    def partial(self) -> bool:
        return self.state == AnswerState.PARTIAL

    @property
    def nothing(self) -> bool:
        """Everybody answered, and there is nothing: the only case that may be told so."""
        return self.state == AnswerState.COMPLETE and not self.rows
