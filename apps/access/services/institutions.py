"""What the operator does to an institution: suspend, resume, close, appoint its first manager."""

from collections.abc import Callable
from uuid import UUID

from django.db import transaction
from django.utils.translation import gettext_lazy as _

from apps.access.models import Entitlement, Membership
from apps.access.services.grants import move_to_history
from apps.access.services.members import AlreadyMember, make_member
from apps.access.services.people import PersonDetails, register_person
from apps.access.services.unified import follow_office
from apps.access.terms import EntitlementState, MembershipRole
from apps.accounts.models import Session
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core.errors import Invalid, Refusal
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus

# What stands above this app and ends with an institution too (security modules), as
# `end(institution=…, by=…)`; called inside the closing's transaction.
_ENDS_TOO: list[Callable[..., None]] = []

_ENTITLEMENTS = {
    InstitutionStatus.SUSPENDED: (EntitlementState.ACTIVE, EntitlementState.SUSPENDED),
    InstitutionStatus.ACTIVE: (EntitlementState.SUSPENDED, EntitlementState.ACTIVE),
}


class AlreadyThere(Refusal):
    code = "ACC-STATUS"
    message = _("The institution is in this state already, or is closed for good.")


class Contracted(Refusal):
    code = "ACC-CONTRACTED"
    message = _("A contracted institution appoints its managers with its own card.")


def ends_with_institution(end: Callable[..., None]) -> None:
    """Registers what a closing ends besides entitlements, grants and sessions."""
    _ENDS_TOO.append(end)


def suspend_institution(*, institution: UUID, reason: str, by: Actor) -> None:
    """Nobody works there as of now; resume_institution gives back what was. Raises AlreadyThere."""
    with transaction.atomic():
        _set_status(
            institution, InstitutionStatus.SUSPENDED, {InstitutionStatus.ACTIVE}, reason, by
        )
        _turn_entitlements(institution, InstitutionStatus.SUSPENDED)
        _end_sessions(institution)


def resume_institution(*, institution: UUID, reason: str, by: Actor) -> None:
    """Ends a suspension. Raises AlreadyThere; what is closed stays closed."""
    with transaction.atomic():
        _set_status(
            institution, InstitutionStatus.ACTIVE, {InstitutionStatus.SUSPENDED}, reason, by
        )
        _turn_entitlements(institution, InstitutionStatus.ACTIVE)


def close_institution(*, institution: UUID, reason: str, by: Actor) -> None:
    """Ends entitlements, grants, modules and sessions for good (FEATURES A13). Raises AlreadyThere."""
    open_states = {InstitutionStatus.ACTIVE, InstitutionStatus.SUSPENDED}
    with transaction.atomic():
        _set_status(institution, InstitutionStatus.CLOSED, open_states, reason, by)
        mine = Entitlement.objects.filter(institution=institution)
        mine.exclude(state=EntitlementState.ENDED).update(state=EntitlementState.ENDED)
        move_to_history(
            f"""content_object_id IN (SELECT id FROM {Entitlement._meta.db_table}
                WHERE institution_id = %s)""",
            [institution],
            reason="institution closed",
            by=by,
        )
        _end_sessions(institution)
        for end in _ENDS_TOO:
            end(institution=institution, by=by)


def appoint_responsible(
    *, details: PersonDetails, institution: UUID, by: Actor
) -> list[Membership]:
    """Manual 2, 二 (一): the responsible person of a non-contracted institution becomes manager and
    user in one step. Raises Contracted, members.RolesExclude, people.DetailsDiffer.
    """
    with transaction.atomic():
        place = Institution.objects.select_for_update().get(pk=institution)
        if place.contracted:
            raise Contracted
        person = register_person(details=details)
        made = []
        for role in (MembershipRole.MANAGER, MembershipRole.USER):
            try:
                made.append(make_member(person=person, institution=institution, role=role, by=by))
            except AlreadyMember:
                continue
        if not made:
            raise AlreadyMember
        _set_responsible(place, person.identity_id, by)
    return made


def change_responsible(*, details: PersonDetails, institution: UUID, by: Actor) -> None:
    """Another person leads the institution: grants of the office go over (FEATURES A6).

    Raises people.DetailsDiffer.
    """
    with transaction.atomic():
        place = Institution.objects.select_for_update().get(pk=institution)
        _set_responsible(place, register_person(details=details).identity_id, by)


def _set_responsible(place: Institution, identity: UUID, by: Actor) -> None:
    if place.responsible_id != identity:
        Institution.objects.filter(pk=place.pk).update(responsible=identity)
        record_change(_about(Action.CHANGE_RESPONSIBLE, place.pk, by=by))
    follow_office(institution=place.pk, by=by)


def _set_status(
    institution: UUID,
    status: InstitutionStatus,
    before: set[InstitutionStatus],
    reason: str,
    by: Actor,
) -> None:
    if not reason.strip():
        raise Invalid(_("Please give a reason."), code="ACC-REASON")
    changed = Institution.objects.filter(pk=institution, status__in=before).update(status=status)
    if not changed:
        raise AlreadyThere
    detail = {"state": status.value, "note": reason.strip()}
    record_change(_about(Action.CHANGE_INSTITUTION, institution, by=by, **detail))


def _turn_entitlements(institution: UUID, status: InstitutionStatus) -> None:
    before, after = _ENTITLEMENTS[status]
    Entitlement.objects.filter(institution=institution, state=before).update(state=after)


def _end_sessions(institution: UUID) -> None:
    Session.objects.at_institution(institution).delete()


def _about(action: Action, institution: UUID, *, by: Actor, **detail: str) -> dict[str, object]:
    return event(
        action,
        by=by,
        object_type="institution",
        object_id=str(institution),
        detail={"at_institution": str(institution), **detail},
    )
