"""May this institution itself use this service, now? For its programs, behind which nobody sits.

The conditions are those of `policies.CONDITIONS` that speak of the institution; there is no person,
so no grant is asked for. A service that people use by card must not be opened in this way.
"""

from datetime import datetime
from functools import cache
from uuid import UUID

from django.db import connection

from apps.access.models import Entitlement, Service
from apps.access.policies import CONDITIONS, Condition, Decision
from apps.access.terms import Reason
from apps.core import clock
from apps.institutions.models import Institution

_ASKED = (
    Reason.INSTITUTION_INACTIVE,
    Reason.SERVICE_OFF,
    Reason.WRONG_AUDIENCE,
    Reason.NOT_ENTITLED,
    Reason.ENTITLEMENT_ENDED,
    Reason.UNKNOWN_NETWORK,
)


@cache
def _conditions() -> tuple[Condition, ...]:
    return tuple(each for each in CONDITIONS if each.reason in _ASKED)


@cache
def _sql() -> str:
    cases = "\n".join(
        f"WHEN ({condition.sql}) IS NOT TRUE THEN {place}"
        for place, condition in enumerate(_conditions())
    )
    return f"""
        SELECT reached, entitlement.id
        FROM {Institution._meta.db_table} institution
        CROSS JOIN {Service._meta.db_table} service
        LEFT JOIN {Entitlement._meta.db_table} entitlement
               ON entitlement.institution_id = institution.id AND entitlement.service_id = service.code
        CROSS JOIN LATERAL (SELECT CASE {cases} ELSE {len(_conditions())} END AS reached) ladder
        WHERE institution.id = %(institution)s AND service.code = %(service)s
        ORDER BY reached DESC LIMIT 1
    """


def institution_may(
    *,
    institution: UUID | None,
    service: str,
    address: str | None = None,
    at: datetime | None = None,
) -> Decision:
    """Whether the institution may, with the entitlement that allows it. One statement.

    `address` is where the request comes from, for services that ask for a registered network.
    """
    now = at or clock.now()
    values = {
        "institution": institution,
        "service": service,
        "address": address,
        "today": clock.day_of(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_sql(), values)
        row = cursor.fetchone()
    if row is None:
        return Decision(False, Reason.SERVICE_OFF)
    reached, entitlement_id = row
    if reached == len(_conditions()):
        return Decision(True, Reason.PERMITTED, entitlement_id)
    return Decision(False, _conditions()[reached].reason, entitlement_id)
