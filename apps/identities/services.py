"""From a number to a person and back."""

import uuid
from collections.abc import Iterable, Mapping
from itertools import islice
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


# Numbers that one transaction makes; each holds a lock of its own, and the server has some thousands.
_BATCH = 1000


def find_many(*, kind: IdentifierKind, numbers: Iterable[str]) -> dict[str, UUID]:
    """The identities of those numbers that were seen before. One statement.

    `numbers` are in their normal spelling (numbers.normalize).
    """
    owners = {digest: number for number in numbers for digest in _digests(kind, number)}
    with connection.cursor() as cursor:  # one array, where the ORM would send a parameter for each
        cursor.execute(
            f"SELECT digest, identity_id FROM {Identifier._meta.db_table}"
            " WHERE kind = %s AND digest = ANY(%s::bytea[])",
            [kind.value, list(owners)],
        )
        return {owners[bytes(digest)]: identity for digest, identity in cursor.fetchall()}


def identify_many(*, kind: IdentifierKind, numbers: Iterable[str]) -> dict[str, UUID]:
    """The identities of all these numbers, made where a number was never seen; two statements for a
    thousand new ones.

    `numbers` are in their normal spelling (numbers.normalize). As safe beside `identify` and other
    callers as `identify` itself.
    """
    wanted = set(numbers)
    found = find_many(kind=kind, numbers=wanted)
    missing = iter(sorted(wanted - found.keys()))
    while batch := list(islice(missing, _BATCH)):
        found |= _make_many(kind, {number: _digests(kind, number) for number in batch})
    return found


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
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(%s)", [_lock(digests)])
        cursor.execute(_INSERT, values)
        found: UUID = cursor.fetchone()[0]
    return found


_INSERT_MANY = f"""
    WITH given AS (
        SELECT * FROM unnest(%(numbers)s::int[], %(ids)s::uuid[], %(identities)s::uuid[],
            %(digests)s::bytea[], %(key_ids)s::text[], %(sealed)s::bytea[])
            AS g(number, id, identity, digest, key_id, sealed)
    ), known AS (
        SELECT DISTINCT live.number, identifier.identity_id
        FROM unnest(%(live_numbers)s::int[], %(live_digests)s::bytea[]) AS live(number, digest)
        JOIN {Identifier._meta.db_table} identifier
            ON identifier.kind = %(kind)s AND identifier.digest = live.digest
    ), new AS (
        SELECT * FROM given WHERE number NOT IN (SELECT number FROM known)
    ), person AS (
        INSERT INTO {Identity._meta.db_table} (id, created_at) SELECT identity, %(now)s FROM new
    ), numbered AS (
        INSERT INTO {Identifier._meta.db_table} (id, identity_id, kind, key_id, digest, sealed)
        SELECT id, identity, %(kind)s, key_id, digest, sealed FROM new
    )
    SELECT number, identity_id FROM known UNION ALL SELECT number, identity FROM new
"""


def _make_many(kind: IdentifierKind, digests: Mapping[str, list[bytes]]) -> dict[str, UUID]:
    """As _make, under the same locks, which everybody takes in the same order."""
    numbers = list(digests)
    ids = [uuid.uuid4() for _ in numbers]
    sealed = [
        seal(number.encode(), bound_to=_bound(row, kind))
        for number, row in zip(numbers, ids, strict=True)
    ]
    live = [(place, digest) for place, number in enumerate(numbers) for digest in digests[number]]
    values: dict[str, Any] = {
        "kind": kind.value,
        "numbers": list(range(len(numbers))),
        "ids": ids,
        "identities": [uuid.uuid4() for _ in numbers],
        "digests": [keyed_digest(key_ring().current, kind, number) for number in numbers],
        "key_ids": [key_id for key_id, _ in sealed],
        "sealed": [text for _, text in sealed],
        "live_numbers": [place for place, _ in live],
        "live_digests": [digest for _, digest in live],
        "now": clock.now(),
    }
    locks = sorted({_lock(each) for each in digests.values()})
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("SELECT pg_advisory_xact_lock(k) FROM unnest(%s::bigint[]) k", [locks])
        cursor.execute(_INSERT_MANY, values)
        return {numbers[place]: identity for place, identity in cursor.fetchall()}


def _lock(digests: list[bytes]) -> int:
    """Of all live keys the smallest digest: the same number for everybody who holds the same keys."""
    return int.from_bytes(min(digests)[:8], "big", signed=True)


def _bound(row: UUID, kind: str) -> bytes:
    return b"identifier:" + row.bytes + kind.encode()
