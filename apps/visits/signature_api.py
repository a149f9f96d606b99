"""For everybody who holds a signature of ours: is it right? (docs/reference/his.md)"""

import base64
from dataclasses import asdict
from typing import Any

from drf_spectacular.utils import extend_schema
from rest_framework.request import Request
from rest_framework.response import Response
from rest_framework.views import APIView

from apps.access.guards import Open
from apps.visits.keys import key_ring
from apps.visits.serializers import (
    SignatureAnswerSerializer,
    SignatureQuestionSerializer,
    VisitKeySerializer,
)
from apps.visits.services import is_taken_back
from apps.visits.signatures import Patient, Statement, is_order_signature, read_signature


class SignatureView(APIView):
    """Open: it tells nothing that whoever asks does not hold already, and nothing of a patient."""

    policy = Open()

    @extend_schema(
        request=SignatureQuestionSerializer,
        responses={200: SignatureAnswerSerializer},
        operation_id="verify_signature",
        tags=["his"],
    )
    def post(self, request: Request) -> Response:
        body = SignatureQuestionSerializer(data=request.data)
        body.is_valid(raise_exception=True)
        asked = body.validated_data
        return Response(_order(asked) if "order" in asked else _visit(asked))


class VisitKeyView(APIView):
    """The public keys of visits' signatures."""

    policy = Open()

    @extend_schema(
        responses={200: VisitKeySerializer(many=True)},
        operation_id="show_visit_keys",
        tags=["his"],
    )
    def get(self, request: Request) -> Response:
        return Response(
            [
                {
                    "id": key.id,
                    "algorithm": "Ed25519",
                    "public_key": base64.b64encode(key.public).decode(),
                }
                for key in key_ring().live
            ]
        )


def _visit(asked: dict[str, Any]) -> dict[str, Any]:
    statement = read_signature(asked["signature"])
    if statement is None:
        return {"valid": False}
    answer: dict[str, Any] = {
        "valid": True,
        "statement": _readable(statement),
        "taken_back": is_taken_back(identifier=statement.identifier),
    }
    if {"card_number", "national_id", "birth_date"} <= asked.keys():
        patient = Patient(asked["card_number"], asked["national_id"], asked["birth_date"])
        answer["patient_matches"] = statement.is_about(patient)
    return answer


def _order(asked: dict[str, Any]) -> dict[str, Any]:
    right = is_order_signature(
        asked["signature"],
        identifier=asked.get("identifier", ""),
        national_id=asked.get("national_id", ""),
        order=asked["order"].encode("utf-8"),
    )
    return {"valid": right}


def _readable(statement: Statement) -> dict[str, str]:
    told = asdict(statement)
    return {name: value for name, value in told.items() if isinstance(value, str)}
