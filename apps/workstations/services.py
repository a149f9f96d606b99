"""Enrolling and revoking workstations, by hand or by security module."""

import hashlib
import hmac
import secrets
from dataclasses import replace
from datetime import timedelta
from typing import Any
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext as _

from apps.accounts.models import Session
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus
from apps.workstations.models import SecurityModule, Workstation
from apps.workstations.modules import (
    AlreadyDownloaded,
    ModuleExpired,
    ModuleRevoked,
    ModuleUnknown,
    ModuleUsed,
    OtherInstitution,
    WorkstationRevoked,
    WorkstationUnknown,
)
from apps.workstations.terms import ModuleState, WorkstationState

SEEN_EVERY = timedelta(minutes=1)
MODULE_LIFETIME = timedelta(days=30)


def enrol_workstation(
    *, institution: Institution, public_key: str, name: str = "", by: Actor
) -> Workstation:
    """Makes the agent with `public_key` a workstation of `institution`.

    The same key again changes nothing.
    """
    with transaction.atomic():
        workstation, created = Workstation.objects.get_or_create(
            public_key=public_key,
            defaults={
                "institution": institution,
                "module_code": _new_module_code(),
                "name": name,
            },
        )
        if created:
            record_change(_about(Action.ENROL_WORKSTATION, workstation, by=by))
    return workstation


def note_seen(*, workstation: Workstation, version: str) -> None:
    """The agent was there, with this version; written at most once a minute."""
    now = clock.now()
    seen = workstation.last_seen_at
    if seen is None or now - seen >= SEEN_EVERY or workstation.agent_version != version:
        Workstation.objects.filter(pk=workstation.pk).update(
            last_seen_at=now, agent_version=version
        )


def authenticate_workstation(*, public_key: str, version: str) -> Workstation:
    """SAM authentication (SAM 認證; manual 4): the workstation with this key, which was just proved.

    Raises WorkstationUnknown, WorkstationRevoked, or ModuleRevoked where the institution is not active.
    """
    found = Workstation.objects.select_related("institution").filter(public_key=public_key).first()
    if found is None:
        raise WorkstationUnknown(reason="workstation_unknown")
    if not found.is_active:
        raise WorkstationRevoked(reason="workstation_revoked")
    if found.institution.status != InstitutionStatus.ACTIVE:
        raise ModuleRevoked(reason="institution_inactive")
    note_seen(workstation=found, version=version)
    return found


def revoke_workstation(*, workstation: Workstation, by: Actor) -> None:
    """Ends the workstation and, at the next click, every session opened on it."""
    with transaction.atomic():
        Workstation.objects.filter(pk=workstation.pk).update(state=WorkstationState.REVOKED)
        Session.objects.of_workstation(workstation.pk).delete()
        record_change(_about(Action.REVOKE_WORKSTATION, workstation, by=by))


def apply_module(*, institution: Institution, name: str, by: Actor) -> SecurityModule:
    """A module for one more computer of the institution; `name` says which."""
    with transaction.atomic():
        module = SecurityModule.objects.create(
            institution=institution,
            module_code=_new_module_code(),
            name=name,
            applied_by_id=by.person,
        )
        record_change(_about(Action.APPLY_MODULE, module, by=by))
    return module


def issue_first_module(*, institution: Institution) -> SecurityModule | None:
    """The one module that a newly contracted institution finds ready (manual 4: 本署自動核發 1 組).

    Once: an institution that ever had a module or a computer applies for more itself.
    """
    if not institution.contracted or institution.status != InstitutionStatus.ACTIVE:
        return None
    with transaction.atomic():
        Institution.objects.select_for_update().get(pk=institution.pk)
        known = SecurityModule.objects.filter(institution=institution).exists()
        if known or Workstation.objects.filter(institution=institution).exists():
            return None
        by = Actor.system("issue_first_module")
        return apply_module(institution=institution, name=str(_("First computer")), by=by)


def replace_module(*, module: SecurityModule, by: Actor) -> SecurityModule:
    """Another module for the same computer, in place of this one, which ends at once."""
    with transaction.atomic():
        revoke_module(module=module, by=by)
        return apply_module(institution=module.institution, name=module.name, by=by)


def download_module(*, module: SecurityModule, by: Actor) -> str:
    """The token of the module's file, made now and told once; valid for 30 days.

    Raises AlreadyDownloaded or ModuleRevoked.
    """
    token = secrets.token_urlsafe(32)
    with transaction.atomic():
        taken = SecurityModule.objects.filter(pk=module.pk, state=ModuleState.APPLIED).update(
            state=ModuleState.DOWNLOADED,
            token_digest=_digest(token),
            expires_at=clock.now() + MODULE_LIFETIME,
        )
        if not taken:
            revoked = module.state == ModuleState.REVOKED
            raise (ModuleRevoked if revoked else AlreadyDownloaded)(reason="module_not_new")
        record_change(_about(Action.DOWNLOAD_MODULE, module, by=by))
    return token


def revoke_module(*, module: SecurityModule, by: Actor) -> None:
    """Ends a module and the workstation that it made, with its sessions, at once."""
    with transaction.atomic():
        SecurityModule.objects.filter(pk=module.pk).update(state=ModuleState.REVOKED)
        record_change(_about(Action.REVOKE_MODULE, module, by=by))
        workstation = module.workstation
        if workstation is not None and workstation.is_active:
            revoke_workstation(workstation=workstation, by=by)


def revoke_all(*, institution: UUID, by: Actor) -> None:
    """Ends every module and workstation of an institution that closes (FEATURES A13)."""
    open_modules = SecurityModule.objects.filter(institution=institution).exclude(
        state=ModuleState.REVOKED
    )
    for module in open_modules.select_related("workstation"):
        revoke_module(module=module, by=by)
    for workstation in Workstation.objects.active().filter(institution=institution):
        revoke_workstation(workstation=workstation, by=by)


def enrol_by_module(
    *, module_code: str, token: str, public_key: str, version: str, by: Actor
) -> SecurityModule:
    """Makes the agent with `public_key` a workstation of the module's institution.

    A token works once; the same agent may repeat, because the first answer may have been lost.
    Raises what `modules` has for it.
    """
    with transaction.atomic():
        module = (
            SecurityModule.objects.select_for_update(of=("self",))
            .select_related("institution", "workstation")
            .filter(module_code=module_code)
            .first()
        )
        if module is None or not hmac.compare_digest(_digest(token), module.token_digest):
            raise ModuleUnknown(reason="module_or_token_unknown")
        _check_module(module, public_key)
        if module.state == ModuleState.DOWNLOADED:
            _put_to_use(module, public_key, version, by=by)
    return module


def _check_module(module: SecurityModule, public_key: str) -> None:
    if module.state == ModuleState.REVOKED:
        raise ModuleRevoked(reason="module_revoked")
    if module.institution.status != InstitutionStatus.ACTIVE:
        raise ModuleRevoked(reason="institution_inactive")
    if module.has_expired(clock.now()):
        raise ModuleExpired(reason="module_expired")
    used_by = module.workstation
    if used_by is not None and used_by.public_key != public_key:
        raise ModuleUsed(reason="module_used_by_another_agent")


def _put_to_use(module: SecurityModule, public_key: str, version: str, *, by: Actor) -> None:
    now = clock.now()
    workstation = _workstation_of(module, public_key)
    Workstation.objects.filter(pk=workstation.pk).update(last_seen_at=now, agent_version=version)
    SecurityModule.objects.filter(pk=module.pk).update(
        state=ModuleState.USED, used_at=now, workstation=workstation
    )
    here = replace(by, institution=module.institution_id, workstation=workstation.pk)
    record_change(_about(Action.ENROL_WORKSTATION, workstation, by=here))


def _workstation_of(module: SecurityModule, public_key: str) -> Workstation:
    """The workstation of this agent: the one that it is here already, or a new one.

    A revoked one stays in the books as it was; its key comes back under a new row.
    """
    known = Workstation.objects.select_for_update().filter(public_key=public_key).first()
    if known is not None and known.is_active:
        if known.institution_id != module.institution_id:
            raise OtherInstitution(reason="agent_of_another_institution")
        Workstation.objects.filter(pk=known.pk).update(module_code=module.module_code)
        return known
    if known is not None:
        Workstation.objects.filter(pk=known.pk).update(public_key=f"retired-{known.pk.hex}")
    return Workstation.objects.create(
        institution=module.institution,
        module_code=module.module_code,
        name=module.name,
        public_key=public_key,
    )


def _new_module_code() -> str:
    """12 digits; the code names a module and is no secret."""
    return f"{secrets.randbelow(10**12):012d}"


def _digest(token: str) -> str:
    return hashlib.sha256(token.encode()).hexdigest()


def _about(action: Action, thing: Workstation | SecurityModule, *, by: Actor) -> dict[str, Any]:
    return event(
        action,
        by=by,
        object_type="workstation" if isinstance(thing, Workstation) else "security_module",
        object_id=str(thing.pk),
        detail={"at_institution": str(thing.institution_id)},
    )
