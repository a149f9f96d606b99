"""Reading and searching one type of resource."""

from collections import Counter
from typing import Any, cast
from uuid import UUID

from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.http import GuardedRequest
from apps.audit.events import Event
from apps.audit.services import event, record_many
from apps.core.errors import NotFound, Refusal
from apps.core.fhir.bundles import page_of, searchset
from apps.core.fhir.resources import Resource
from apps.core.fhir.searching import Search, read_search
from apps.workstations.fhir.base import FhirView


class ResourceView(FhirView):
    resource: Resource

    @property
    def http(self) -> GuardedRequest:
        return cast(GuardedRequest, self.request._request)

    def event(self, patient: UUID | None, **facts: Any) -> Event:
        http = self.http
        decision = getattr(http, "decision", None)
        return event(
            self.action,
            by=http.actor,
            service=self.policy.service,
            patient=patient,
            object_type=self.resource.kind,
            entitlement_id=getattr(decision, "entitlement_id", None),
            **facts,
        )


class ReadView(ResourceView):
    """One resource by its id; another institution's is not found."""

    def get(self, request: Request, resource_id: str) -> Response:
        row = self.fetch(resource_id)
        patient = self.resource.patient(row)
        record_many([self.event(patient, object_id=resource_id, result_count=1)])
        return Response(self.resource.write(row))

    def fetch(self, resource_id: str) -> Any:
        rows = self.resource.rows(self.http.actor)
        try:
            row = rows.filter(
                read_search(self.resource.parameters, [("_id", resource_id)]).condition
            )
        except Refusal as refusal:
            raise NotFound(reason="fhir_no_such_id") from refusal
        found = row.first()
        if found is None:
            raise NotFound(reason="fhir_unknown_or_elsewhere")
        return found


class SearchView(ResourceView):
    """A page of results: parameters in the address, or (POST …/_search) in the body."""

    def get(self, request: Request) -> Response:
        return self.answer(read_search(self.resource.parameters, _pairs(request.query_params)))

    def answer(self, search: Search) -> Response:
        self.http.patient = search.patient
        rows = self.resource.rows(self.http.actor)
        page, cursor = page_of(rows, search, self.resource.order)
        total = rows.filter(search.condition).count() if search.count == 0 else None
        record_many(self.events(search, page))
        written = [self.resource.write(row) for row in page]
        return Response(searchset(self.resource.kind, written, search, cursor, total=total))

    def events(self, search: Search, page: list[Any]) -> list[Event]:
        """One for each patient in the page; one for a search that shows or is about nobody."""
        query = {"query": search.described}
        shown = Counter(self.resource.patient(row) for row in page)
        if not shown:
            shown[search.patient] = 0
        return [
            self.event(patient, result_count=count, detail=query)
            for patient, count in shown.items()
        ]


class PostSearchView(SearchView):
    http_method_names = ["post"]

    def post(self, request: Request) -> Response:
        pairs = _pairs(request.query_params), _pairs(request.data)
        return self.answer(read_search(self.resource.parameters, *pairs))


def _pairs(values: Any) -> list[tuple[str, str]]:
    return [(name, value) for name, texts in values.lists() for value in texts]
