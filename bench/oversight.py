"""What a search costs in a small log and in a large one, and what exports cost beside an ORM iterator.

    make bench BENCH=oversight                      # 300,000 events against 3,000
    BENCH_EVENTS=10000000 BENCH_SMALL=100000 make bench BENCH=oversight

Prints for each key `search_<key>=<ratio>` (first page in the large log over the small one, in the
database, best of several) with both times, `deep_page=<ratio>` (a page far down over the first),
`export_ratio=<ORM seconds over COPY seconds>` for the same events, and how much memory the export took.
"""

import csv
import io
import os
import resource
import time
import uuid
from collections.abc import Callable
from datetime import timedelta

import django

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "config.settings")
django.setup()

import psycopg  # noqa: E402 (Django first)
from django.db import connection  # noqa: E402
from psycopg.conninfo import make_conninfo  # noqa: E402

from apps.audit.models import Event  # noqa: E402
from apps.audit.roles import make_database, prepare_database  # noqa: E402
from apps.core import clock  # noqa: E402
from apps.core.exports import cell  # noqa: E402
from apps.oversight import tables  # noqa: E402
from apps.oversight.criteria import Criteria  # noqa: E402
from apps.oversight.services.searching import PAGE  # noqa: E402
from config.environment import read  # noqa: E402

LARGE = int(os.environ.get("BENCH_EVENTS", "300000"))
SMALL = int(os.environ.get("BENCH_SMALL", "3000"))
EXPORTED = int(os.environ.get("BENCH_EXPORTED", "60000"))
ROUNDS = 15
DATABASE = "ankang_bench_log"
# Each person, patient and institution has as many events in the large log as in the small one.
EACH = 100

_FILL = """
    INSERT INTO audit.event (
        xid, recorded_at, shard, schema_version, salt, action, outcome, reason, actor, role, institution,
        session, workstation, card_kind, card_serial, ip, service, object_type, object_id, patient,
        purpose, consent, consent_reference, entitlement_id, grant_id, policy_version, request_id, detail)
    SELECT
        pg_current_xact_id(), now() - interval '20 days' * (1 - n::float / %(count)s), 1, 1,
        uuid_send(gen_random_uuid()),
        CASE WHEN n %% 1000 = 7 THEN 'open_shard'
             ELSE (ARRAY['show_booking', 'book_slot', 'read_card', 'query_records'])[n %% 4 + 1] END,
        CASE WHEN n %% 50 = 3 THEN 'refused' ELSE 'permitted' END,
        CASE WHEN n %% 500 = 3 THEN 'slot_full' ELSE '' END,
        lpad(to_hex(n %% %(people)s + 1), 32, '0')::uuid, 'STAFF',
        lpad(to_hex(n %% %(people)s + 1), 32, 'a')::uuid, gen_random_uuid(), gen_random_uuid(), 'HPC',
        '000012345678', '192.0.2.7', CASE WHEN n %% 100 = 9 THEN 'TCH' ELSE 'VBK' END, 'booking',
        gen_random_uuid()::text, lpad(to_hex(n %% %(people)s + 1), 32, 'b')::uuid, '', '', '',
        gen_random_uuid(), gen_random_uuid(), '', gen_random_uuid(), '{"dose": 1}'
    FROM generate_series(1, %(count)s) AS n
"""


def main() -> None:
    times = {}
    for size in (SMALL, LARGE):
        _make_log(size)
        times[size] = {name: _best(wanted) for name, wanted in _searches(size).items()}
    for name in times[LARGE]:
        small, large = times[SMALL][name], times[LARGE][name]
        print(f"search_{name}={large / small:.2f} ({small:.2f} ms, {large:.2f} ms)")
    print(f"deep_page={_deep(LARGE):.2f}")
    _measure_export()


def _searches(size: int) -> dict[str, Criteria]:
    today = clock.today()
    period = {"since": today - timedelta(days=21), "until": today}
    some = f"{size // EACH // 2:x}"
    ids = {
        "person": uuid.UUID(some.rjust(32, "0")),
        "institution": uuid.UUID(some.rjust(32, "a")),
        "patient": uuid.UUID(some.rjust(32, "b")),
    }
    words = {"service": "TCH", "action": "open_shard", "outcome": "refused", "reason": "slot_full"}
    return {
        **{name: Criteria(**period, **{name: value}) for name, value in ids.items()},
        **{name: Criteria(**period, **{name: value}) for name, value in words.items()},
        "period": Criteria(**period),
    }


def _make_log(size: int) -> None:
    """A database with nothing but the log, filled past the sealer, which is not measured here."""
    from importlib import import_module

    connection.close()
    with psycopg.connect(read("DATABASE_ADMIN_URL"), autocommit=True) as admin:
        admin.execute(f"DROP DATABASE IF EXISTS {DATABASE} WITH (FORCE)")
        make_database(admin, DATABASE)
    url = make_conninfo(read("DATABASE_ADMIN_URL"), dbname=DATABASE)
    with psycopg.connect(url, autocommit=True) as admin:
        prepare_database(admin)
        admin.execute("SET SESSION AUTHORIZATION ankang_owner")
        with admin.transaction():
            events = import_module("apps.audit.migrations.0001_access_events").read
            for name in ("events", "append", "partitions"):
                admin.execute(events(name))
            admin.execute(import_module("apps.audit.migrations.0002_sealing").read("sealing"))
            admin.execute(import_module("apps.audit.migrations.0003_search").read("search"))
            admin.execute(
                "CREATE TABLE accounts_person (id uuid PRIMARY KEY, name text);"
                "CREATE TABLE institutions_institution (id uuid PRIMARY KEY, name text, code text)"
            )
        admin.execute("RESET SESSION AUTHORIZATION")
        admin.execute(_FILL, {"count": size, "people": max(size // EACH, 1)})
        admin.execute("VACUUM ANALYZE audit.event")
    connection.settings_dict["NAME"] = DATABASE


def _best(wanted: Criteria) -> float:
    """Milliseconds of the first page as the database counts them, planning included."""
    sql, values = wanted.events().newest_first()[: PAGE + 1].query.sql_with_params()
    return min(_explained(sql, values) for _ in range(ROUNDS))


def _explained(sql: str, values: object) -> float:
    with connection.cursor() as cursor:
        cursor.execute(f"EXPLAIN (ANALYZE, FORMAT JSON) {sql}", values)
        found = cursor.fetchone()[0]
    plan = found if isinstance(found, list) else __import__("json").loads(found)
    return float(plan[0]["Execution Time"])


def _deep(size: int) -> float:
    today = clock.today()
    wanted = Criteria(since=today - timedelta(days=21), until=today)
    events = wanted.events().newest_first()
    far = events[size // 2]
    sql, values = events.before(far.cursor)[: PAGE + 1].query.sql_with_params()
    return min(_explained(sql, values) for _ in range(ROUNDS)) / _best(wanted)


def _measure_export() -> None:
    today = clock.today()
    days = max(1, round(20 * EXPORTED / LARGE))
    wanted = Criteria(since=today - timedelta(days=days), until=today)
    count = wanted.events().count()
    _timed(lambda: _copied(Criteria(since=today, until=today)))  # warm
    before = _memory()
    copied = _timed(lambda: _copied(wanted))
    grew = _memory() - before
    walked = _timed(lambda: _walked(wanted))
    print(
        f"export_ratio={walked / copied:.1f} ({count} events: {copied:.1f} s, ORM {walked:.1f} s)"
    )
    print(f"export_memory={grew / 1024:.0f} MB more")


def _timed(deed: Callable[[], object]) -> float:
    began = time.perf_counter()
    deed()
    return time.perf_counter() - began


def _memory() -> int:
    return resource.getrusage(resource.RUSAGE_SELF).ru_maxrss


def _copied(wanted: Criteria) -> int:
    """As the worker writes it, to nowhere."""
    size = 0
    with open(os.devnull, "wb") as file:  # noqa: PTH123
        for line in tables.rows(wanted.events()):
            size += file.write(line)
    return size


def _walked(wanted: Criteria) -> int:
    """What one writes first: the ORM's iterator and the csv module."""
    size = 0
    text = io.StringIO()
    writer = csv.writer(text)
    for event in wanted.events().newest_first().iterator(chunk_size=2000):
        writer.writerow([cell(value) for value in _cells(event)])
        if text.tell() > 1 << 16:
            size += text.tell()
            text.seek(0)
            text.truncate()
    return size


def _cells(event: Event) -> list[object]:
    names = (
        *(
            "id",
            "recorded_at",
            "actor",
            "role",
            "institution",
            "workstation",
            "card_kind",
            "service",
        ),
        *(
            "action",
            "outcome",
            "reason",
            "patient",
            "purpose",
            "consent",
            "result_count",
            "object_type",
        ),
        *("object_id", "detail", "ip", "grant_id", "request_id"),
    )
    return [getattr(event, name) for name in names]


if __name__ == "__main__":
    main()
