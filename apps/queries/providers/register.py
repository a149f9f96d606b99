"""An outside register over FHIR, asked about a person by the national ID.

settings.FHIR_SOURCES: {"HIQS": (address, token), "IMQ": …}; docs/how-to/fhir-source.md.
"""

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass
from datetime import date
from functools import lru_cache
from typing import Any, Generic, TypeVar
from uuid import UUID

from django.conf import settings
from django.utils.functional import Promise

from apps.identities.models import Identifier
from apps.identities.services import reveal
from apps.identities.terms import IdentifierKind
from apps.queries.answers import Answer, Question
from apps.queries.providers import SourceFailed
from apps.queries.providers.fhir import FhirServer
from apps.queries.terms import AnswerState

# Identifier system of national IDs in the TW Core implementation guide.
NATIONAL_ID_SYSTEM = "http://www.moi.gov.tw"
# What a resource looks like that is not what we expect of it.
UNREADABLE = (KeyError, IndexError, TypeError, ValueError, AttributeError)

Resource = dict[str, Any]
Row = TypeVar("Row")


def outside_server(service: str) -> FhirServer | None:
    """The server that this installation names for a service."""
    named = settings.FHIR_SOURCES.get(service)
    return _server(*named) if named else None


@lru_cache
def _server(address: str, token: str) -> FhirServer:
    """One per process, because its breaker remembers."""
    return FhirServer(address, token)


def patient_number(patient: UUID) -> str:
    """`patient.identifier` of a search; it goes into the body of the search and nowhere else.

    Raises SourceFailed for somebody whose national ID is not known.
    """
    known = Identifier.objects.filter(identity=patient, kind=IdentifierKind.NATIONAL_ID).first()
    if known is None:
        raise SourceFailed("no_national_id")
    return f"{NATIONAL_ID_SYSTEM}|{reveal(known)}"


@dataclass(frozen=True)
class OutsideRegister(Generic[Row]):
    """One type of resource as rows of a tab.

    `wanted` are the search's parameters beside the patient, `read` makes a resource a row, or None
    where it does not concern the tab (refuted, of another day), and raises one of UNREADABLE for what
    cannot be understood: then the answer is partial.
    """

    name: str | Promise
    server: FhirServer
    resource: str
    wanted: Callable[[Question], Mapping[str, str]]
    read: Callable[[Resource, Question], Row | None]

    def answer(self, question: Question) -> Answer[Row]:
        """Raises SourceFailed."""
        parameters = {"patient.identifier": patient_number(question.patient)}
        found = self.server.search(self.resource, {**parameters, **self.wanted(question)})
        rows, unreadable = self._read_all(found.resources, question)
        complete = found.complete and not unreadable
        return Answer(
            rows=rows,
            state=AnswerState.COMPLETE if complete else AnswerState.PARTIAL,
            missing=() if complete else (self.name,),
            reason="" if complete else "incomplete_answer",
        )

    def _read_all(
        self, resources: Iterable[Resource], question: Question
    ) -> tuple[list[Row], bool]:
        rows, unreadable = [], False
        for resource in resources:
            try:
                row = self.read(resource, question)
            except UNREADABLE:
                unreadable = True
            else:
                rows += [row] if row is not None else []
        return rows, unreadable


def text_of(concept: Resource | None) -> str:
    """A CodeableConcept in words: its text, else the first coding's."""
    if not concept:
        return ""
    codings = concept.get("coding") or []
    shown = (coding.get("display") or coding.get("code") for coding in codings)
    return str(concept.get("text") or next((each for each in shown if each), ""))


def code_of(concept: Resource | None, system: str) -> str:
    """A CodeableConcept's code in one code system; "" without one."""
    codings: Sequence[Resource] = (concept or {}).get("coding") or []
    return next((str(each["code"]) for each in codings if each.get("system") == system), "")


def day_of(moment: Any) -> date:
    """The day of a FHIR date or dateTime. Raises ValueError for less than a day, such as `2024-05`."""
    return date.fromisoformat(str(moment)[:10])
