"""Refusals as OperationOutcome: the code is FHIR's, ours stands in `details` with its sentence."""

from typing import Any

from django.http import Http404
from rest_framework.exceptions import APIException
from rest_framework.response import Response

from apps.core.errors import NotFound, Refusal
from apps.core.fhir.words import Json, coding, concept, system, without_gaps

# FHIR's IssueType of each status.
ISSUES = {
    400: "invalid",
    401: "login",
    403: "forbidden",
    404: "not-found",
    405: "not-supported",
    406: "not-supported",
    409: "conflict",
    410: "deleted",
    415: "not-supported",
    422: "processing",
    503: "transient",
}


def operation_outcome(refusal: Refusal) -> Json:
    parameter = refusal.detail.get("parameter")
    message = f"{refusal.message} ({parameter})" if parameter else str(refusal.message)
    issue = {
        "severity": "error",
        "code": ISSUES.get(refusal.status, "exception"),
        "details": concept(message, coding(system("refusal"), refusal.code)),
        "diagnostics": str(refusal.way_on),
    }
    return {"resourceType": "OperationOutcome", "issue": [without_gaps(issue)]}


def answer_outcome(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler under /fhir/."""
    headers: dict[str, str] = {}
    if isinstance(exception, Http404):
        refusal: Refusal = NotFound()
    elif isinstance(exception, Refusal):
        refusal = exception
    elif isinstance(exception, APIException):
        refusal = Refusal(str(exception.detail), code=f"ANK-{exception.status_code}")
        refusal.status = exception.status_code
    else:
        return None
    if refusal.status == 401:
        headers["WWW-Authenticate"] = 'Bearer realm="fhir"'
    return Response(operation_outcome(refusal), status=refusal.status, headers=headers)
