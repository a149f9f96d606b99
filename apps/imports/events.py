"""What an access event of an import says.

Which run and kind, never the file's name, which people choose freely.
"""

from typing import Any

from apps.imports.models import ImportRun


def about(run: ImportRun) -> dict[str, Any]:
    return {
        "object_type": "import_run",
        "object_id": str(run.pk),
        "detail": {"format": run.kind},
    }
