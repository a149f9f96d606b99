"""May this session use this service, now? One SQL statement, on each request, nothing cached
(DESIGN section 4).

CONDITIONS is read from the top: the first that does not hold is the reason. Somebody can have
several ways to a service (two memberships, an application and a unified campaign); the way that got
furthest decides, and its failure is the audited one.
"""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID

from django.db import connection

from apps.access.models import (
    Entitlement,
    Grant,
    Membership,
    NetworkApplication,
    NetworkRange,
    Practice,
    Service,
    ServiceUse,
)
from apps.access.terms import (
    EntitlementState,
    Facility,
    MembershipRole,
    MembershipState,
    NetworkState,
    ProofRecency,
    Reason,
)
from apps.accounts.models import Credential, Person, Session
from apps.accounts.terms import CredentialState, SessionRole
from apps.audit.actors import Actor
from apps.core import clock
from apps.core.statements import Along, compact
from apps.institutions.models import Institution
from apps.institutions.terms import InstitutionStatus


class Condition(NamedTuple):
    """`sql` must hold, or `reason` is why not.

    Conditions of the `moment` do not hide a service from my home.
    """

    reason: Reason
    sql: str
    moment: bool = False


def _in_force(alias: str) -> str:
    return (
        f"({alias}.valid_from <= %(today)s"
        f" AND ({alias}.valid_until IS NULL OR {alias}.valid_until >= %(today)s))"
    )


def _allows(rule: str, value: str) -> str:
    """An empty rule allows everything."""
    return f"(cardinality(service.{rule}) = 0 OR {value} = ANY(service.{rule}))"


# Until then the card need not stay, where the service says so; a new signature it never replaces.
FAST = "(service.accepts_fast_authentication AND session.card_fast_until > %(now)s)"

CONDITIONS = (
    Condition(Reason.PERSON_INACTIVE, "person.is_active"),
    Condition(
        Reason.CARD_BLOCKED,
        f"""NOT EXISTS (SELECT FROM {Credential._meta.db_table} card WHERE card.issuer = session.card_issuer
            AND card.serial = session.card_serial AND card.state = '{CredentialState.BLOCKED}')""",
    ),
    Condition(Reason.NOT_STAFF, f"session.role = '{SessionRole.STAFF}'"),
    Condition(Reason.INSTITUTION_INACTIVE, f"institution.status = '{InstitutionStatus.ACTIVE}'"),
    Condition(Reason.NO_MEMBERSHIP, "membership.id IS NOT NULL"),
    Condition(
        Reason.MEMBERSHIP_ENDED,
        f"membership.state = '{MembershipState.ACTIVE}' AND {_in_force('membership')}",
    ),
    Condition(Reason.SERVICE_OFF, "service.enabled"),
    Condition(Reason.WRONG_AUDIENCE, _allows("audience_kinds", "institution.kind")),
    Condition(
        Reason.WRONG_FACILITY,
        f"""(cardinality(service.facilities) = 0
             OR ('{Facility.EMERGENCY}' = ANY(service.facilities)
                 AND institution.has_emergency_department)
             OR ('{Facility.VIDEO}' = ANY(service.facilities)
                 AND institution.offers_video_consultation))""",
    ),
    Condition(Reason.NOT_ENTITLED, "entitlement.id IS NOT NULL"),
    Condition(
        Reason.ENTITLEMENT_ENDED,
        f"entitlement.state = '{EntitlementState.ACTIVE}' AND {_in_force('entitlement')}",
    ),
    Condition(Reason.NOT_GRANTED, "granted.id IS NOT NULL"),
    Condition(
        Reason.GRANT_EXPIRED, "(granted.valid_until IS NULL OR granted.valid_until > %(now)s)"
    ),
    Condition(
        Reason.OFFICE_LEFT,
        "(NOT granted.of_office OR institution.responsible_id = person.identity_id)",
    ),
    Condition(
        Reason.WRONG_PROFESSION,
        f"""({_allows("professions", "session.profession")}
             OR EXISTS (SELECT FROM {Practice._meta.db_table} practice
                WHERE practice.practitioner_id = person.identity_id
                  AND practice.institution_id = institution.id
                  AND practice.profession = ANY(service.professions)
                  AND (practice.valid_from IS NULL OR practice.valid_from <= %(today)s)
                  AND (practice.valid_until IS NULL OR practice.valid_until >= %(today)s)))""",
        moment=True,
    ),
    Condition(
        Reason.WRONG_CARD_KIND,
        f"""CASE WHEN membership.role = '{MembershipRole.MANAGER}'
                  AND cardinality(service.manager_card_kinds) > 0
             THEN session.card_kind = ANY(service.manager_card_kinds)
             ELSE {_allows("card_kinds", "session.card_kind")} END""",
        moment=True,
    ),
    Condition(
        Reason.NO_WORKSTATION,
        "(NOT service.needs_workstation OR session.workstation_id IS NOT NULL)",
        moment=True,
    ),
    Condition(
        Reason.UNKNOWN_NETWORK,
        f"""(NOT service.needs_network OR EXISTS (
                SELECT FROM {NetworkRange._meta.db_table} known
                JOIN {NetworkApplication._meta.db_table} asked ON asked.id = known.application_id
                WHERE asked.institution_id = institution.id
                  AND asked.state = '{NetworkState.APPROVED}'
                  AND %(address)s::inet BETWEEN known.first_address AND known.last_address))""",
        moment=True,
    ),
    Condition(
        Reason.AGENT_TOO_OLD,
        """(service.minimum_agent_version = ''
            OR string_to_array(session.agent_version, '.')::int[]
               >= string_to_array(service.minimum_agent_version, '.')::int[])""",
        moment=True,
    ),
    Condition(
        Reason.CARD_REMOVED,
        f"(NOT service.leaves_on_removal OR session.card_removed_at IS NULL OR {FAST})",
        moment=True,
    ),
    Condition(
        Reason.PROOF_TOO_OLD,
        f"""(service.recency = '{ProofRecency.SESSION}'
             OR (service.recency IN ('{ProofRecency.WITHIN}', '{ProofRecency.SLIDING}') AND {FAST})
             OR session.card_proof_at > %(now)s - make_interval(secs => service.recency_seconds)
             OR (service.recency = '{ProofRecency.SLIDING}'
                 AND EXISTS (SELECT FROM {ServiceUse._meta.db_table} used
                     WHERE used.session_id = session.id AND used.service_id = service.code
                       AND used.used_at > %(now)s - make_interval(secs => service.recency_seconds))))""",
        moment=True,
    ),
)
PASSED = len(CONDITIONS)  # how far a path gets that fulfils them all
STANDING = next(place for place, condition in enumerate(CONDITIONS) if condition.moment)


OF_SESSION = f"""
    FROM {Session._meta.db_table} session
    JOIN {Person._meta.db_table} person ON person.id = session.person_id
"""
# Every way of `session` and `person` to `service`: membership, entitlement, grant.
WAYS = f"""
    LEFT JOIN {Institution._meta.db_table} institution ON institution.id = session.institution_id
    LEFT JOIN {Membership._meta.db_table} membership
           ON membership.person_id = person.id AND membership.institution_id = institution.id
    LEFT JOIN {Entitlement._meta.db_table} entitlement
           ON entitlement.institution_id = institution.id AND entitlement.service_id = service.code
    LEFT JOIN {Grant._meta.db_table} granted
           ON granted.content_object_id = entitlement.id AND granted.user_id = person.id
"""


def ladder() -> str:
    """`reached`: how far a way gets."""
    cases = "\n".join(
        f"WHEN ({condition.sql}) IS NOT TRUE THEN {place}"
        for place, condition in enumerate(CONDITIONS)
    )
    return f"(SELECT CASE {cases} ELSE {PASSED} END AS reached) ladder"


@cache
def _decision_sql(where: str) -> str:
    """Each row: a service, how far the best way to it got, and the entitlement and grant on that way."""
    return compact(f"""
        SELECT DISTINCT ON (service.position, service.code)
               service.code, reached, entitlement.id, granted.id, service.purposes,
               service.name, service.name_en, service.url_name
        {OF_SESSION} CROSS JOIN {Service._meta.db_table} service {WAYS} CROSS JOIN LATERAL {ladder()}
        WHERE session.id = %(session)s AND {where}
        ORDER BY service.position, service.code, reached DESC
    """)


# The same of one %(service)s, along with the session that is loaded.
ALONG_WITH_SESSION = Along(
    "way.code, way.reached, way.entitlement_id, way.grant_id, way.purposes",
    f"""LEFT JOIN LATERAL (
        SELECT service.code, reached, entitlement.id AS entitlement_id, granted.id AS grant_id,
               service.purposes
        FROM {Service._meta.db_table} service {WAYS} CROSS JOIN LATERAL {ladder()}
        WHERE service.code = %(service)s ORDER BY reached DESC LIMIT 1
    ) way ON true""",
    width=5,
)
# For what is asked along with both, and is only for those who are permitted.
WAY_IS_PERMITTED = f"way.reached = {PASSED}"


@dataclass(frozen=True)
class Decision:
    """`purposes` are those for which the service is open now; none: it knows no such rule. `service`
    is its code; empty where no service was asked about.
    """

    permit: bool
    reason: Reason
    entitlement_id: UUID | None = None
    grant_id: UUID | None = None
    purposes: tuple[str, ...] = ()
    service: str = ""

    def allows(self, purpose: str) -> bool:
        """Whether a query may be for this purpose; each click on an open query asks again."""
        return not self.purposes or purpose in self.purposes


def decide(
    *, session: UUID | None, service: str, address: str | None = None, at: datetime | None = None
) -> Decision:
    """Whether the session (its public id) may use the service (its code), with the ids that allowed it.

    `address` is where the request comes from (Actor.ip); an unknown one is in no registered network.
    """
    found = _ask(
        "service.code = %(service)s", session=session, service=service, address=address, at=at
    )
    if not found:
        reason = Reason.SESSION_ENDED if _missing(session) else Reason.SERVICE_OFF
        return Decision(False, reason, service=service)
    return decision_of(found[0])


def decision_of(row: Sequence[Any]) -> Decision:
    """Of a row that begins with code, how far it got, entitlement, grant and purposes."""
    service, reached, entitlement_id, grant_id, purposes = row[:5]
    permit = reached == PASSED
    reason = Reason.PERMITTED if permit else CONDITIONS[reached].reason
    return Decision(permit, reason, entitlement_id, grant_id, tuple(purposes), service)


def services_here(*, by: Actor) -> list[Service]:
    """The services that this person may use at this institution, in their order. One statement.

    What depends on the moment (freshness of the card, kind of card) does not hide a service: it is
    asked for on entry.
    """
    return [
        Service(code=code, name=name, name_en=name_en, url_name=url_name)
        for code, reached, _, _, _, name, name_en, url_name in _ask(
            "true", session=by.session, address=by.ip
        )
        if reached >= STANDING
    ]


def _ask(
    where: str,
    *,
    session: UUID | None,
    address: str | None,
    at: datetime | None = None,
    **more: Any,
) -> list[Any]:
    if session is None:
        return []
    now = at or clock.now()
    today = clock.day_of(now)
    values = {"session": session, "address": address, "now": now, "today": today, **more}
    with connection.cursor() as cursor:
        cursor.execute(_decision_sql(where), values)
        rows: list[Any] = cursor.fetchall()
    return rows


def _missing(session: UUID | None) -> bool:
    return session is None or not Session.objects.filter(id=session).exists()


@dataclass(frozen=True)
class Standing:
    """Whether a session may act for its institution itself: as manager or as representative."""

    permit: bool
    reason: Reason


_SHARED = {condition.reason: condition for condition in CONDITIONS}
_MANAGES = (
    _SHARED[Reason.PERSON_INACTIVE],
    _SHARED[Reason.CARD_BLOCKED],
    _SHARED[Reason.NOT_STAFF],
    _SHARED[Reason.INSTITUTION_INACTIVE],
    Condition(Reason.NOT_MANAGER, "membership.id IS NOT NULL"),
    _SHARED[Reason.MEMBERSHIP_ENDED],
)
_REPRESENTS = (
    _SHARED[Reason.PERSON_INACTIVE],
    _SHARED[Reason.CARD_BLOCKED],
    Condition(Reason.NOT_REPRESENTATIVE, f"session.role = '{SessionRole.REPRESENTATIVE}'"),
    _SHARED[Reason.INSTITUTION_INACTIVE],
)


def manages(*, session: UUID | None, at: datetime | None = None) -> Standing:
    """Whether the session's person is a manager of the session's institution now. One statement."""
    return _stand(_MANAGES, session=session, at=at)


def represents(*, session: UUID | None, at: datetime | None = None) -> Standing:
    """Whether the session is the institution's own card and the institution is active."""
    return _stand(_REPRESENTS, session=session, at=at)


def _stand(
    conditions: tuple[Condition, ...], *, session: UUID | None, at: datetime | None
) -> Standing:
    now = at or clock.now()
    values = {"session": session, "now": now, "today": clock.day_of(now)}
    with connection.cursor() as cursor:
        cursor.execute(_standing_sql(conditions), values)
        row = cursor.fetchone()
    if row is None:
        return Standing(False, Reason.SESSION_ENDED)
    if row[0] == len(conditions):
        return Standing(True, Reason.PERMITTED)
    return Standing(False, conditions[row[0]].reason)


@cache
def _standing_sql(conditions: tuple[Condition, ...]) -> str:
    cases = "\n".join(
        f"WHEN ({condition.sql}) IS NOT TRUE THEN {place}"
        for place, condition in enumerate(conditions)
    )
    return f"""
        SELECT max(CASE {cases} ELSE {len(conditions)} END)
        FROM {Session._meta.db_table} session
        JOIN {Person._meta.db_table} person ON person.id = session.person_id
        LEFT JOIN {Institution._meta.db_table} institution ON institution.id = session.institution_id
        LEFT JOIN {Membership._meta.db_table} membership
               ON membership.person_id = person.id AND membership.institution_id = institution.id
              AND membership.role = '{MembershipRole.MANAGER}'
        WHERE session.id = %(session)s
        GROUP BY session.id
    """
