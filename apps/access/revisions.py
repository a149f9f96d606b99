"""What a record was when somebody opened its form: a second one must not undo the first unseen."""

import hashlib
import json
from typing import Any

from django.db.models import Model
from django.utils.text import capfirst

from apps.access.services.proposals import column_values, columns_of

LENGTH = 12  # of a digest: enough to tell two values of one column apart


def mark_of(record: Model) -> str:
    """For a hidden field: each column with the digest of its value, so that no value stands twice."""
    digests = {name: _digest(value) for name, value in column_values(record).items()}
    return ",".join(f"{name}:{digest}" for name, digest in digests.items())


def changed_since(mark: str, record: Model) -> list[str]:
    """The labels of the columns that are no longer as they were under `mark`; unknown ones are new."""
    then = dict(part.partition(":")[::2] for part in mark.split(",") if part)
    now = column_values(record)
    return [
        str(capfirst(field.verbose_name))
        for field in columns_of(type(record))
        if field.attname in then and then[field.attname] != _digest(now[field.attname])
    ]


def _digest(value: Any) -> str:
    plain = json.dumps(value, sort_keys=True, ensure_ascii=False)
    return hashlib.sha256(plain.encode()).hexdigest()[:LENGTH]
