"""Publishing revocation lists: all of a list or nothing of it."""

import logging

from django.db import connection, transaction

from apps.audit.actors import Actor
from apps.audit.services import event, record_change
from apps.audit.terms import Action
from apps.cards.certificates import digest_name, load_pem
from apps.cards.models import RevocationList, RevokedCertificate
from apps.cards.providers import ListUnreachable, fetch_list
from apps.cards.revocations import CheckedList, ListRefused, check_list
from apps.core import clock

logger = logging.getLogger(__name__)


def watch_issuer(*, name: str, certificate: str, address: str) -> RevocationList:
    """Where the issuer with this certificate (PEM) publishes its list; again changes the address."""
    watched, _created = RevocationList.objects.update_or_create(
        issuer=digest_name(load_pem(certificate).subject),
        defaults={"name": name, "certificate": certificate, "address": address},
    )
    return watched


def update_revocations(*, by: Actor) -> dict[str, str]:
    """Fetches and publishes every list; the problem of each by its name, "" where there is none.

    One authority that does not answer keeps none of the others waiting for the next round.
    """
    return {each.name: update_list(revocation_list=each, by=by) for each in _all_lists()}


def update_list(*, revocation_list: RevocationList, by: Actor) -> str:
    """Fetches and publishes one list; "" or what was wrong.

    On any problem the earlier list stays and counts until it is too old.
    """
    try:
        checked = check_list(
            fetch_list(revocation_list.address),
            issuer=load_pem(revocation_list.certificate),
            newer_than=revocation_list.made_at,
            at=clock.now(),
        )
    except (ListRefused, ListUnreachable) as problem:
        logger.warning("revocation list %s: %s", revocation_list.name, problem.reason)
        RevocationList.objects.filter(pk=revocation_list.pk).update(last_problem=problem.reason)
        return problem.reason
    _publish(revocation_list, checked, by=by)
    return ""


def _all_lists() -> list[RevocationList]:
    return list(RevocationList.objects.all())


def _publish(revocation_list: RevocationList, checked: CheckedList, *, by: Actor) -> None:
    """The difference to what is there, in one transaction: no reader ever sees half a list."""
    with transaction.atomic():
        RevocationList.objects.select_for_update().get(pk=revocation_list.pk)
        _copy(checked)
        with connection.cursor() as cursor:
            values = {"issuer": revocation_list.issuer}
            cursor.execute(_REMOVE, values)
            cursor.execute(_ADD, values)
            cursor.execute("DROP TABLE incoming")
        RevocationList.objects.filter(pk=revocation_list.pk).update(
            made_at=checked.made_at,
            due_at=checked.due_at,
            fetched_at=clock.now(),
            size=checked.size,
            last_problem="",
        )
        record_change(
            event(
                Action.UPDATE_REVOCATIONS,
                by=by,
                object_type="revocation_list",
                object_id=str(revocation_list.pk),
                result_count=checked.size,
            )
        )


_STAGE = """
    CREATE TEMPORARY TABLE incoming (serial text PRIMARY KEY, revoked_at timestamptz NOT NULL)
    ON COMMIT DROP
"""
_REMOVE = f"""
    DELETE FROM {RevokedCertificate._meta.db_table} known
    WHERE issuer = %(issuer)s
      AND NOT EXISTS (SELECT FROM incoming WHERE incoming.serial = known.serial)
"""
_ADD = f"""
    INSERT INTO {RevokedCertificate._meta.db_table} (issuer, serial, revoked_at)
    SELECT %(issuer)s, serial, revoked_at FROM incoming
    ON CONFLICT (issuer, serial) DO UPDATE SET revoked_at = excluded.revoked_at
    WHERE {RevokedCertificate._meta.db_table}.revoked_at <> excluded.revoked_at
"""


def _copy(checked: CheckedList) -> None:
    with connection.cursor() as cursor:
        cursor.execute(_STAGE)
        with cursor.copy("COPY incoming (serial, revoked_at) FROM STDIN") as copy:
            for row in dict(checked.entries()).items():
                copy.write_row(row)
