"""Fetches that can refuse."""

from uuid import UUID

from apps.core.errors import NotFound
from apps.institutions.models import Institution
from apps.workstations.models import SecurityModule, Workstation


def fetch_institution(institution: UUID | None) -> Institution:
    found = institution and Institution.objects.filter(pk=institution).first()
    if not found:
        raise NotFound(reason="institution_unknown")
    return found


def fetch_modules(institution: UUID | None) -> list[SecurityModule]:
    """The modules of an institution with their workstations, newest first. One statement."""
    here = SecurityModule.objects.at_institution(institution)
    return list(here.select_related("institution", "workstation"))


def fetch_module(module_id: UUID, *, institution: UUID | None) -> SecurityModule:
    """One module of this institution; another institution's is not found."""
    found = (
        SecurityModule.objects.at_institution(institution)
        .select_related("institution", "workstation")
        .filter(pk=module_id)
        .first()
    )
    if found is None:
        raise NotFound(reason="module_unknown_or_elsewhere")
    return found


def fetch_other_workstations(institution: UUID | None) -> list[Workstation]:
    """Workstations in use that came in without a module, by the operators' command."""
    return list(
        Workstation.objects.active().filter(institution=institution, modules=None).order_by("name")
    )


def fetch_workstation(workstation_id: UUID, *, institution: UUID | None) -> Workstation:
    found = Workstation.objects.filter(pk=workstation_id, institution=institution).first()
    if found is None:
        raise NotFound(reason="workstation_unknown_or_elsewhere")
    return found
