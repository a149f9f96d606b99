"""Fetches that can refuse, and what the page of a run shows."""

from collections.abc import Iterator
from dataclasses import dataclass
from uuid import UUID

from apps.core.errors import NotFound
from apps.imports.models import ImportRun, LineError
from apps.imports.terms import RunState
from apps.imports.wording import fault_message

ERRORS_SHOWN = 50


@dataclass(frozen=True)
class RunPage:
    """One run with its first errors, and the run that published the same file before, if any."""

    run: ImportRun
    errors: list[LineError]
    earlier: ImportRun | None

    @property
    def publishable(self) -> bool:
        return self.run.state == RunState.CHECKED


def fetch_import(run_id: UUID) -> ImportRun:
    found = ImportRun.objects.select_related("started_by").filter(pk=run_id).first()
    if found is None:
        raise NotFound(reason="no_such_import")
    return found


def fetch_page(run_id: UUID) -> RunPage:
    """Three statements, however long the file is."""
    run = fetch_import(run_id)
    errors = run.line_errors.order_by("line", "column")[:ERRORS_SHOWN]
    return RunPage(run, list(errors), ImportRun.objects.same_file(run).first())


def error_rows(run: ImportRun) -> Iterator[tuple[str, ...]]:
    """Line, column, code and sentence of every error that was kept, as a spreadsheet may open them.

    The sentences are in the language of now, not of whenever the rows are read.
    """
    errors = run.line_errors.order_by("line", "column").values_list("line", "column", "code")
    codes = set(run.line_errors.values_list("code", flat=True).distinct())
    sentences = {code: str(fault_message(code)) for code in codes}
    return (
        (str(line), _harmless(column), code, sentences.get(code, code))
        for line, column, code in errors.iterator(chunk_size=2000)
    )


def _harmless(text: str) -> str:
    """The sender chose the name of an unknown column; a spreadsheet must not execute it."""
    return f"'{text}" if text[:1] in "=+-@\t\r＝＋－＠" and text else text
