"""The routes of a resource, and how OpenAPI describes them."""

from typing import Any

from django.urls import URLPattern, path
from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import (
    OpenApiParameter,
    OpenApiResponse,
    extend_schema,
    extend_schema_view,
)

from apps.core.fhir.resources import Resource
from apps.workstations.fhir.reading import PostSearchView, ReadView, ResourceView, SearchView

JSON = "application/fhir+json"
OUTCOME = OpenApiResponse(OpenApiTypes.OBJECT, "OperationOutcome")
REFUSALS = {(status, JSON): OUTCOME for status in (400, 401, 403, 404)}
# The library hands it through as it is, although it asks for names.
BEARER: Any = [{"fhirToken": []}]
COUNT = OpenApiParameter("_count", OpenApiTypes.INT, description="Results on a page, at most 100")


def resource_urls(resource: Resource) -> list[URLPattern]:
    """Search by address, search by POST, and read."""
    kind, name = resource.kind, resource.kind.lower()
    search = extend_schema(
        operation_id=f"search_{name}",
        parameters=[*_in_address(resource), COUNT],
        responses=_answers("Bundle (searchset)"),
    )
    post_search = extend_schema(
        operation_id=f"post_search_{name}",
        request={"application/x-www-form-urlencoded": _form(resource)},
        responses=_answers("Bundle (searchset)"),
    )
    read = extend_schema(operation_id=f"read_{name}", responses=_answers(kind))
    return [
        path(kind, _view(SearchView, resource, get=search), name=f"search_{name}"),
        path(
            f"{kind}/_search",
            _view(PostSearchView, resource, post=post_search),
            name=f"post_search_{name}",
        ),
        path(f"{kind}/<str:resource_id>", _view(ReadView, resource, get=read), name=f"read_{name}"),
    ]


def _view(base: type[ResourceView], resource: Resource, **described: Any) -> Any:
    members = {"resource": resource, "policy": resource.policy, "__doc__": resource.about}
    view: Any = type(f"{resource.kind}{base.__name__}", (base,), members)
    tagged = extend_schema(tags=["fhir"], description=resource.about, auth=BEARER)
    return tagged(extend_schema_view(**described)(view)).as_view()


def _answers(success: str) -> dict[Any, Any]:
    return {(200, JSON): OpenApiResponse(OpenApiTypes.OBJECT, success), **REFUSALS}


def _in_address(resource: Resource) -> list[OpenApiParameter]:
    return [
        OpenApiParameter(each.name, OpenApiTypes.STR, description=each.about)
        for each in resource.parameters
        if not each.is_private
    ]


def _form(resource: Resource) -> dict[str, Any]:
    properties = {
        each.name: {"type": "string", "description": each.about} for each in resource.parameters
    }
    return {"type": "object", "properties": properties}
