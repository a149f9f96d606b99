"""For which institutions a service is meant, before anybody asks decide(): offers, counts, applications."""

from django.db.models import Q

from apps.access.models import Service
from apps.access.terms import Facility
from apps.institutions.models import Institution

_COLUMNS = {
    Facility.EMERGENCY: "has_emergency_department",
    Facility.VIDEO: "offers_video_consultation",
}


def is_meant_for(service: Service, place: Institution) -> bool:
    """By the kind of institution."""
    return not service.audience_kinds or place.kind in service.audience_kinds


def has_facility(service: Service, place: Institution) -> bool:
    """One of those that the service asks for is enough."""
    asked = [Facility(each) for each in service.facilities]
    return not asked or any(getattr(place, _COLUMNS[each]) for each in asked)


def without_facility(service: Service, prefix: str = "institution__") -> Q | None:
    """The rows whose institution has none of the facilities; None where the service asks for none."""
    if not service.facilities:
        return None
    lacking = Q()
    for each in service.facilities:
        lacking &= Q(**{f"{prefix}{_COLUMNS[Facility(each)]}": False})
    return lacking
