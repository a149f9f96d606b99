"""What everything under /fhir/ has in common."""

from collections.abc import Sequence
from typing import Any, cast

from drf_spectacular.types import OpenApiTypes
from drf_spectacular.utils import extend_schema
from rest_framework.parsers import FormParser
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.guards import Open, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.actors import Actor
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import NotFound, Refusal
from apps.core.fhir.capabilities import capability_statement
from apps.core.fhir.outcomes import answer_outcome
from apps.core.fhir.rendering import FhirNegotiation, FhirRenderer
from apps.core.fhir.resources import Resource
from apps.workstations.tokens import TokenNeeded


class FhirView(APIView):
    """Everything under /fhir/ answers in FHIR's JSON, refusals as OperationOutcome."""

    policy: Any = Open()
    action = Action.READ_FHIR
    renderer_classes = [FhirRenderer]
    parser_classes = [FormParser]
    content_negotiation_class = FhirNegotiation

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        http = cast(GuardedRequest, request._request)
        # Whoever's cookie a browser sends along: it authenticates nothing here.
        http.actor = Actor(ip=http.actor.ip, request_id=http.id)
        super().initial(request, *args, **kwargs)
        self.policy.admit(http)

    def get_exception_handler(self) -> Any:
        return answer_outcome

    def handle_exception(self, exc: Exception) -> Response:
        # A call without a token is a stranger's knock, no access to anything.
        if isinstance(exc, Refusal) and type(exc) is not TokenNeeded:
            http = cast(GuardedRequest, self.request._request)
            record_refusal(http, exc, action=self.action, service=self.policy.service)
        return super().handle_exception(exc)


class MetadataView(FhirView):
    """What this server can be asked. Public: vendors build against it."""

    resources: Sequence[Resource] = ()

    @extend_schema(
        operation_id="read_capabilities",
        responses={(200, "application/fhir+json"): OpenApiTypes.OBJECT},
        tags=["fhir"],
    )
    def get(self, request: Request) -> Response:
        return Response(capability_statement(self.resources, at=clock.now()))


class UnknownResourceView(FhirView):
    """An OperationOutcome instead of the portal's page."""

    schema = None

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        raise NotFound(reason="fhir_unknown_type")

    def get(self, request: Request, rest: str) -> Response:
        raise NotImplementedError
