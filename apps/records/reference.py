"""The Ministry's code lists that records speak in; operators' additions stay."""

import json
from pathlib import Path

from apps.records.models import CodeName
from apps.records.terms import CodeSystem

FOLDER = Path(__file__).parent / "data"


def load() -> None:
    lists: dict[str, dict[str, str]] = {
        system: json.loads((FOLDER / f"{system.lower()}.json").read_text())
        for system in CodeSystem.values
    }
    if CodeName.objects.count() >= sum(map(len, lists.values())):
        return
    CodeName.objects.bulk_create(
        [
            CodeName(system=system, code=code, name=name)
            for system, names in lists.items()
            for code, name in names.items()
        ],
        ignore_conflicts=True,
        batch_size=1000,
    )
