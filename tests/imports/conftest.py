"""Files to import, and a folder for them that only the test has."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from apps.audit.actors import Actor
from apps.imports.models import ImportRun
from apps.imports.services import process_import, start_import
from apps.imports.terms import ErrorMode

Import = Callable[..., ImportRun]


@pytest.fixture(autouse=True)
def var(settings: Any, tmp_path: Path) -> Path:
    settings.IMPORTS = tmp_path / "imports"
    return tmp_path


@pytest.fixture
def import_text(db: None) -> Import:
    """`import_text("institutions", "code,name\\n…")` takes a file all the way and returns its run."""

    def run(
        kind: str,
        text: str | bytes,
        *,
        mode: ErrorMode = ErrorMode.ALL,
        publish: bool = True,
        by: Actor | None = None,
    ) -> ImportRun:
        started = start_import(
            kind=kind,
            file_name=f"{kind}.csv",
            pieces=[text.encode() if isinstance(text, str) else text],
            mode=mode,
            publish_at_once=publish,
            by=by or Actor.system("test"),
        )
        process_import(started.pk)
        started.refresh_from_db()
        return started

    return run


def errors(run: ImportRun) -> list[tuple[int, str, str]]:
    """(line, column, code) of what was wrong, in order."""
    found = run.line_errors.order_by("line", "column").values_list("line", "column", "code")
    return list(found)
