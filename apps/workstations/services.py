"""Enrolling and revoking workstations."""

import secrets

from django.db import transaction

from apps.accounts.models import Session
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.institutions.models import Institution
from apps.workstations.models import Workstation
from apps.workstations.terms import WorkstationState


def enrol_workstation(
    *, institution: Institution, public_key: str, name: str = "", by: Actor
) -> Workstation:
    """Makes the agent with `public_key` a workstation of `institution`; the same key again changes
    nothing.
    """
    with transaction.atomic():
        workstation, created = Workstation.objects.get_or_create(
            public_key=public_key,
            defaults={
                "institution": institution,
                "module_code": f"{secrets.randbelow(10**12):012d}",
                "name": name,
            },
        )
        if created:
            record_change(_about(Action.ENROL_WORKSTATION, workstation, by=by))
    return workstation


def revoke_workstation(*, workstation: Workstation, by: Actor) -> None:
    """Ends the workstation and, at the next click, every session opened on it."""
    with transaction.atomic():
        Workstation.objects.filter(pk=workstation.pk).update(state=WorkstationState.REVOKED)
        Session.objects.of_workstation(workstation.pk).delete()
        record_change(_about(Action.REVOKE_WORKSTATION, workstation, by=by))


def _about(action: Action, workstation: Workstation, *, by: Actor) -> dict[str, object]:
    return event(
        action,
        by=by,
        object_type="workstation",
        object_id=str(workstation.pk),
        detail={"at_institution": str(workstation.institution_id)},
    )
