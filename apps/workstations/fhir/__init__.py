"""/fhir/: views of what apps declare (core.fhir.resources), which know who asks and record it.

Each read is an access event, one for each patient in it, written before the answer leaves: no row,
no data.
"""

from apps.workstations.fhir.admission import ReadsForAuditor, ReadsForInstitution
from apps.workstations.fhir.base import FhirView, MetadataView, UnknownResourceView
from apps.workstations.fhir.routes import resource_urls

__all__ = [
    "FhirView",
    "MetadataView",
    "ReadsForAuditor",
    "ReadsForInstitution",
    "UnknownResourceView",
    "resource_urls",
]
