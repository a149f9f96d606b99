"""What decide() would say if something were different: other rules of a service, another card.

Built from decide()'s own conditions, so that nothing is promised that it then refuses.
"""

from collections.abc import Sequence
from functools import cache
from uuid import UUID

from django.db import connection

from apps.access.models import Service
from apps.access.policies import CONDITIONS, OF_SESSION, WAYS, ladder
from apps.access.terms import Reason
from apps.accounts.models import Person, Session
from apps.accounts.terms import CardKind
from apps.core import clock


@cache
def permitted_sessions_sql() -> str:
    """How many open sessions may use %(service)s, were its columns those of the JSON %(rules)s.

    Without the rule about networks: a session has no address, only a request has one.
    """
    table = Service._meta.db_table
    proposed = f"""(SELECT (jsonb_populate_record(stored, %(rules)s::jsonb)).*
        FROM {table} stored WHERE stored.code = %(service)s)"""
    rules = [each.sql for each in CONDITIONS if each.reason != Reason.UNKNOWN_NETWORK]
    return f"""
        SELECT count(DISTINCT session.id) {OF_SESSION} CROSS JOIN {proposed} service {WAYS}
        WHERE session.expire_date > %(now)s AND session.last_seen_at > %(seen_after)s
          AND {" AND ".join(f"({rule})" for rule in rules)}
    """


# What a card changes; of the conditions after these a newer proof or another place is the cure.
_OF_THE_CARD = (Reason.WRONG_PROFESSION, Reason.WRONG_CARD_KIND)
_CARD_FITS = 1 + max(
    place for place, condition in enumerate(CONDITIONS) if condition.reason in _OF_THE_CARD
)


@cache
def _with_card_sql() -> str:
    """For each of %(kinds)s, how far the session would get with such a card.

    Only a health professional card names a profession: the one of this session's card, and of a card
    that is still to be shown one that fits.
    """
    service, session = Service._meta.db_table, Session._meta.db_table
    profession = f"""CASE WHEN shown.kind <> '{CardKind.HPC}' THEN ''
        WHEN stored.card_kind = '{CardKind.HPC}' THEN stored.profession
        ELSE coalesce(service.professions[1], '') END"""
    return f"""
        SELECT shown.kind, max(reached)
        FROM {service} service CROSS JOIN unnest(%(kinds)s::text[]) shown(kind)
        CROSS JOIN LATERAL (
            SELECT (jsonb_populate_record(stored,
                jsonb_build_object('card_kind', shown.kind, 'profession', {profession}))).*
            FROM {session} stored WHERE stored.id = %(session)s
        ) session
        JOIN {Person._meta.db_table} person ON person.id = session.person_id
        {WAYS} CROSS JOIN LATERAL {ladder()}
        WHERE service.code = %(service)s
        GROUP BY shown.kind
    """


def cards_that_fit(
    kinds: Sequence[CardKind], *, session: UUID | None, service: str, address: str | None
) -> tuple[list[CardKind], Reason]:
    """Which of these kinds decide() would take from this session's person, in whichever role they may
    use the service, and why not where it takes none. One statement.
    """
    now = clock.now()
    values = {
        "kinds": list(kinds),
        "session": session,
        "service": service,
        "address": address,
        "now": now,
        "today": clock.day_of(now),
    }
    with connection.cursor() as cursor:
        cursor.execute(_with_card_sql(), values)
        reached: dict[str, int] = dict(cursor.fetchall())
    fit = [kind for kind in kinds if reached.get(kind, -1) >= _CARD_FITS]
    if fit:
        return fit, Reason.PERMITTED
    furthest = max(reached.values(), default=None)
    return [], Reason.SERVICE_OFF if furthest is None else CONDITIONS[furthest].reason
