"""Managers and users of institutions: appointing, adding and ending (manual 1, STEP.3)."""

from collections.abc import Collection
from dataclasses import dataclass
from uuid import UUID

from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.access.models import Membership
from apps.access.services.grants import close_grants_of_member
from apps.access.services.people import PersonDetails, register_person
from apps.access.terms import MembershipRole, MembershipState
from apps.accounts.models import Person, PlatformRole
from apps.accounts.terms import SessionRole
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import NotFound, Refusal

_BEGIN = {MembershipRole.MANAGER: Action.APPOINT_MANAGER, MembershipRole.USER: Action.ADD_USER}
_END = {MembershipRole.MANAGER: Action.END_MANAGER, MembershipRole.USER: Action.END_USER}


class AlreadyMember(Refusal):
    code = "ACC-MEMBER"
    message = _("This person already has this role at your institution.")


class RolesExclude(Refusal):
    """Auditors belong to no institution: they would review themselves (DESIGN section 4)."""

    code = "ACC-EXCLUDED"
    message = _("This person cannot take this role.")
    way_on = _("Please ask the operator.")


@dataclass(frozen=True)
class Ended:
    """`left` counts who still has the role at the institution."""

    membership: Membership
    left: int


def appoint_manager(*, details: PersonDetails, institution: UUID, by: Actor) -> Membership:
    """Makes somebody a manager who need never have logged in before.

    Raises AlreadyMember, RolesExclude, people.DetailsDiffer.
    """
    return _add(MembershipRole.MANAGER, details=details, institution=institution, by=by)


def add_user(*, details: PersonDetails, institution: UUID, by: Actor) -> Membership:
    """Makes somebody a user; rights come with grants only. Raises as appoint_manager."""
    return _add(MembershipRole.USER, details=details, institution=institution, by=by)


def end_manager(*, membership: UUID, by: Actor) -> Ended:
    """Ends a manager of the actor's institution; also the last one, `left` says so.

    Raises NotFound when it is another institution's, or already ended.
    """
    return _end(MembershipRole.MANAGER, membership=membership, by=by)


def end_user(*, membership: UUID, by: Actor) -> Ended:
    """Ends a user of the actor's institution together with the grants there. Raises NotFound."""
    return _end(MembershipRole.USER, membership=membership, by=by)


def make_member(
    *, person: Person, institution: UUID, role: MembershipRole, by: Actor
) -> Membership:
    """A membership of somebody known; inside the caller's transaction."""
    lock_person(person.pk)
    if auditors_among([person.pk]):
        raise RolesExclude(reason="auditor")
    end_what_expired([person.pk], institution, role)
    if Membership.objects.filter(
        person=person, institution=institution, role=role, state=MembershipState.ACTIVE
    ).exists():
        raise AlreadyMember
    membership = Membership.objects.create(
        person=person, institution_id=institution, role=role, appointed_by_id=by.person
    )
    record_change(about_membership(_BEGIN[role], membership, by=by))
    return membership


def give_platform_role(*, person: Person, role: SessionRole, by: Actor) -> PlatformRole:
    """Makes somebody an operator or auditor; an auditor belongs to no institution.

    Raises RolesExclude.
    """
    with transaction.atomic():
        lock_person(person.pk)
        belongs = Membership.objects.in_force(clock.today()).filter(person=person)
        if role == SessionRole.AUDITOR and belongs.exists():
            raise RolesExclude(reason="membership")
        if PlatformRole.objects.filter(person=person).exists():
            raise RolesExclude(reason="platform_role")
        given = PlatformRole.objects.create(person=person, role=role)
        detail = {"person": str(person.pk), "role": str(role)}
        record_change(event(Action.GIVE_ROLE, by=by, object_type="platform_role", detail=detail))
    return given


def lock_person(person: UUID) -> None:
    """Whoever changes what a person belongs to takes this lock first, until the transaction ends."""
    with connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(hashtextextended(%s, 4))", [str(person)])


def _add(
    role: MembershipRole, *, details: PersonDetails, institution: UUID, by: Actor
) -> Membership:
    with transaction.atomic():
        person = register_person(details=details)
        return make_member(person=person, institution=institution, role=role, by=by)


def auditors_among(people: Collection[UUID]) -> set[UUID]:
    in_force = PlatformRole.objects.in_force(clock.today())
    found = in_force.filter(person__in=people, role=SessionRole.AUDITOR)
    return set(found.values_list("person", flat=True))


def end_what_expired(people: Collection[UUID], institution: UUID, role: MembershipRole) -> None:
    """Nobody ends a membership whose last day has passed; before a new one begins it is closed."""
    Membership.objects.filter(
        person__in=people,
        institution=institution,
        role=role,
        state=MembershipState.ACTIVE,
        valid_until__lt=clock.today(),
    ).update(state=MembershipState.ENDED)


def _end(role: MembershipRole, *, membership: UUID, by: Actor) -> Ended:
    with transaction.atomic():
        mine = Membership.objects.visible_to(by).filter(pk=membership, role=role)
        person = mine.values_list("person", flat=True).first()
        if person is None:
            raise NotFound(reason="membership_not_here")
        lock_person(person)
        today = clock.today()
        changed = mine.filter(state=MembershipState.ACTIVE).update(
            state=MembershipState.ENDED, valid_until=today
        )
        if not changed:
            raise NotFound(_("This membership has already ended."), code="ACC-ENDED")
        ended = Membership.objects.select_related("person").get(pk=membership)
        record_change(about_membership(_END[role], ended, by=by))
        here = Membership.objects.in_force(today).visible_to(by)
        # Grants are of users: somebody who only manages stands in no table of ticks, where they could
        # be seen and taken away.
        if role == MembershipRole.USER or not here.filter(person=person).exists():
            close_grants_of_member(
                person=person, institution=ended.institution_id, reason="membership ended", by=by
            )
    return Ended(ended, here.filter(role=role).count())


def about_membership(action: Action, membership: Membership, *, by: Actor) -> dict[str, object]:
    return event(
        action,
        by=by,
        object_type="membership",
        object_id=str(membership.pk),
        detail={
            "person": str(membership.person_id),
            "at_institution": str(membership.institution_id),
            "role": membership.role,
        },
    )
