"""Grants against the log: each opening and closing is a sealed event; a table changed by hand contradicts it.

`audit_verify` proves the events; this proves that the tables of authorization say what the events say.
"""

from dataclasses import dataclass
from uuid import UUID

from django.db import connection

from apps.access.models import Grant, GrantHistory

# Only grants given since the oldest event that is still here can be compared: months are retired.
_COMPARE = f"""
    WITH stored AS (
        SELECT id, user_id AS person, content_object_id AS entitlement, granted_at, false AS closed
        FROM {Grant._meta.db_table}
        UNION ALL
        SELECT id, person_id, entitlement_id, granted_at, true FROM {GrantHistory._meta.db_table}
    ), opened AS (
        SELECT DISTINCT ON (grant_id) grant_id, detail ->> 'person' AS person, entitlement_id, id
        FROM audit.event WHERE action = 'open_grant' AND outcome = 'permitted'
        AND grant_id IS NOT NULL ORDER BY grant_id, recorded_at
    ), closed AS (
        SELECT DISTINCT grant_id FROM audit.event
        WHERE action IN ('close_grant', 'expire_grant') AND outcome = 'permitted'
    )
    SELECT coalesce(stored.id, opened.grant_id),
        CASE
            WHEN stored.id IS NULL THEN 'is in the log (event ' || opened.id || ') and in no table'
            WHEN opened.grant_id IS NULL THEN 'stands in the table and no event opened it'
            WHEN opened.person <> stored.person::text
                THEN 'is of another person than event ' || opened.id || ' says'
            WHEN opened.entitlement_id <> stored.entitlement
                THEN 'is for another service than event ' || opened.id || ' says'
            WHEN stored.closed AND closed.grant_id IS NULL THEN 'is closed and no event closed it'
            WHEN NOT stored.closed AND closed.grant_id IS NOT NULL THEN 'is open although an event closed it'
        END AS what
    FROM stored FULL JOIN opened ON opened.grant_id = stored.id
    LEFT JOIN closed ON closed.grant_id = coalesce(stored.id, opened.grant_id)
    WHERE stored.id IS NULL
        OR stored.granted_at >= (SELECT recorded_at FROM audit.event ORDER BY recorded_at LIMIT 1)
"""


@dataclass(frozen=True)
class Contradiction:
    grant: UUID
    what: str

    def __str__(self) -> str:
        return f"grant {self.grant} {self.what}"


def compare_grants() -> list[Contradiction]:
    """What tables and log say differently about grants."""
    with connection.cursor() as cursor:
        cursor.execute(
            f"SELECT * FROM ({_COMPARE}) AS compared (id, what) WHERE what IS NOT NULL ORDER BY id"
        )
        return [Contradiction(grant, what) for grant, what in cursor.fetchall()]
