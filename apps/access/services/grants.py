"""Opening and closing single grants; `authorizing` does it for a page of ticks."""

from datetime import datetime
from typing import Any
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.db.models import F
from django.utils.translation import gettext_lazy as _

from apps.access.models import Entitlement, Grant, GrantHistory
from apps.access.terms import USE_SERVICE, GrantSource
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.services import event, record_change, record_changes
from apps.audit.terms import Action
from apps.core import clock
from apps.core.errors import Invalid, NotFound


def open_grant(
    *,
    person: Person,
    entitlement: Entitlement,
    source: GrantSource,
    valid_until: datetime | None = None,
    reason: str = "",
    of_office: bool = False,
    by: Actor,
) -> Grant:
    """Lets `person` use the service of `entitlement`; an open grant stays as it is."""
    with transaction.atomic():
        grant, created = Grant.objects.get_or_create(
            user=person,
            permission=the_permission(),
            content_object=entitlement,
            defaults={
                "source": source,
                "granted_by_id": by.person,
                "valid_until": valid_until,
                "reason": reason,
                "of_office": of_office,
            },
        )
        if created:
            note_change_of_grants(entitlement.pk)
            record_change(about_grant(Action.OPEN_GRANT, grant, note=reason, by=by))
    return grant


def close_grant(*, grant: UUID, reason: str, by: Actor) -> GrantHistory:
    """Ends a grant at once: the row moves to the history, so the next decision no longer finds it.

    Raises NotFound when it is not open (somebody else closed it), Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Please give a reason for closing the grant."), code="ACC-REASON")
    with transaction.atomic():
        closed = move_to_history("id = %s", [grant], reason=reason.strip(), by=by)
        if not closed:
            raise NotFound(_("This grant is no longer open."), code="ACC-GRANT-CLOSED")
    return closed[0]


def close_grants_of_member(*, person: UUID, institution: UUID, reason: str, by: Actor) -> int:
    """Ends all grants of a person at an institution that the person leaves; how many there were."""
    where = f"""user_id = %s AND content_object_id IN
        (SELECT id FROM {Entitlement._meta.db_table} WHERE institution_id = %s)"""
    return len(move_to_history(where, [person, institution], reason=reason, by=by))


def move_to_history(where: str, values: list[Any], *, reason: str, by: Actor) -> list[GrantHistory]:
    """Closes the grants that match, with one event each; inside the caller's transaction."""
    statement = f"""
        WITH closed AS (DELETE FROM {Grant._meta.db_table} WHERE {where} RETURNING *)
        INSERT INTO {GrantHistory._meta.db_table} (id, person_id, entitlement_id, source,
            granted_by_id, granted_at, valid_until, reason, of_office, closed_by_id, closed_at,
            closed_reason)
        SELECT id, user_id, content_object_id, source,
            granted_by_id, granted_at, valid_until, reason, of_office, %s, %s, %s
        FROM closed RETURNING id
    """
    with connection.cursor() as cursor:
        cursor.execute(statement, [*values, by.person, clock.now(), reason])
        ids = [row[0] for row in cursor.fetchall()]
    if not ids:
        return []
    closed = list(GrantHistory.objects.select_related("entitlement").filter(pk__in=ids))
    note_change_of_grants(*{grant.entitlement_id for grant in closed})
    record_changes([about_grant(Action.CLOSE_GRANT, grant, note=reason, by=by) for grant in closed])
    return closed


def note_change_of_grants(*entitlements: UUID) -> None:
    """A page of ticks that was opened before this change can no longer be saved (authorizing)."""
    Entitlement.objects.filter(pk__in=entitlements).update(version=F("version") + 1)


def the_permission() -> Permission:
    """The one permission that every grant gives (guardian's column)."""
    return Permission.objects.get(
        codename=USE_SERVICE, content_type__app_label="access", content_type__model="entitlement"
    )


def about_grant(
    action: Action, grant: Grant | GrantHistory, *, note: str, by: Actor
) -> dict[str, object]:
    """The access event of a change to a grant; whom it concerns stands in the detail."""
    if isinstance(grant, Grant):
        person, entitlement = grant.user_id, grant.content_object
    else:
        person, entitlement = grant.person_id, grant.entitlement
    flags = {"self_granted": True} if action == Action.OPEN_GRANT and person == by.person else {}
    return event(
        action,
        by=by,
        service=entitlement.service_id,
        object_type="grant",
        object_id=str(grant.pk),
        entitlement_id=entitlement.pk,
        grant_id=grant.pk,
        detail={
            "person": str(person),
            "at_institution": str(entitlement.institution_id),
            "note": note,
            **flags,
        },
    )
