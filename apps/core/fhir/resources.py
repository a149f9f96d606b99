"""What an app declares to have something of its own read over FHIR."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

from django.db.models import QuerySet

from apps.core.fhir.searching import Parameter
from apps.core.fhir.words import Json

# Who asks: an audit.actors.Actor, of which core knows nothing.
Reader = Any


@dataclass(frozen=True, kw_only=True)
class Resource:
    """One type of resource.

    `rows` gives what a reader may see, with everything that `write` needs in one statement; `order`
    as `bundles.page_of` wants it. `patient_of` names whom a row is about: each of them gets an
    access event of their own. `policy` admits the request and sets `request.actor`.
    """

    kind: str
    about: str
    rows: Callable[[Reader], QuerySet[Any]]
    write: Callable[[Any], Json]
    order: tuple[str, ...]
    policy: Any
    parameters: tuple[Parameter, ...] = ()
    patient_of: Callable[[Any], UUID | None] | None = None
    profile: str = ""

    def patient(self, row: Any) -> UUID | None:
        return self.patient_of(row) if self.patient_of else None
