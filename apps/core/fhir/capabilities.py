"""The CapabilityStatement: what this server can be asked."""

from collections.abc import Sequence
from datetime import datetime

from apps.core.fhir.resources import Resource
from apps.core.fhir.words import VERSION, Json, base_url, instant, without_gaps

SECURITY = (
    "Bearer token for five minutes: an enrolled workstation's agent signs a nonce of POST /fhir/nonce"
    " and hands it in at POST /fhir/token. Auditors get one for their session on their own page."
    " No cookie authenticates here. Every read is recorded, for each patient."
)


def capability_statement(resources: Sequence[Resource], *, at: datetime) -> Json:
    return {
        "resourceType": "CapabilityStatement",
        "status": "active",
        "date": instant(at),
        "kind": "instance",
        "software": {"name": "Ankang"},
        "implementation": {"description": "Ankang", "url": base_url()},
        "fhirVersion": VERSION,
        "format": ["application/fhir+json", "json"],
        "rest": [
            {
                "mode": "server",
                "security": {"cors": False, "description": SECURITY},
                "resource": [_resource(each) for each in resources],
            }
        ],
    }


def _resource(resource: Resource) -> Json:
    return without_gaps(
        {
            "type": resource.kind,
            "supportedProfile": [resource.profile] if resource.profile else [],
            "documentation": resource.about,
            "interaction": [{"code": "read"}, {"code": "search-type"}],
            "versioning": "no-version",
            "searchParam": [
                {"name": each.name, "type": each.kind, "documentation": each.about}
                for each in resource.parameters
            ],
        }
    )
