"""What one decision costs in a country beside a hundredth of it, in one run.

    make bench BENCH=decide

Builds 300 institutions, 3,000 people and 10,000 grants, measures decide(), then 30,000, 300,000 and
1,000,000, measures again, and prints `ratio_big_to_small=<number>`.
Rounds over other sessions each time, so that neither side lives off one warm row. The schema is the
product's, in the benchmark's own database; the rows are made by SQL.
"""

import os
import random
import statistics
import time
from uuid import UUID

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402 (Django first)
from django.db import connection  # noqa: E402
from django.test.utils import CaptureQueriesContext  # noqa: E402
from psycopg.conninfo import conninfo_to_dict  # noqa: E402

from apps.access.models import Service  # noqa: E402
from apps.access.policies import decide  # noqa: E402
from config.environment import read  # noqa: E402

SMALL, BIG = 300, int(os.environ.get("BENCH_INSTITUTIONS", "30000"))
PEOPLE_EACH = 10
SESSIONS = 500
ROUNDS = int(os.environ.get("BENCH_ROUNDS", "4"))

# Ids that SQL and Python count alike; kind 1 institutions, 2 identities, 3 people, 4 memberships …
_ID = "('0000000' || {kind} || '-0000-4000-8000-' || lpad(({number})::text, 12, '0'))::uuid"

_BUILD = (
    """INSERT INTO institutions_institution (id, code, name, kind, contracted,
           offers_video_consultation, has_emergency_department, district_id, address, phone,
           branch, status)
       SELECT {institution}, '8' || lpad(n::text, 9, '0'), '量測藥局', 'PHARMACY', true, false, false,
              '105', '', '', '', 'ACTIVE' FROM generate_series({first}, {last}) n""",
    """INSERT INTO identities_identity (id, created_at)
       SELECT {identity}, now() FROM generate_series({first} * 10, {last} * 10 + 9) n""",
    """INSERT INTO accounts_person (id, identity_id, password, name, is_active, is_service,
           created_at)
       SELECT {person}, {identity}, '', '量測', true, false, now()
       FROM generate_series({first} * 10, {last} * 10 + 9) n""",
    """INSERT INTO access_membership (id, person_id, institution_id, role, state, valid_from,
           appointed_at)
       SELECT {membership}, {person}, {place_of_person}, 'USER', 'ACTIVE', current_date - 9, now()
       FROM generate_series({first} * 10, {last} * 10 + 9) n""",
    """INSERT INTO access_entitlement (id, institution_id, service_id, source, state, valid_from)
       SELECT {entitlement}, {place_of_entitlement},
              (ARRAY['VBK', 'BN1', 'BN2', 'BN3'])[1 + n % 4], 'OPERATOR', 'ACTIVE', current_date - 9
       FROM generate_series({first} * 4, {last} * 4 + 3) n""",
    # 10 people × 4 services a place, of which five in six are granted
    """INSERT INTO access_grant (id, permission_id, user_id, content_object_id, source, granted_at,
           reason)
       SELECT gen_random_uuid(), {permission}, {person}, {entitlement_of_grant}, 'MANAGER', now(), ''
       FROM generate_series({first} * 10, {last} * 10 + 9) n, generate_series(0, 3) s
       WHERE (n + s) % 6 <> 5""",
)


def _id(kind: int, number: str) -> str:
    return _ID.format(kind=kind, number=number)


def build(admin: psycopg.Connection, first: int, last: int) -> None:
    """Institutions numbered `first` to `last` with their people, entitlements and grants."""
    (permission,) = admin.execute(
        "SELECT id FROM auth_permission WHERE codename = 'use_service'"
    ).fetchone() or (None,)
    names = {
        "first": str(first),
        "last": str(last),
        "permission": str(permission),
        "institution": _id(1, "n"),
        "identity": _id(2, "n"),
        "person": _id(3, "n"),
        "membership": _id(4, "n"),
        "entitlement": _id(5, "n"),
        "place_of_person": _id(1, "n / 10"),
        "place_of_entitlement": _id(1, "n / 4"),
        "entitlement_of_grant": _id(5, "(n / 10) * 4 + s"),
    }
    for statement in _BUILD:
        admin.execute(statement.format(**names))
    admin.execute("VACUUM ANALYZE")


def open_sessions(admin: psycopg.Connection, institutions: int) -> list[UUID]:
    """Sessions of people spread over all institutions; those before are closed."""
    admin.execute("DELETE FROM accounts_session")
    step = max(1, institutions * PEOPLE_EACH // SESSIONS)
    rows = admin.execute(
        f"""INSERT INTO accounts_session (session_key, session_data, expire_date, id, person_id, role,
                institution_id, institution_code, institution_name, workstation_id, card_kind,
                card_issuer, card_serial, profession, card_proof_at, created_at, last_seen_at)
            SELECT 'bench-' || n, '', now() + interval '8 hours', gen_random_uuid(), {_id(3, "n")},
                'STAFF', {_id(1, "n / 10")}, '', '', {_id(9, "1")}, 'HPC', 'bench', 'c' || n, 'D',
                now(), now(), now()
            FROM generate_series(0, {institutions * PEOPLE_EACH - 1}, {step}) n RETURNING id"""
    ).fetchall()
    admin.execute("ANALYZE accounts_session")
    return [row[0] for row in rows]


def measure(sessions: list[UUID]) -> float:
    """Milliseconds of a decision: the best of ROUNDS for each session, the median of all sessions.

    Other work of the machine only adds time, so the best round is the one that it left alone.
    """
    best = dict.fromkeys(sessions, float("inf"))
    for _ in range(ROUNDS):
        random.Random(1).shuffle(sessions)
        for session in sessions:
            begun = time.perf_counter()
            decide(session=session, service="VBK")
            best[session] = min(best[session], time.perf_counter() - begun)
    return statistics.median(best.values()) * 1000


def main() -> None:
    database = conninfo_to_dict(read("DATABASE_URL"))["dbname"]
    with psycopg.connect(read("DATABASE_ADMIN_URL"), dbname=database, autocommit=True) as admin:
        admin.execute("SET session_replication_role = replica")  # empties and fills in any order
        empty(admin)
        build(admin, 0, SMALL - 1)
        sessions = open_sessions(admin, SMALL)
        small = measure(sessions)
        permitted = sum(decide(session=each, service="VBK").permit for each in sessions)
        with CaptureQueriesContext(connection) as asked:
            decide(session=sessions[0], service="VBK")
        build(admin, SMALL, BIG - 1)
        big = measure(open_sessions(admin, BIG))
        (grants,) = admin.execute("SELECT count(*) FROM access_grant").fetchone() or (0,)
        empty(admin)
    print(f"institutions={BIG} people={BIG * PEOPLE_EACH} grants={grants}")
    print(f"statements={len(asked)} permitted_of_small={permitted}/{len(sessions)}")
    print(f"small_ms={small:.3f} big_ms={big:.3f}")
    print(f"ratio_big_to_small={big / small:.2f}")


def empty(admin: psycopg.Connection) -> None:
    """Away with the rows of a run before; services of its own come back."""
    for table in (
        "accounts_session",
        "access_grant",
        "access_entitlement",
        "access_membership",
        "accounts_person",
        "identities_identity",
        "institutions_institution",
    ):
        admin.execute(f"DELETE FROM {table}")
    for number in (1, 2, 3):
        Service.objects.get_or_create(code=f"BN{number}", defaults={"position": 99})


if __name__ == "__main__":
    main()
