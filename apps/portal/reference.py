"""The portal's first texts, from data/*.json; from then on they are the operators' data.

A table that holds anything is left alone, so that what operators changed or took away survives an
update. Statements and codes have names of their own: an update adds those that are new.
"""

import json
from pathlib import Path
from typing import Any

from django.db.models import Model

from apps.portal.models import Contact, Link, Question, RefusalCode, Statement

DATA = Path(__file__).parent / "data"
FIRST: dict[str, type[Model]] = {"contacts": Contact, "links": Link, "questions": Question}
NAMED: dict[str, type[Model]] = {"statements": Statement, "refusal_codes": RefusalCode}


def load() -> None:
    for name, model in FIRST.items():
        if not model._default_manager.exists():
            model._default_manager.bulk_create(model(**each) for each in read(name))
    for name, model in NAMED.items():
        model._default_manager.bulk_create(
            (model(**each) for each in read(name)), ignore_conflicts=True
        )


def read(name: str) -> list[dict[str, Any]]:
    rows: list[dict[str, Any]] = json.loads((DATA / f"{name}.json").read_text())
    return rows
