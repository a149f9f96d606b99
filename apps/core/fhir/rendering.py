"""FHIR's JSON, and which requests may have it."""

from typing import Any

from rest_framework.exceptions import NotAcceptable
from rest_framework.negotiation import BaseContentNegotiation
from rest_framework.renderers import JSONRenderer

JSON_NAMES = {"json", "application/json", "application/fhir+json", "text/json"}
ACCEPTED = {*JSON_NAMES, "*/*", "application/*"}


class FhirRenderer(JSONRenderer):
    media_type = "application/fhir+json"
    format = "json"
    charset = "utf-8"


class FhirNegotiation(BaseContentNegotiation):
    """JSON only; `_format` goes before Accept (FHIR R4, 3.1.0.1.11)."""

    def select_parser(self, request: Any, parsers: Any) -> Any:
        kind = (request.content_type or "").split(";")[0].strip().lower()
        return next((each for each in parsers if each.media_type == kind), None)

    def select_renderer(self, request: Any, renderers: Any, format_suffix: Any = None) -> Any:
        wanted = request.query_params.get("_format", "")
        if wanted:
            # A "+" in an address is read as a space.
            acceptable = wanted.replace(" ", "+").split(";")[0].strip() in JSON_NAMES
        else:
            header = request.META.get("HTTP_ACCEPT") or "*/*"
            kinds = {each.split(";")[0].strip().lower() for each in header.split(",")}
            acceptable = bool(kinds & ACCEPTED)
        if not acceptable:
            raise NotAcceptable
        return renderers[0], renderers[0].media_type
