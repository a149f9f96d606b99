"""What is read over FHIR, in one list: routes and CapabilityStatement come out of it."""

from django.urls import path

from apps.booking.fhir import APPOINTMENT, SCHEDULE, SLOT
from apps.immunizations.fhir import IMMUNIZATION
from apps.oversight.fhir import AUDIT_EVENT
from apps.workstations.fhir import MetadataView, UnknownResourceView, resource_urls
from apps.workstations.token_api import NonceView, TokenView

RESOURCES = (SCHEDULE, SLOT, APPOINTMENT, IMMUNIZATION, AUDIT_EVENT)

urlpatterns = [
    path("metadata", MetadataView.as_view(resources=RESOURCES), name="read_capabilities"),
    path("nonce", NonceView.as_view(), name="make_nonce"),
    path("token", TokenView.as_view(), name="issue_token"),
    *(route for resource in RESOURCES for route in resource_urls(resource)),
    path("<path:rest>", UnknownResourceView.as_view(), name="unknown_resource"),
]
