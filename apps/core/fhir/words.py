"""The small parts that resources are made of."""

from collections.abc import Iterable
from datetime import date, datetime
from typing import Any

from django.conf import settings
from django.utils import timezone

Json = dict[str, Any]

VERSION = "4.0.1"
TW_CORE = "https://twcore.mohw.gov.tw/ig/twcore/StructureDefinition/"
# As TW Core IG 1.0.0 names them.
NATIONAL_ID_SYSTEM = "http://www.moi.gov.tw"
INSTITUTION_SYSTEM = "https://twcore.mohw.gov.tw/ig/twcore/CodeSystem/organization-identifier-tw"


def base_url() -> str:
    """Where FHIR is served, without a slash at the end."""
    return f"{settings.ORIGIN}/fhir"


def system(name: str) -> str:
    """The URI of a code or naming system of our own."""
    return f"{base_url()}/sid/{name}"


def instant(moment: datetime) -> str:
    """An instant in Taiwan's time, to the second."""
    return timezone.localtime(moment).isoformat(timespec="seconds")


def day(value: date) -> str:
    return value.isoformat()


def coding(system_uri: str, code: str, display: str = "") -> Json:
    return without_gaps({"system": system_uri, "code": code, "display": display})


def concept(text: str, *codings: Json) -> Json:
    return without_gaps({"coding": list(codings), "text": text})


def reference(kind: str, pk: object, display: str = "") -> Json:
    return without_gaps({"reference": f"{kind}/{pk}", "type": kind, "display": display})


def logical_reference(kind: str, system_uri: str, value: object, display: str = "") -> Json:
    """To something that is not served here, by its identifier."""
    identifier = {"system": system_uri, "value": str(value)}
    return without_gaps({"type": kind, "identifier": identifier, "display": display})


def patient_reference(patient: object, display: str = "") -> Json:
    """By the random id that stands for a person everywhere here, never by a national ID."""
    return logical_reference("Patient", system("patient"), patient, display)


def institution_reference(code: str, name: str = "", *, kind: str = "Organization") -> Json:
    return logical_reference(kind, INSTITUTION_SYSTEM, code, name)


def meta(profile: str = "", changed_at: datetime | None = None) -> Json:
    return without_gaps(
        {
            "lastUpdated": instant(changed_at) if changed_at else "",
            "profile": [profile] if profile else [],
        }
    )


def without_gaps(parts: Json) -> Json:
    """FHIR has no empty strings, lists and objects: what is not known is left out."""
    return {name: value for name, value in parts.items() if value not in (None, "", [], {})}


def joined(parts: Iterable[str]) -> str:
    return ",".join(parts)
