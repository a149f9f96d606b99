"""The web API for visit identifiers without a card (manual 4, chapter 5; service code 11).

First a random number, then the security module's signature over it, then JSON with sCardType 3.
"""

from typing import Any, cast

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.guards import Open, record_refusal
from apps.access.http import GuardedRequest
from apps.audit.terms import Action
from apps.core.errors import Refusal
from apps.visits.api import HisView, documented
from apps.visits.refusals import FieldInvalid
from apps.visits.serializers import (
    RandomCallSerializer,
    RandomSerializer,
    TreatNumberQuestionSerializer,
    TreatNumberSerializer,
)
from apps.visits.services.web import draw_random_number, get_treat_number
from apps.visits.terms import SERVICE
from apps.visits.workstations import ProvenCall, believe_signature


class RandomView(HisView):
    action, call, shape = Action.FIND_VISIT_IDENTIFIER, "random-numbers", RandomCallSerializer

    @documented("draw_random_number", RandomSerializer)
    def post(self, request: Request) -> Response:
        return super().post(request)

    def answer(self, proven: ProvenCall, fields: dict[str, Any]) -> dict[str, Any]:
        drawn = draw_random_number(workstation=proven.place.workstation)
        return {"random": drawn.number, "expires_at": drawn.expires_at.isoformat()}


class TreatNumberView(APIView):
    """Open: the security module's signature over our random number is the proof."""

    policy = Open()

    @extend_schema(
        request=TreatNumberQuestionSerializer,
        responses={200: TreatNumberSerializer},
        operation_id="get_treat_number",
        tags=["his"],
    )
    def post(self, request: Request) -> Response:
        body = TreatNumberQuestionSerializer(data=request.data)
        if not body.is_valid():
            raise FieldInvalid(detail={"fields": body.errors})
        asked = body.validated_data
        http = cast(GuardedRequest, request._request)
        proven = believe_signature(
            random=asked["sRandom"],
            signature=asked["sSignature"],
            institution_code=asked["sHospid"],
            module_code=asked["sSamid"],
            by=http.actor,
        )
        http.actor = proven.by
        identifier = get_treat_number(
            national_id=asked["sPatid"],
            birth_date=asked["sPatbirth"],
            visited_at=asked["sVisitdt"],
            place=proven.place,
            by=proven.by,
        )
        return Response({"sReturnCode": "0", "sTreatnum": identifier})

    def handle_exception(self, exc: Exception) -> Response:
        if isinstance(exc, Refusal):
            http = cast(GuardedRequest, self.request._request)
            http.actor = getattr(exc, "actor", http.actor)
            record_refusal(http, exc, action=Action.FIND_VISIT_IDENTIFIER, service=SERVICE)
        return super().handle_exception(exc)
