"""使用者授權管理: saves a page of ticks for one service of one institution (manual 3, 五)."""

from collections.abc import Collection
from dataclasses import dataclass
from datetime import datetime
from uuid import UUID

from django.db import transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.access.models import Entitlement, Grant, GrantHistory, Membership
from apps.access.services.grants import about_grant, move_to_history, the_permission
from apps.access.terms import GrantSource, MembershipRole
from apps.audit.actors import Actor
from apps.audit.services import record_changes
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Invalid, NotFound, Refusal


class SavedMeanwhile(Refusal):
    """Two managers: the second sees what the first did, instead of undoing it (FEATURES A5)."""

    code = "ACC-CHANGED"
    message = _(
        "Somebody else changed the authorizations of this service since you opened the page."
    )
    way_on = _("Your ticks are kept. Please look at the summary again before you save.")


class UsersGone(Refusal):
    """Dismissed while the page was open; `people` are their ids. Nothing was saved."""

    code = "ACC-USERS-GONE"
    message = _("Somebody whom you ticked is no longer a user of your institution.")
    way_on = _("They were taken out; all other ticks are kept. Please look again and save.")

    def __init__(self, people: Collection[UUID]) -> None:
        super().__init__(reason="not_a_user_here_any_more")
        self.people = people


@dataclass(frozen=True)
class Ticks:
    """What is to change: people to add and people to remove, by id."""

    added: Collection[UUID] = ()
    removed: Collection[UUID] = ()


def authorize_users(
    *,
    entitlement: UUID,
    version: int,
    ticks: Ticks,
    valid_until: datetime | None = None,
    reason: str = "",
    by: Actor,
) -> None:
    """Opens and closes the grants of `ticks`, all or none, with one event each.

    `version` is the entitlement's when the page was opened. Raises SavedMeanwhile; UsersGone for
    somebody who was a user here; NotFound for who never was, and for an entitlement of elsewhere or
    not in force.
    """
    with transaction.atomic():
        held = _hold_version(entitlement, version, by)
        _remove(held, ticks.removed, reason=reason, by=by)
        _add(held, ticks.added, valid_until=valid_until, reason=reason, by=by)


def _hold_version(entitlement: UUID, version: int, by: Actor) -> Entitlement:
    """The UPDATE waits for a save beside this one and then no longer finds its version."""
    mine = Entitlement.objects.visible_to(by).in_force(clock.today()).filter(pk=entitlement)
    changed = Entitlement.objects.filter(pk__in=mine.values("pk"), version=version).update(
        version=F("version") + 1
    )
    found = mine.first()
    if found is None:
        raise NotFound(reason="entitlement_not_here")
    if not changed:
        raise SavedMeanwhile(reason="version")
    return found


def _add(
    entitlement: Entitlement,
    people: Collection[UUID],
    *,
    valid_until: datetime | None,
    reason: str,
    by: Actor,
) -> None:
    # Locks: a dismissal beside this save waits, and then finds the new grants to close.
    members = (
        Membership.objects.in_force(clock.today())
        .visible_to(by)
        .filter(role=MembershipRole.USER, person__in=people)
        .select_for_update(no_key=True)
        .values_list("person", flat=True)
    )
    if missing := set(people) - set(members):
        if missing == set(users_before(missing, by=by)):
            raise UsersGone(missing)
        raise NotFound(reason="not_a_user_here")
    open_already = set(entitlement.grants.filter(user__in=people).values_list("user", flat=True))
    permission = the_permission()
    opened = Grant.objects.bulk_create(
        [
            Grant(
                user_id=person,
                permission=permission,
                content_object=entitlement,
                source=GrantSource.MANAGER,
                granted_by_id=by.person,
                valid_until=valid_until,
                reason=reason,
            )
            for person in people
            if person not in open_already
        ]
    )
    record_changes([about_grant(Action.OPEN_GRANT, grant, note=reason, by=by) for grant in opened])


def users_before(people: Collection[UUID], *, by: Actor) -> dict[UUID, str]:
    """Those of `people` who are or were users of the institution, with their names; nobody else's."""
    known = Membership.objects.visible_to(by).filter(role=MembershipRole.USER, person__in=people)
    return dict(known.values_list("person", "person__name"))


def _remove(entitlement: Entitlement, people: Collection[UUID], *, reason: str, by: Actor) -> None:
    """What the operator gave to an office stays: a manager can see it, not end it."""
    move_to_history(
        "content_object_id = %s AND user_id = ANY(%s) AND NOT of_office",
        [entitlement.pk, list(people)],
        reason=reason or "unticked",
        by=by,
    )


class Vanished(NotFound):
    code = "ACC-GRANT-CLOSED"
    message = _("Some of these authorizations are no longer open. Nothing was changed.")
    way_on = _("Please look at the list again.")


def close_grants(*, grants: Collection[UUID], reason: str, by: Actor) -> int:
    """Closes grants of the own institution after a review, all or none (FEATURES A11).

    Raises Invalid without a reason, Vanished when one is not open here or belongs to an office.
    """
    if not reason.strip():
        raise Invalid(_("Please give a reason."), code="ACC-REASON")
    with transaction.atomic():
        return len(_close_own(grants, reason=reason.strip(), by=by))


def prolong_grants(
    *, grants: Collection[UUID], valid_until: datetime, reason: str = "", by: Actor
) -> int:
    """Gives the same people the same until another day: each grant is closed and a new one opened,
    because a grant is never changed. All or none. Raises Vanished.
    """
    note = reason.strip() or "prolonged"
    with transaction.atomic():
        closed = _close_own(grants, reason=note, by=by)
        permission = the_permission()
        opened = Grant.objects.bulk_create(
            Grant(
                user_id=old.person_id,
                permission=permission,
                content_object=old.entitlement,
                source=GrantSource.MANAGER,
                granted_by_id=by.person,
                valid_until=valid_until,
                reason=note,
            )
            for old in closed
        )
        record_changes(
            [about_grant(Action.OPEN_GRANT, grant, note=note, by=by) for grant in opened]
        )
    return len(opened)


def _close_own(grants: Collection[UUID], *, reason: str, by: Actor) -> list[GrantHistory]:
    """Of the session's institution only, and none that the operator bound to an office."""
    closed = move_to_history(
        f"""id = ANY(%s) AND NOT of_office AND content_object_id IN
            (SELECT id FROM {Entitlement._meta.db_table} WHERE institution_id = %s)""",
        [list(grants), by.institution],
        reason=reason,
        by=by,
    )
    if len(closed) != len(set(grants)):
        raise Vanished(reason="grant_not_here")
    return closed
