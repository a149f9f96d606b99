"""Refusals as JSON for machines: `{"code", "message", "detail"}` (DESIGN section 7)."""

from typing import Any

from rest_framework.exceptions import APIException, ValidationError
from rest_framework.response import Response
from rest_framework.views import exception_handler

from apps.core.errors import Invalid, Refusal


def answer_refusal(exception: Exception, context: dict[str, Any]) -> Response | None:
    """DRF's exception handler: our refusals, and DRF's own in the same shape."""
    if isinstance(exception, Refusal):
        return Response(exception.as_json(), status=exception.status)
    if isinstance(exception, ValidationError):
        return Response(Invalid(detail={"fields": exception.detail}).as_json(), status=400)
    response = exception_handler(exception, context)
    if response is not None and isinstance(exception, APIException):
        code = f"ANK-{exception.status_code}"
        response.data = {"code": code, "message": str(exception.detail), "detail": {}}
    return response
