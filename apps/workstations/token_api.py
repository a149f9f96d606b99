"""What a workstation's agent calls to get a token for FHIR (docs/reference/fhir.md)."""

from typing import cast

from drf_spectacular.utils import extend_schema
from rest_framework.parsers import JSONParser
from rest_framework.request import Request
from rest_framework.response import Response

from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.workstations.fhir import FhirView
from apps.workstations.serializers import TokenRequestSerializer
from apps.workstations.tokens import issue_workstation_token, make_nonce


class NonceView(FhirView):
    """Open: a nonce is worth nothing without a workstation's key."""

    action = Action.ISSUE_TOKEN
    parser_classes = [JSONParser]

    @extend_schema(operation_id="make_nonce", request=None, responses={200: dict}, tags=["fhir"])
    def post(self, request: Request) -> Response:
        return Response({"nonce": make_nonce()})


class TokenView(FhirView):
    """Open: the proof is in the body."""

    action = Action.ISSUE_TOKEN
    parser_classes = [JSONParser]

    @extend_schema(
        operation_id="issue_token",
        request=TokenRequestSerializer,
        responses={200: dict},
        tags=["fhir"],
    )
    def post(self, request: Request) -> Response:
        body = TokenRequestSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        token = issue_workstation_token(
            proof=body.validated_data["agent"], by=cast(GuardedRequest, request._request).actor
        )
        return Response(
            {
                "access_token": token.text,
                "token_type": "Bearer",
                "expires_in": int(token.lifetime.total_seconds()),
            }
        )
