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
from apps.core import clock
from apps.core.errors import Refusal
from apps.workstations.proofs import check_challenge, make_challenge, read_agent_claims
from apps.workstations.releases import newest_version
from apps.workstations.serializers import (
    AuthenticationSerializer,
    EnrolmentSerializer,
    ModuleClaimsSerializer,
)
from apps.workstations.services import authenticate_workstation, enrol_by_module


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


class ChallengeView(APIView):
    """Open to every agent: a challenge says nothing and keeps nothing."""

    policy = Open()

    @extend_schema(request=None, responses={200: dict}, operation_id="make_challenge")
    def post(self, request: Request) -> Response:
        return Response({"challenge": make_challenge()})


class AuthenticationView(APIView):
    """SAM authentication. Open to every agent; its signature over the challenge is the proof."""

    policy = Open()

    @extend_schema(
        request=AuthenticationSerializer,
        responses={200: dict},
        operation_id="authenticate_workstation",
    )
    def post(self, request: Request) -> Response:
        body = AuthenticationSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        key, claims = read_agent_claims(
            body.validated_data["agent"],
            expected={"origin": settings.ORIGIN, "step": "authenticate"},
        )
        check_challenge(str(claims.get("challenge", "")))
        here = authenticate_workstation(public_key=key, version=body.validated_data["version"])
        return Response(
            {
                "institution_code": here.institution.code,
                "institution_name": here.institution.name,
                "module_code": here.module_code,
                "name": here.name,
                "now": clock.now().timestamp(),
                "newest_version": newest_version(),
            }
        )

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            request = cast(GuardedRequest, self.request._request)
            record_refusal(request, exc, action=Action.AUTHENTICATE_WORKSTATION)
        return super().handle_exception(exc)
