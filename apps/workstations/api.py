"""What agents call to become a workstation (docs/reference/card-protocol.md, section 8)."""

from typing import cast

from django.conf import settings
from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.guards import Open, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core.errors import Refusal
from apps.workstations.proofs import read_agent_claims
from apps.workstations.serializers import EnrolmentSerializer, ModuleClaimsSerializer
from apps.workstations.services import enrol_by_module


class EnrolmentView(APIView):
    """Open to every agent; the module's token is the proof."""

    policy = Open()

    @extend_schema(
        request=EnrolmentSerializer, responses={200: dict}, operation_id="enrol_workstation"
    )
    def post(self, request: Request) -> Response:
        body = EnrolmentSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key, payload = read_agent_claims(
            body.validated_data["agent"], expected={"origin": settings.ORIGIN, "step": "enrol"}
        )
        claims = ModuleClaimsSerializer(data=payload)
        claims.is_valid(raise_exception=True)
        module = enrol_by_module(
            **claims.validated_data,
            public_key=key,
            version=body.validated_data["version"],
            by=cast(GuardedRequest, request._request).actor,
        )
        return Response(
            {
                "institution_code": module.institution.code,
                "institution_name": module.institution.name,
                "module_code": module.module_code,
            }
        )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            record_refusal(
                cast(GuardedRequest, self.request._request), exc, action=Action.ENROL_WORKSTATION
            )
        return super().handle_exception(exc)
