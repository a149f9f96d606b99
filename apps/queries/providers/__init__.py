"""Sources of records: our own tables, outside servers, and several together.

A source that cannot answer raises SourceFailed, or answers in part and says so. None ever turns a
fault into an empty answer.
"""

from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Generic, Protocol, TypeVar

from django.db import Error
from django.utils.functional import Promise

from apps.queries.answers import Answer, Question
from apps.queries.terms import AnswerState

Row = TypeVar("Row")
RowOut = TypeVar("RowOut", covariant=True)


class SourceFailed(Exception):
    """The source did not answer, or nothing that can be understood. `reason` is for the access log."""

    def __init__(self, reason: str) -> None:
        self.reason = reason
        super().__init__(reason)


class Source(Protocol[RowOut]):
    """`name` is what a page calls the source when it did not answer."""

    @property
    def name(self) -> str | Promise: ...

    def answer(self, question: Any) -> Answer[RowOut]:
        """All rows that the question (Question, or a service's own) asks for. Raises SourceFailed."""
        ...


@dataclass(frozen=True)
class LocalTable(Generic[Row]):
    """Our own tables: `fetch` answers with rows, in one statement."""

    name: str | Promise
    fetch: Callable[[Any], Iterable[Row]]

    def answer(self, question: Question) -> Answer[Row]:
        try:
            return Answer(rows=tuple(self.fetch(question)))
        except Error as error:
            raise SourceFailed("database_error") from error


@dataclass(frozen=True)
class Together(Generic[Row]):
    """Several sources asked one after another; those that fail make the answer partial.

    `merge` puts their rows in order and drops what two of them report.
    """

    name: str | Promise
    sources: Sequence[Source[Row]]
    merge: Callable[[list[Row]], Sequence[Row]]

    def answer(self, question: Question) -> Answer[Row]:
        answers = [ask(source, question) for source in self.sources]
        missing = tuple(name for answer in answers for name in answer.missing)
        reason = next((answer.reason for answer in answers if answer.reason), "")
        rows = self.merge([row for answer in answers for row in answer.rows])
        if all(answer.failed for answer in answers):
            return Answer(state=AnswerState.FAILED, missing=missing, reason=reason)
        state = AnswerState.PARTIAL if missing else AnswerState.COMPLETE
        return Answer(rows=rows, state=state, missing=missing, reason=reason)


def ask(source: Source[Row], question: Question) -> Answer[Row]:
    """The source's answer; a failed one where it did not answer."""
    try:
        return source.answer(question)
    except SourceFailed as failure:
        return Answer(state=AnswerState.FAILED, missing=(source.name,), reason=failure.reason)
