"""From a number to a person and back."""

import uuid
from typing import Any
from uuid import UUID

from django.db import connection, transaction

from apps.core import clock
from apps.identities.keys import key_ring
from apps.identities.models import Identifier, Identity
from apps.identities.numbers import normalize
from apps.identities.sealing import keyed_digest, seal, unseal
from apps.identities.terms import IdentifierKind


def find(*, kind: IdentifierKind, value: str) -> UUID | None:
    """The identity of this number, over all live keys; None when it was never seen. One statement.

    Raises InvalidNumber (numbers).
    """
    return _find(kind, _digests(kind, normalize(kind=kind, value=value)))


def identify(*, kind: IdentifierKind, value: str) -> UUID:
    """The identity of this number, made when it was never seen. One statement for a known number.

    Two calls at once get the same identity, also while keys are rotated. Raises InvalidNumber (numbers).
    """
    number = normalize(kind=kind, value=value)
    digests = _digests(kind, number)
    return _find(kind, digests) or _make(kind, number, digests)


def reveal(identifier: Identifier) -> str:
    """The number itself. Whoever shows it records that (Action.REVEAL_IDENTIFIER). Raises SealError."""
    sealed = bytes(identifier.sealed)
    bound_to = _bound(identifier.pk, identifier.kind)
    return unseal(sealed, key_id=identifier.key_id, bound_to=bound_to).decode()


def rotate(identifier: Identifier) -> bool:
    """Moves one identifier to the current key; raises SealError.

    False when it is there already, or somebody else moved it.
    """
    current = key_ring().current
    if identifier.key_id == current.id:
        return False
    number = reveal(identifier)
    key_id, sealed = seal(number.encode(), bound_to=_bound(identifier.pk, identifier.kind))
    return bool(
        Identifier.objects.filter(pk=identifier.pk, key_id=identifier.key_id).update(
            key_id=key_id, sealed=sealed, digest=keyed_digest(current, identifier.kind, number)
        )
    )


def _digests(kind: IdentifierKind, number: str) -> list[bytes]:
    return [keyed_digest(key, kind, number) for key in key_ring().live]


def _find(kind: IdentifierKind, digests: list[bytes]) -> UUID | None:
    return (
        Identifier.objects.filter(kind=kind, digest__in=digests)
        .values_list("identity_id", flat=True)
        .first()
    )


_INSERT = f"""
    WITH known AS (
        SELECT identity_id FROM {Identifier._meta.db_table}
        WHERE kind = %(kind)s AND digest = ANY(%(digests)s)
    ), person AS (
        INSERT INTO {Identity._meta.db_table} (id, created_at)
        SELECT %(identity)s, %(now)s WHERE NOT EXISTS (SELECT FROM known)
        RETURNING id
    ), numbered AS (
        INSERT INTO {Identifier._meta.db_table} (id, identity_id, kind, key_id, digest, sealed)
        SELECT %(id)s, person.id, %(kind)s, %(key_id)s, %(digest)s, %(sealed)s FROM person
    )
    SELECT identity_id FROM known UNION ALL SELECT id FROM person
"""


def _make(kind: IdentifierKind, number: str, digests: list[bytes]) -> UUID:
    """Under a lock that every process takes alike.

    The unique key alone is not enough: during a rotation two processes digest under different keys.
    """
    row = uuid.uuid4()
    key_id, sealed = seal(number.encode(), bound_to=_bound(row, kind))
    values: dict[str, Any] = {
        "id": row,
        "identity": uuid.uuid4(),
        "kind": kind.value,
        "key_id": key_id,
        "digest": keyed_digest(key_ring().current, kind, number),
        "digests": digests,
        "sealed": sealed,
        "now": clock.now(),
    }
    # Of all live keys the smallest digest: the same number for everybody who holds the same keys.
    lock = int.from_bytes(min(digests)[:8], "big", signed=True)
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [lock])
        cursor.execute(_INSERT, values)
        found: UUID = cursor.fetchone()[0]
    return found


def _bound(row: UUID, kind: str) -> bytes:
    return b"identifier:" + row.bytes + kind.encode()
