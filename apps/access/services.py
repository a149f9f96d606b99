"""Opening and closing grants."""

from datetime import datetime
from uuid import UUID

from django.contrib.auth.models import Permission
from django.db import connection, transaction
from django.utils.translation import gettext_lazy as _

from apps.access.models import Entitlement, Grant, GrantHistory
from apps.access.terms import USE_SERVICE, GrantSource
from apps.accounts.models import Person
from apps.audit.actors import Actor
from apps.audit.services import event, record_change
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
    by: Actor,
) -> Grant:
    """Lets `person` use the service of `entitlement`; an open grant stays as it is."""
    permission = Permission.objects.get(
        codename=USE_SERVICE, content_type__app_label="access", content_type__model="entitlement"
    )
    with transaction.atomic():
        grant, created = Grant.objects.get_or_create(
            user=person,
            permission=permission,
            content_object=entitlement,
            defaults={
                "source": source,
                "granted_by_id": by.person,
                "valid_until": valid_until,
                "reason": reason,
            },
        )
        if created:
            record_change(_about(Action.OPEN_GRANT, grant, reason=reason, by=by))
    return grant


def close_grant(*, grant: UUID, reason: str, by: Actor) -> GrantHistory:
    """Ends a grant at once: the row moves to the history, so the next decision no longer finds it.

    Raises NotFound when it is not open (somebody else closed it), Invalid without a reason.
    """
    if not reason.strip():
        raise Invalid(_("Please give a reason for closing the grant."), code="ACC-REASON")
    with transaction.atomic():
        closed = _move_to_history(grant, reason=reason.strip(), by=by)
        record_change(_about(Action.CLOSE_GRANT, closed, reason=reason, by=by))
    return closed


_MOVE = f"""
    WITH closed AS (DELETE FROM {Grant._meta.db_table} WHERE id = %s RETURNING *)
    INSERT INTO {GrantHistory._meta.db_table} (id, person_id, entitlement_id, source, granted_by_id,
        granted_at, valid_until, reason, closed_by_id, closed_at, closed_reason)
    SELECT id, user_id, content_object_id, source, granted_by_id,
        granted_at, valid_until, reason, %s, %s, %s
    FROM closed
"""


def _move_to_history(grant: UUID, *, reason: str, by: Actor) -> GrantHistory:
    with connection.cursor() as cursor:
        cursor.execute(_MOVE, [grant, by.person, clock.now(), reason])
        if not cursor.rowcount:
            raise NotFound(_("This grant is no longer open."), code="ACC-GRANT-CLOSED")
    return GrantHistory.objects.select_related("entitlement").get(pk=grant)


def _about(
    action: Action, grant: Grant | GrantHistory, *, reason: str, by: Actor
) -> dict[str, object]:
    """The access event of a change to a grant; whom it concerns stands in the detail."""
    if isinstance(grant, Grant):
        person, entitlement = grant.user_id, grant.content_object
    else:
        person, entitlement = grant.person_id, grant.entitlement
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
            "note": reason,
        },
    )
